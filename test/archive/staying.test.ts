/** What stays of archived events in D1, and for how long. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { recallFiled, recallMessages } from "../../src/archive/index.ts";
import { bounceCounts } from "../../src/reports/bounces.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { logRows, type Row, recordInTime } from "../marketo/marketo.ts";
import { emptyAll, erase } from "../privacy/people-world.ts";
import { UNASKED } from "../reports/policy.ts";
import { archiveAll, moveAllMessages, rewriteAll, rewriteAllFiles, wholeLog, withoutArchive } from "./whole-log.ts";

const AT = Date.UTC(2026, 5, 1, 10);
const SOFT = JSON.stringify({ category: 3, details: "452 full" });
const HARD = JSON.stringify({ category: 2, details: "550 unknown" });
const SENT: Row = { type: 6, email: "1", campaign: "x", person: "soft", at: AT };
const AUTOMATED = { detail: JSON.stringify({ automatedOpen: "postmark" }), user_agent: "Bot" };
const LOG: readonly Row[] = [
  SENT,
  { ...SENT, type: 27, at: AT + 1, detail: SOFT },
  { ...SENT, type: 7, at: AT + 2 },
  { ...SENT, type: 0, at: AT + 3, ...AUTOMATED },
  { ...SENT, type: 8, person: "hard", at: AT + 4, detail: HARD },
  { ...SENT, type: 8, person: "suppressed", at: AT + 5, detail: HARD, id: "hard/suppressed" },
  { ...SENT, type: 9, person: "gone", at: AT + 6, detail: JSON.stringify({ cause: "form" }) },
  { ...SENT, type: 0, person: "gone", at: AT + 7, detail: JSON.stringify({ cause: "form" }) },
  { ...SENT, type: 11, at: AT + 8, link_id: "l1", link: "https://a.example/?who=both" },
  { ...SENT, type: 11, person: "hard", at: AT + 9, link_id: "l1", link: "https://a.example/?who=both" },
  { ...SENT, person: "last", at: AT + 10 },
];

/** The archived events that D1 has, each as its type and person. */
async function staying(): Promise<readonly string[]> {
  const floor = "SELECT coalesce(max(last), 0) FROM segments";
  const { results } = await env.DB.prepare(
    `SELECT type || ' ' || person AS event FROM events WHERE seq <= (${floor}) ORDER BY seq`,
  ).all<{ event: string }>();
  return results.map(({ event }) => event);
}

async function reportedBounces(): Promise<readonly string[]> {
  const counts = await bounceCounts(env.DB, { bots: "exclude" }, { bounces: 100, words: 100 });
  return (counts ?? []).map(({ type, bounces }) => `${bounces} ${type}`).toSorted();
}

const everyRow = () => wholeLog("SELECT * FROM events ORDER BY seq");

const BOUNCES = ["27 soft", "8 hard", "8 suppressed"];
const FIRST_CLICKS = ["11 soft", "11 hard"];
const DECISIONS = ["9 gone", "0 gone"];
const ALL_REPORTED = ["1 soft_bounced", "2 hard_bounced"];

beforeEach(async () => {
  await emptyAll();
  await withoutArchive();
  await logRows(...LOG);
  await recordInTime();
  await env.DB.prepare(
    `INSERT INTO suppressions (subject, reason, source, since, cause, event)
      VALUES ('address:a@a.example', 'invalid', 'hard/suppressed', ${AT}, 'unknown', 'hard/suppressed')`,
  ).run();
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
});

