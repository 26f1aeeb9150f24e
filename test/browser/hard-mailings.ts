/**
 * Mailings that are hard to show: two hundred campaigns, a million clicks on a link, names that are long, Arabic or
 * HTML, and a single message.
 */
import type { LocalD1, LocalWorker } from "../../src/dev/local-worker.ts";

export const HOSTILE = '<img src=x onerror="alert(1)"></title><script>alert(1)</script>';
export const ARABIC = "عرض الخريف: خصم 50٪ على كل شيء";
export const LONG = `Newsletter_${"n".repeat(150)} and then some words of its own`.padEnd(200, "z");
/** Its link has a million clicks. */
export const MILLION = "9001";
/** Of a single message. */
export const SINGLE = "9002";
export const CAMPAIGN = "900";

const CLICKERS = 2_000;
const MILLIONS_URL = `https://shop.example/${"very-long-path/".repeat(20)}?utm_campaign=${"x".repeat(200)}`;

export async function seedHardMailings({ origin, apiKey, d1 }: LocalWorker): Promise<void> {
  const database = await d1();
  const link = await describe(origin, apiKey);
  const nowMs = Date.now();
  await run(database, [
    ...names(),
    // Two thousand people with five hundred clicks each.
    `WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${CLICKERS})
    INSERT INTO message_stats (email, campaign, person, since, flags, outcome_at, clicks)
    SELECT '${MILLION}', '${CAMPAIGN}', 'p' || n, ${nowMs - 3_600_000}, 1 | 2 | 128, ${nowMs},
      json_object('${link}', json_object('people', 500, 'bots', 0)) FROM n`,
    `WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200)
    INSERT INTO message_stats (email, campaign, person, since, flags)
    SELECT 'many', 'c' || n, 'p1', ${nowMs} - n * 60000, 1 FROM n`,
    `INSERT INTO message_stats (email, campaign, person, since, flags)
    VALUES ('${SINGLE}', '${CAMPAIGN}', 'p1', ${nowMs - 7_200_000}, 1)`,
    `INSERT INTO mailings (email, campaign, first_at, last_at)
    SELECT email, campaign, min(since), max(since) FROM message_stats
    WHERE email IN ('${MILLION}', '${SINGLE}', 'many') GROUP BY 1, 2`,
  ]);
}

/** Returns the id of its link. */
async function describe(origin: string, apiKey: string): Promise<string> {
  const html = `<p>Dear reader, <a href="${MILLIONS_URL}">everything is cheaper</a> than it was.</p>`;
  const answer = await fetch(`${origin}/v1/emails`, {
    method: "POST",
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ email: { id: MILLION, name: LONG }, html }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  const source = await fetch(`${origin}/v1/emails/${MILLION}/source`, {
    headers: { Authorization: `Bearer ${apiKey}` },
  });
  const [, id] = /#waxseal-link-([\w-]+)/.exec(await source.text()) ?? [];
  if (id === undefined) throw new Error("the email has no link");
  return id;
}

function names(): readonly string[] {
  const all = [
    ["email", SINGLE, HOSTILE],
    ["campaign", CAMPAIGN, ARABIC],
    ["campaign", "c1", "<b>bold</b> & “quoted”"],
  ] as const;
  return all.map(
    ([kind, id, name]) =>
      `INSERT INTO names (kind, id, name, folded) VALUES ('${kind}', '${id}', '${name}', lower('${name}'))`,
  );
}

async function run(database: LocalD1, statements: readonly string[]): Promise<void> {
  await database.batch(statements.map((text) => database.prepare(text)));
}
