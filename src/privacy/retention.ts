/**
 * Deletes events that are older than the setting, in one round a day. Guarantees that reports keep their counts: only
 * aggregated events are deleted, and messages stay under a pseudonym. Works in bounded batches that may run twice; D1
 * holds the position of the round. Messages come before events, so that every event in the log leads to all messages
 * that name its person. Gives up one pseudonym for a person across batches: who got the same email from two campaigns
 * may count as two people in its link report.
 */
import {
  aggregated,
  blocks,
  events,
  messageStats,
  retention,
  retries,
  SEQS_PER_BLOCK,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import { runBatch, sql } from "../platform/sql.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { newPseudonym } from "./pseudonym.ts";
import { MAX_UNAGGREGATED, throttle } from "./throttle.ts";

const DAY_MS = 86_400_000;
/** Messages that a batch reads. */
const ROWS_READ = 5_000;
/** Rows that a batch changes or deletes. */
const ROWS_PER_BATCH = 500;

interface Round {
  /** Older events are deleted; ms since 1970 UTC. */
  readonly before: number;
  readonly stage: "messages" | "sends" | "retries" | "events" | "done";
  /** JSON: the last key that the stage has read; null at its beginning. */
  readonly cursor: string | null;
}

/**
 * Works on the day's round until it is done, or until `untilMs` (ms since 1970 UTC).
 * @throws D1's error
 */
export async function workOnRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  let round = await currentRound(d1, (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS);
  while (round !== undefined && round.stage !== "done") {
    const startedAtMs = Date.now();
    round = await afterBatch(d1, round);
    await sql`UPDATE ${retention} SET stage = ${round.stage}, cursor = ${round.cursor}
WHERE before = ${round.before}`
      .prepare(d1)
      .run();
    if (Date.now() >= untilMs) return;
    await throttle(startedAtMs);
  }
}

/** The round under way, or a new one; undefined while too much of the log is not aggregated. */
async function currentRound(d1: D1Database, before: number): Promise<Round | undefined> {
  const [, , rounds, log] = await runBatch(d1, [
    sql`UPDATE ${retention} SET before = ${before}, stage = 'messages', cursor = NULL
WHERE stage = 'done' AND before < ${before}`,
    sql`INSERT INTO ${retention} (before, stage)
SELECT ${before}, 'messages' WHERE NOT EXISTS (SELECT 1 FROM ${retention})`,
    sql`SELECT ${retention.before}, ${retention.stage}, ${retention.cursor} FROM ${retention}`,
    sql`SELECT coalesce((SELECT max(${events.seq}) FROM ${events}), 0) - ${aggregated.seq} AS unaggregated
FROM ${aggregated}`,
  ]);
  const [{ unaggregated } = { unaggregated: 0 }] = (log?.results ?? []) as { unaggregated: number }[];
  const [round] = (rounds?.results ?? []) as Round[];
  return unaggregated > MAX_UNAGGREGATED ? undefined : round;
}

/** Runs the next batch, and returns the round after it. */
async function afterBatch(d1: D1Database, round: Round): Promise<Round> {
  switch (round.stage) {
    case "messages":
      return await renameMessages(d1, round);
    case "sends":
      return await deleteSends(d1, round);
    case "retries":
      return await deleteRetries(d1, round);
    case "events":
      return await deleteEvents(d1, round);
    case "done":
      return round;
  }
}

interface MessageKey {
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
}

async function renameMessages(d1: D1Database, round: Round): Promise<Round> {
  const { email, campaign, person } = messageKeyIn(round.cursor);
  const isAfter = sql`(email, campaign, person) > (${email}, ${campaign}, ${person})`;
  const lastRead = sql`SELECT email, campaign, person FROM ${messageStats}
WHERE ${isAfter} ORDER BY email, campaign, person LIMIT 1 OFFSET ${ROWS_READ - 1}`;
  const expired = sql`SELECT email, campaign, person FROM (
  SELECT email, campaign, person, since FROM ${messageStats} WHERE ${isAfter}
  ORDER BY email, campaign, person LIMIT ${ROWS_READ})
WHERE since < ${round.before} AND person NOT GLOB 'expired-*' AND person NOT GLOB 'erased-*'
ORDER BY email, campaign, person LIMIT ${ROWS_PER_BATCH + 1}`;
  const [last, found] = await runBatch<MessageKey>(d1, [lastRead, expired]);
  const rows = found?.results ?? [];
  const batch = rows.slice(0, ROWS_PER_BATCH);
  const renamed = withPseudonyms(batch);
  if (renamed.length > 0) await renameStatement(renamed, round.before).prepare(d1).run();
  const end = rows.length > ROWS_PER_BATCH ? batch.at(-1) : last?.results[0];
  return end === undefined ? { ...round, stage: "sends", cursor: null } : { ...round, cursor: JSON.stringify(end) };
}

/** One pseudonym for each person of an email. */
function withPseudonyms(keys: readonly MessageKey[]) {
  const pseudonyms = new Map<string, string>();
  return keys
    .filter(({ person }) => !isPseudonym(person))
    .map((message) => {
      const key = `${message.email}/${message.person}`;
      const pseudonym = pseudonyms.get(key) ?? newPseudonym("expired");
      pseudonyms.set(key, pseudonym);
      return { ...message, pseudonym };
    });
}

/** Messages of people with events that are not aggregated yet wait for the next round. */
function renameStatement(renamed: readonly (MessageKey & { readonly pseudonym: string })[], before: number) {
  return sql`UPDATE ${messageStats} SET person = named.value->>'pseudonym', recent = NULL
FROM json_each(${JSON.stringify(renamed)}) AS named
WHERE ${messageStats.email} = named.value->>'email' AND ${messageStats.campaign} = named.value->>'campaign'
AND ${messageStats.person} = named.value->>'person' AND ${messageStats.since} < ${before}
AND ${messageStats.person} NOT IN (SELECT person FROM ${events} WHERE seq > (SELECT seq FROM ${aggregated}))`;
}

function messageKeyIn(cursor: string | null): MessageKey {
  return cursor === null ? { email: "", campaign: "", person: "" } : (JSON.parse(cursor) as MessageKey);
}

async function deleteSends(d1: D1Database, round: Round): Promise<Round> {
  const after = round.cursor === null ? "" : (JSON.parse(round.cursor) as string);
  const { key, firstAt } = softBouncedSends;
  const last = sql`SELECT ${key} FROM ${softBouncedSends} WHERE ${key} > ${after}
ORDER BY ${key} LIMIT 1 OFFSET ${ROWS_PER_BATCH - 1}`;
  const end = await last.prepare(d1).first<string>("key");
  const isInBatch = end === null ? sql`${key} > ${after}` : sql`${key} > ${after} AND ${key} <= ${end}`;
  await sql`DELETE FROM ${softBouncedSends} WHERE ${isInBatch} AND ${firstAt} < ${round.before}`.prepare(d1).run();
  return end === null ? { ...round, stage: "retries", cursor: null } : { ...round, cursor: JSON.stringify(end) };
}

/** Deletes the oldest retries, which have the lowest seqs: a retry gets its seq when it becomes due. */
async function deleteRetries(d1: D1Database, round: Round): Promise<Round> {
  const { meta } = await sql`DELETE FROM ${retries}
WHERE ${retries.seq} IN (SELECT seq FROM ${retries} ORDER BY seq LIMIT ${ROWS_PER_BATCH})
AND ${retries.dueAt} < ${round.before}`
    .prepare(d1)
    .run();
  return meta.changes === 0 ? { ...round, stage: "events", cursor: null } : round;
}

/** Deletes old events of the first block that has any. Events that are not aggregated yet are in no block. */
async function deleteEvents(d1: D1Database, round: Round): Promise<Round> {
  const { before } = round;
  const block = await sql`SELECT min(${blocks.block}) AS block FROM ${blocks} WHERE ${blocks.earliest} < ${before}`
    .prepare(d1)
    .first<number>("block");
  if (block === null) return { ...round, stage: "done", cursor: null };
  const isInBlock = sql`seq >= ${block * SEQS_PER_BLOCK} AND seq < ${(block + 1) * SEQS_PER_BLOCK}
AND seq <= (SELECT seq FROM ${aggregated})`;
  const oldSeqs = sql`SELECT seq FROM ${events} WHERE ${isInBlock} AND at < ${before}
ORDER BY seq LIMIT ${ROWS_PER_BATCH}`;
  await runBatch(d1, [
    sql`UPDATE ${suppressions} SET event = NULL
WHERE event IN (SELECT id FROM ${events} WHERE seq IN (${oldSeqs}))`,
    sql`DELETE FROM ${events} WHERE seq IN (${oldSeqs})`,
    sql`DELETE FROM ${blocks} WHERE block = ${block} AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${isInBlock})`,
    sql`UPDATE ${blocks} SET earliest = (SELECT min(at) FROM ${events} WHERE ${isInBlock}) WHERE block = ${block}`,
  ]);
  return round;
}
