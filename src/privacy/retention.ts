/**
 * What is older than the setting leaves the log, day by day. Guarantees that reports keep their counts: events leave only when they are
 * folded, messages stay and lose whose they were. In bounded steps, each of which may be done twice; D1 keeps how far a day's round is.
 * Messages go first, so that an event that still stands in the log leads to every message that names its person.
 * Gives up: one stand-in for a person across steps. Who got the same email from two campaigns may count as two people in the report of its
 * links.
 */
import { SEQS_PER_BLOCK } from "../events/schema.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { newPseudonym } from "./pseudonym.ts";
import { throttle } from "./throttle.ts";

const DAY_MS = 86_400_000;
/** Read at a time, of messages and of softly bounced sends. */
const ROWS_READ = 5_000;
/** Changed or deleted at a time. */
const ROWS_A_STEP = 500;
const MAX_UNAGGREGATED = 10_000;

interface Round {
  /** What is older leaves; ms since 1970 UTC. */
  readonly before: number;
  readonly stage: "messages" | "sends" | "retries" | "events" | "done";
  /** JSON: where the stage is; null at its beginning. */
  readonly cursor: string | null;
}

const NEXT_ROUND = `UPDATE retention SET before = ?1, stage = 'messages', cursor = NULL WHERE stage = 'done' AND before < ?1`;
const FIRST_ROUND = `INSERT INTO retention (before, stage) SELECT ?1, 'messages' WHERE NOT EXISTS (SELECT 1 FROM retention)`;
const ROUND = "SELECT before, stage, cursor FROM retention";
const LEFT = "SELECT coalesce((SELECT max(seq) FROM events), 0) - seq AS places FROM aggregated";

/** Goes on with the day's round until it is done, or `untilMs` has come; in ms since 1970. Throws D1's error. */
export async function workOnRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  const before = (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS;
  const [, , read, left] = await d1.batch([
    d1.prepare(NEXT_ROUND).bind(before),
    d1.prepare(FIRST_ROUND).bind(before),
    d1.prepare(ROUND),
    d1.prepare(LEFT),
  ]);
  const [{ places } = { places: 0 }] = (left?.results ?? []) as { places: number }[];
  // Each step reads what is not folded yet.
  if (places > MAX_UNAGGREGATED) return;
  let [round] = (read?.results ?? []) as (Round | undefined)[];
  while (round !== undefined && round.stage !== "done") {
    const beganMs = Date.now();
    const next: Round = await stepOf(d1, round);
    await d1
      .prepare("UPDATE retention SET stage = ?2, cursor = ?3 WHERE before = ?1")
      .bind(next.before, next.stage, next.cursor)
      .run();
    round = next;
    if (Date.now() >= untilMs) return;
    await throttle(beganMs);
  }
}

/** The round behind its next step. */
async function stepOf(d1: D1Database, round: Round): Promise<Round> {
  switch (round.stage) {
    case "messages":
      return await forgetWhose(d1, round);
    case "sends":
      return await dropSends(d1, round);
    case "retries":
      return await dropRetries(d1, round);
    case "events":
      return await dropEvents(d1, round);
    case "done":
      return round;
  }
}

type Key = readonly [email: string, campaign: string, person: string];

/** ?1 to ?3 the key to go on behind. The first row is the last of the stretch. */
const STRETCH = `SELECT email, campaign, person FROM message_stats
WHERE (email, campaign, person) > (?1, ?2, ?3) ORDER BY email, campaign, person`;
const OLD = `SELECT email, campaign, person FROM (
  SELECT email, campaign, person, since FROM message_stats WHERE (email, campaign, person) > (?1, ?2, ?3)
  ORDER BY email, campaign, person LIMIT ${ROWS_READ})
WHERE since < ?4 AND person NOT GLOB 'expired-*' AND person NOT GLOB 'erased-*'
ORDER BY email, campaign, person LIMIT ${ROWS_A_STEP + 1}`;

/** ?1 [email, campaign, person, stand-in]. Whose events are not folded yet keep their messages until the next round. */
const RENAME = `UPDATE message_stats SET person = named.value->>3, recent = NULL FROM json_each(?1) AS named
WHERE message_stats.email = named.value->>0 AND message_stats.campaign = named.value->>1 AND message_stats.person = named.value->>2
AND since < ?2 AND message_stats.person NOT IN (SELECT person FROM events WHERE seq > (SELECT seq FROM aggregated))`;

