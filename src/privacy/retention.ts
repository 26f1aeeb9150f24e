/**
 * Deletes events that are older than the setting, in one round a day. Guarantees that reports keep their counts: only
 * aggregated events are deleted, and messages stay under a pseudonym. Works in bounded batches that may run twice; D1
 * holds the position of the round. Messages come before events, so that every event in the log leads to all messages
 * that name its person. Waits neither for statistics nor for erasures, and works while D1 is full: then events are
 * deleted first, until there is room for pseudonyms.
 *
 * Gives up one pseudonym for a person across batches: who got the same email from two campaigns may count as two
 * people in its link report. And while more than MAX_UNAGGREGATED seqs wait for statistics, an event that comes so late
 * may count as a message of its own.
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
import { database } from "../platform/database.ts";
import { isStorageFull } from "../platform/errors.ts";
import { assign, columnNames, rawSql, readBatch, runBatch, type Sql, sql } from "../platform/sql.ts";
import { MESSAGE_FLAGS } from "../reports/index.ts";
import type { Message } from "../tokens/claims.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { newPseudonym } from "./pseudonym.ts";
import { MAX_UNAGGREGATED, throttle } from "./throttle.ts";

const DAY_MS = 86_400_000;
/** Messages that a batch reads. */
const ROWS_READ = 5_000;
/** Rows that a batch changes or deletes. */
const ROWS_PER_BATCH = 500;

type Round = typeof retention.$inferSelect;

/** Runs the next batch of a stage, and returns the round after it: the same one when the stage goes on. */
type Batch = (d1: D1Database, round: Round) => Promise<Round>;

const BATCHES: Record<Exclude<Round["stage"], "done">, Batch> = {
  messages: renameMessages,
  sends: deleteSends,
  retries: deleteRetries,
  events: deleteEvents,
};

const FORGOTTEN = rawSql(String(MESSAGE_FLAGS.forgotten));

const AGGREGATED = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;

/**
 * Works on the round under way, or on the day's, until it is done, or until `untilMs`.
 * @throws D1's error
 */
export async function workOnRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  const before = (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS;
  const last = await lastRound(d1);
  if (last !== undefined && (last.stage !== "done" || last.before >= before)) return await workOn(d1, last, untilMs);
  const begun = { before, stage: "messages", cursor: null } as const;
  const begin =
    last === undefined
      ? sql`INSERT INTO ${retention} (${columnNames(retention.before, retention.stage)})
SELECT ${before}, ${begun.stage} WHERE NOT EXISTS (SELECT 1 FROM ${retention})`
      : sql`UPDATE ${retention} SET ${assign(retention, begun)}
WHERE ${retention.before} = ${last.before} AND ${retention.stage} = 'done'`;
  await store(d1, begin);
  await workOn(d1, begun, untilMs);
}

/**
 * Works on the round under way, if there is one, until it is done, or until `untilMs`.
 * @throws D1's error
 */
export async function resumeRetention(d1: D1Database, untilMs: number): Promise<void> {
  const last = await lastRound(d1);
  if (last !== undefined) await workOn(d1, last, untilMs);
}

async function lastRound(d1: D1Database): Promise<Round | undefined> {
  const [round] = await database(d1).select().from(retention);
  return round;
}

async function workOn(d1: D1Database, begun: Round, untilMs: number): Promise<void> {
  let round = begun;
  while (round.stage !== "done") {
    const startedAtMs = Date.now();
    const { before, ...position } = await afterBatch(d1, round, BATCHES[round.stage]);
    await store(d1, sql`UPDATE ${retention} SET ${assign(retention, position)} WHERE ${retention.before} = ${before}`);
    if (Date.now() >= untilMs) return;
    await throttle(startedAtMs);
    round = { before, ...position };
  }
}

/** Stores the position, unless D1 is full: a batch may run twice. */
async function store(d1: D1Database, position: Sql): Promise<void> {
  try {
    await position.prepare(d1).run();
  } catch (error) {
    if (!isStorageFull(error)) throw error;
  }
}

async function afterBatch(d1: D1Database, round: Round, batch: Batch): Promise<Round> {
  try {
    return await batch(d1, round);
  } catch (error) {
    // A pseudonym takes more room than most ids. What is deleted makes room for it.
    if (isStorageFull(error) && (await deleteOldest(d1, round))) return round;
    throw error;
  }
}

/** Returns whether anything was deleted. */
async function deleteOldest(d1: D1Database, round: Round): Promise<boolean> {
  const afterRetries = await deleteRetries(d1, round);
  const afterEvents = await deleteEvents(d1, round);
  return afterRetries === round || afterEvents === round;
}

async function renameMessages(d1: D1Database, round: Round): Promise<Round> {
  const after = cursorOf<Message>(round, { email: "", campaign: "", person: "" });
  const { email, campaign, person, since, flags } = messageStats;
  const isAfter = sql`(${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})`;
  const order = sql`ORDER BY ${email}, ${campaign}, ${person}`;
  const lastRead = sql`SELECT ${email}, ${campaign}, ${person} FROM ${messageStats}
WHERE ${isAfter} ${order} LIMIT 1 OFFSET ${ROWS_READ - 1}`;
  const expired = sql`SELECT email, campaign, person FROM (
  SELECT ${email}, ${campaign}, ${person}, ${since} AS since, ${flags} & ${FORGOTTEN} AS isForgotten
  FROM ${messageStats}
  WHERE ${isAfter} ${order} LIMIT ${ROWS_READ})
WHERE since < ${round.before} AND NOT isForgotten
ORDER BY email, campaign, person LIMIT ${ROWS_PER_BATCH + 1}`;
  const [[last], found] = await readBatch<[Message, Message]>(d1, [lastRead, expired]);
  const batch = found.slice(0, ROWS_PER_BATCH);
  const renamed = withPseudonyms(batch);
  if (renamed.length > 0) await renameStatement(renamed, round.before).prepare(d1).run();
  return next(round, "sends", found.length > ROWS_PER_BATCH ? batch.at(-1) : last);
}