describe("of archived events", () => {
  it("bounces and first clicks stay and come back with their message; what suppresses somebody stays", async () => {
    const before = await everyRow();
    await archiveAll(4);
    expect(await staying()).toEqual([...BOUNCES, ...DECISIONS, ...FIRST_CLICKS]);
    expect(await reportedBounces()).toEqual(ALL_REPORTED);
    await moveAllMessages();
    await rewriteAll();
    expect(await staying()).toEqual(["8 suppressed", ...DECISIONS]);
    expect(await everyRow()).toEqual(before);
    await recallFiled(env, [{ person: "soft" }, { person: "hard" }, { person: "suppressed" }]);
    expect(await staying()).toEqual(expect.arrayContaining([...BOUNCES, ...FIRST_CLICKS]));
    expect(await reportedBounces()).toEqual(ALL_REPORTED);
    // Whichever goes back first.
    await rewriteAll();
    expect(await reportedBounces()).toEqual(ALL_REPORTED);
    await rewriteAllFiles();
    await rewriteAll();
    expect(await staying()).toEqual(["8 suppressed", ...DECISIONS]);
    expect(await everyRow()).toEqual(before);
  });

  it("first clicks say whose a link's URL is, also after they have left", async () => {
    await archiveAll(4);
    await moveAllMessages();
    await rewriteAll();
    const link = async () => await env.DB.prepare("SELECT url, first_clicks AS clicks FROM links").first();
    const url = "https://a.example/?who=both";
    expect(await link()).toEqual({ url, clicks: "[9,10]" });
    await logRows({ ...SENT, type: 11, at: AT + 20, link_id: "l1", link: url });
    await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
    expect(await link()).toEqual({ url, clicks: "[9,10]" });
    await moveAllMessages();
    await rewriteAllFiles();
    await rewriteAll();
    await erase({ person: "soft" });
    expect(await link()).toMatchObject({ url });
    await erase({ person: "hard" });
    expect(await link()).toMatchObject({ url: "https://a.example/" });
  });

  it("those that D1 decides about are read of R2 once, however often somebody writes about their message", async () => {
    await archiveAll(1);
    const soft = [{ email: "1", campaign: "x", person: "soft" }];
    const edition = { number: 0, floor: 10, hasMessageFiles: 0 } as const;
    await recallMessages(env, soft, edition);
    await env.DB.prepare("UPDATE recalled SET used_at = 0").run();
    const ARCHIVE = { get: () => Promise.reject(new Error("R2 is read")) } as unknown as R2Bucket;
    await recallMessages({ ...env, ARCHIVE }, soft, edition);
    const relied = "SELECT seq FROM recalled WHERE used_at > 0 ORDER BY seq";
    expect((await env.DB.prepare(relied).raw()).flat()).toEqual([1, 2, 3, 4, 9]);
  });

  it("schedules of retries leave with their message, once they have ended", async () => {
    const send = "INSERT INTO soft_bounced_sends (key, email, person, campaign, first_at, bounce, slot, due_at)";
    await env.DB.batch(
      [
        `${send} VALUES ('1/soft/x/s1', '1', 'soft', 'x', ${AT}, '{}', 2, NULL)`,
        `${send} VALUES ('1/soft/x/s2', '1', 'soft', 'x', ${AT}, '{}', 0, ${AT})`,
        `${send} VALUES ('1/soft2/x/', '1', 'soft2', 'x', ${AT}, '{}', 2, NULL)`,
        `INSERT INTO retries (id, key, slot, due_at) VALUES ('1/soft/x/s1-0', '1/soft/x/s1', 0, ${AT})`,
        `INSERT INTO retries (id, key, slot, due_at) VALUES ('1/soft2/x/-0', '1/soft2/x/', 0, ${AT})`,
      ].map((text) => env.DB.prepare(text)),
    );
    await moveAllMessages();
    const keysOf = async (table: string) =>
      (await env.DB.prepare(`SELECT key FROM ${table} ORDER BY key`).raw()).flat();
    expect(await keysOf("soft_bounced_sends")).toEqual(["1/soft/x/s2", "1/soft2/x/"]);
    expect(await keysOf("retries")).toEqual(["1/soft2/x/"]);
  });

  it("none stays that is archived behind its message, but for decisions", async () => {
    await moveAllMessages();
    await archiveAll(4);
    expect(await staying()).toEqual(["8 suppressed", ...DECISIONS]);
  });
});