async function forgetWhose(d1: D1Database, round: Round): Promise<Round> {
  const from = keyIn(round.cursor);
  const [last, found] = await d1.batch<{ email: string; campaign: string; person: string }>([
    d1.prepare(`${STRETCH} LIMIT 1 OFFSET ${ROWS_READ - 1}`).bind(...from),
    d1.prepare(OLD).bind(...from, round.before),
  ]);
  const rows = found?.results ?? [];
  const old = rows.slice(0, ROWS_A_STEP);
  const pseudonyms = new Map<string, string>();
  const named = old
    .filter(({ person }) => !isPseudonym(person))
    .map(({ email, campaign, person }) => {
      const key = `${email}/${person}`;
      const pseudonym = pseudonyms.get(key) ?? newPseudonym("expired");
      pseudonyms.set(key, pseudonym);
      return [email, campaign, person, pseudonym];
    });
  if (named.length > 0) await d1.prepare(RENAME).bind(JSON.stringify(named), round.before).run();
  const end = rows.length > ROWS_A_STEP ? old.at(-1) : last?.results[0];
  if (end === undefined) return { ...round, stage: "sends", cursor: null };
  return { ...round, cursor: JSON.stringify([end.email, end.campaign, end.person]) };
}

function keyIn(cursor: string | null): Key {
  return cursor === null ? ["", "", ""] : (JSON.parse(cursor) as Key);
}

async function dropSends(d1: D1Database, round: Round): Promise<Round> {
  const from = round.cursor === null ? "" : (JSON.parse(round.cursor) as string);
  const end = await d1
    .prepare(
      `SELECT key FROM soft_bounced_sends WHERE key > ?1 ORDER BY key LIMIT 1 OFFSET ${ROWS_A_STEP - 1}`,
    )
    .bind(from)
    .first<string>("key");
  await d1
    .prepare("DELETE FROM soft_bounced_sends WHERE key > ?1 AND (?2 IS NULL OR key <= ?2) AND first_at < ?3")
    .bind(from, end, round.before)
    .run();
  return end === null
    ? { ...round, stage: "retries", cursor: null }
    : { ...round, cursor: JSON.stringify(end) };
}

/** They became due in the order of their places, so that the oldest are in front. */
const DROP_RETRIES = `DELETE FROM retries
WHERE seq IN (SELECT seq FROM retries ORDER BY seq LIMIT ${ROWS_A_STEP}) AND due_at < ?1`;

async function dropRetries(d1: D1Database, round: Round): Promise<Round> {
  const { meta } = await d1.prepare(DROP_RETRIES).bind(round.before).run();
  return meta.changes === 0 ? { ...round, stage: "events", cursor: null } : round;
}

/** ?1 the first block that holds something older than ?2. What is not folded yet is in none. */
const IN_BLOCK = `seq >= ?1 * ${SEQS_PER_BLOCK} AND seq < (?1 + 1) * ${SEQS_PER_BLOCK} AND seq <= (SELECT seq FROM aggregated)`;
const SOME_OLD = `SELECT seq FROM events WHERE ${IN_BLOCK} AND at < ?2 ORDER BY seq LIMIT ${ROWS_A_STEP}`;
const FORGET_EVENTS = `UPDATE suppressions SET event = NULL
WHERE event IN (SELECT id FROM events WHERE seq IN (${SOME_OLD}))`;
const DROP_EVENTS = `DELETE FROM events WHERE seq IN (${SOME_OLD})`;
const DROP_BLOCK = `DELETE FROM blocks WHERE block = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE ${IN_BLOCK})`;
const SHORTEN_BLOCK = `UPDATE blocks SET earliest = (SELECT min(at) FROM events WHERE ${IN_BLOCK}) WHERE block = ?1`;

async function dropEvents(d1: D1Database, round: Round): Promise<Round> {
  const block = await d1
    .prepare("SELECT min(block) AS block FROM blocks WHERE earliest < ?1")
    .bind(round.before)
    .first<number>("block");
  if (block === null) return { ...round, stage: "done", cursor: null };
  await d1.batch([
    d1.prepare(FORGET_EVENTS).bind(block, round.before),
    d1.prepare(DROP_EVENTS).bind(block, round.before),
    d1.prepare(DROP_BLOCK).bind(block),
    d1.prepare(SHORTEN_BLOCK).bind(block),
  ]);
  return round;
}