/** One pseudonym for each person of an email. */
function withPseudonyms(messages: readonly Message[]) {
  const named = messages.filter(({ person }) => !isPseudonym(person));
  const byPerson = Map.groupBy(named, ({ email, person }) => `${email}/${person}`);
  return [...byPerson.values()].flatMap((ofPerson) => {
    const pseudonym = newPseudonym("expired");
    return ofPerson.map((message) => ({ ...message, pseudonym }));
  });
}

/**
 * Messages of people with events that are not aggregated yet wait for the next round. Looks at the next
 * MAX_UNAGGREGATED events, because each batch reads them.
 */
function renameStatement(renamed: ReturnType<typeof withPseudonyms>, before: number) {
  const { email, campaign, person, since, flags } = messageStats;
  const changed = { person: sql`named.value->>'pseudonym'`, flags: sql`${flags} | ${FORGOTTEN}`, recent: null };
  return sql`UPDATE ${messageStats} SET ${assign(messageStats, changed)}
FROM json_each(${JSON.stringify(renamed)}) AS named
WHERE ${email} = named.value->>'email' AND ${campaign} = named.value->>'campaign'
AND ${person} = named.value->>'person' AND ${since} < ${before}
AND ${person} NOT IN (
  SELECT ${events.person} FROM ${events} WHERE ${events.seq} > ${AGGREGATED}
  ORDER BY ${events.seq} LIMIT ${MAX_UNAGGREGATED})`;
}

async function deleteSends(d1: D1Database, round: Round): Promise<Round> {
  const { key, firstAt } = softBouncedSends;
  const isAfter = sql`${key} > ${cursorOf(round, "")}`;
  const last = sql`SELECT ${key} FROM ${softBouncedSends} WHERE ${isAfter}
ORDER BY ${key} LIMIT 1 OFFSET ${ROWS_PER_BATCH - 1}`;
  const end = await last.prepare(d1).first<string>("key");
  const isInBatch = end === null ? isAfter : sql`${isAfter} AND ${key} <= ${end}`;
  await sql`DELETE FROM ${softBouncedSends} WHERE ${isInBatch} AND ${firstAt} < ${round.before}`.prepare(d1).run();
  return next(round, "retries", end);
}

/** Deletes the oldest retries, which have the lowest seqs: a retry gets its seq when it becomes due. */
async function deleteRetries(d1: D1Database, round: Round): Promise<Round> {
  const { seq, dueAt } = retries;
  const remove = sql`DELETE FROM ${retries}
WHERE ${seq} IN (SELECT ${seq} FROM ${retries} ORDER BY ${seq} LIMIT ${ROWS_PER_BATCH}) AND ${dueAt} < ${round.before}`;
  const { meta } = await remove.prepare(d1).run();
  return meta.changes === 0 ? next(round, "events", null) : round;
}

/** Deletes old events of the first block that has any. Events that are not aggregated yet are in no block. */
async function deleteEvents(d1: D1Database, round: Round): Promise<Round> {
  const { before } = round;
  const { seq, at } = events;
  const first = sql`SELECT min(${blocks.block}) AS block FROM ${blocks} WHERE ${blocks.earliest} < ${before}`;
  const block = await first.prepare(d1).first<number>("block");
  if (block === null) return next(round, "done", null);
  const isInBlock = sql`${seq} >= ${block * SEQS_PER_BLOCK} AND ${seq} < ${(block + 1) * SEQS_PER_BLOCK}
AND ${seq} <= ${AGGREGATED}`;
  const oldSeqs = sql`(SELECT ${seq} FROM ${events} WHERE ${isInBlock} AND ${at} < ${before}
ORDER BY ${seq} LIMIT ${ROWS_PER_BATCH})`;
  const earliest = sql`(SELECT min(${at}) FROM ${events} WHERE ${isInBlock})`;
  await runBatch(d1, [
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { event: null })}
WHERE ${suppressions.event} IN (SELECT ${events.id} FROM ${events} WHERE ${seq} IN ${oldSeqs})`,
    sql`DELETE FROM ${events} WHERE ${seq} IN ${oldSeqs}`,
    sql`DELETE FROM ${blocks}
WHERE ${blocks.block} = ${block} AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${isInBlock})`,
    sql`UPDATE ${blocks} SET ${assign(blocks, { earliest })} WHERE ${blocks.block} = ${block}`,
  ]);
  return round;
}

function cursorOf<Cursor>({ cursor }: Round, first: Cursor): Cursor {
  return cursor === null ? first : (JSON.parse(cursor) as Cursor);
}

/** The round after a batch that read up to the key `last`; the next stage begins when there is none. */
function next(round: Round, nextStage: Round["stage"], last: Message | string | null | undefined): Round {
  if (last === null || last === undefined) return { ...round, stage: nextStage, cursor: null };
  return { ...round, cursor: JSON.stringify(last) };
}
