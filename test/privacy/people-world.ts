/** Erases people, and looks for what is left of them in D1. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { workOnErasures } from "../../src/privacy/erase.ts";
import { erasureProgress, requestErasure } from "../../src/privacy/erasures.ts";
import { type ErasureSubject, subjectOf } from "../../src/privacy/subject.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { decorateFor, newSend, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";

const settings = settingsOf(env);
if (!settings.ok) throw new Error(settings.reason.join(" "));
/** The policy of the settings. */
export const POLICY = settings.value.bots;

const FOR_EVER = Number.POSITIVE_INFINITY;
const DAY = 86_400_000;

/** Works on all erasures, without the pauses between batches that leave D1 to requests. */
export async function eraseAtOnce(around: Pick<Env, "DB" | "OUTBOX"> = env, untilMs = FOR_EVER): Promise<void> {
  await workOnErasures({ ...env, ...around }, POLICY, untilMs, () => Promise.resolve());
}

/** Requests an erasure and completes it. Returns its id. */
export async function erase(whom: ErasureSubject, around: Pick<Env, "DB" | "OUTBOX"> = env): Promise<string> {
  const id = await requestErasure(env.DB, subjectOf(whom), Date.now());
  await eraseAtOnce(around);
  const erasure = await erasureProgress(env.DB, id);
  if (erasure?.doneAtMs === undefined) throw new Error("the erasure is not done");
  return id;
}

const TABLES = [
  "events",
  "people",
  "other_addresses",
  "names",
  "suppressions",
  "lifts",
  "soft_bounced_sends",
  "retries",
  "message_stats",
  "earlier_seqs",
  "recalled_messages",
  "links",
  "erasures",
] as const;

/** Empties the log and all that is known of people: no test counts what another has left. */
export async function emptyAll(): Promise<void> {
  await emptyLog();
  const tables = [
    ...["people", "other_addresses", "suppressions", "lifts", "soft_bounced_sends", "retries"],
    ...["erasures", "retention"],
  ];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
}

/** The tables that hold a text in any value. */
export async function tablesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of TABLES) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
    if (results.some((row) => Object.values(row).some((value) => String(value).includes(text)))) found.push(table);
  }
  return found;
}

export async function rowsOf<Row = Record<string, unknown>>(query: string, ...values: unknown[]): Promise<Row[]> {
  return (
    await env.DB.prepare(query)
      .bind(...values)
      .all<Row>()
  ).results;
}

/** Aggregates all that is logged. */
export const aggregate = () => aggregateLog(env, POLICY, FOR_EVER);

/** The reports of emails, campaigns and links over the whole log. */
export async function reports() {
  await aggregate();
  const now = Date.now();
  return {
    emails: await emailCounts(env.DB, { bots: "include" }, { by: "email", limit: 100 }, now),
    people: await emailCounts(env.DB, { bots: "exclude" }, { by: "campaign", limit: 100 }, now),
    links: await linkCounts(env.DB, { email: "7", bots: "include" }),
  };
}

let people = 0;

/** Logs a person who was mailed, opened, clicked and unsubscribed, and whose send bounced softly. */
export async function somebody() {
  const send = newSend();
  const { person, address } = send;
  const { email, campaign } = send;
  await decorateFor({ person, address });
  await reportOutcomes(
    send,
    { type: "sent" },
    { type: "soft_bounced", details: `452 4.2.2 ${address} is full`, status: "4.2.2", category: 3 },
  );
  const message = { email, person, campaign };
  await logRows(
    { type: 10, person, user_agent: "Mozilla/5.0 (iPhone)", at: Date.now() - DAY },
    {
      type: 11,
      person,
      link_id: `own${people++}`,
      link: `https://shop.example/cart?who=${person}#${person}`,
      user_agent: "Mozilla/5.0 (iPhone)",
      at: Date.now() - DAY / 2,
    },
  );
  const body = new URLSearchParams({ reason: `I, ${address}, want no more` });
  const unsubscribed = await ask(`/u/${token("unsubscribe", message)}?who=${person}`, {
    method: "POST",
    body,
  });
  expect(unsubscribed.status).toBe(200);
  return send;
}
