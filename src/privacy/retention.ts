/**
 * Deletes events that are older than the setting, in one round a day. Guarantees that reports keep their counts while
 * statistics are aggregated at all: events are deleted once they are aggregated, and messages stay under a pseudonym.
 * Works in bounded batches that may run twice; D1 holds the position of the round. A message keeps its person as long
 * as an event of it is in the log, so that the person's messages lead to all of their events. Waits neither for
 * statistics nor for erasures: events that have waited for statistics since another day are deleted uncounted. While D1
 * is full, and takes nothing but DELETE, events are deleted first, until there is room for pseudonyms.
 *
 * Gives up one pseudonym for a person across batches: who got the same email from two campaigns may count as two
 * people in its link report. And while more than MAX_UNAGGREGATED seqs wait for statistics, an event that comes so late
 * may count as a message of its own.
 */
import { mayBeInArchive } from "../archive/index.ts";
import { retention } from "../events/privacy-schema.ts";
import {
  aggregated,
  earlierSeqs,
  events,
  messageStats,
  SEQS_PER_RANGE,
  seqRanges,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { isStorageFull } from "../platform/errors.ts";
import { assign, rawSql, readBatch, runBatch, type Sql, sql } from "../platform/sql.ts";
import { WITHOUT_EVENT } from "../suppressions/index.ts";
import type { Message } from "../tokens/claims.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { deleteOldest, oldestRetries, warnOfUncounted } from "./delete-oldest.ts";
import { newPseudonym } from "./pseudonym.ts";
import { beginStatement, lastRound, type Round } from "./round.ts";
import { MAX_UNAGGREGATED, throttle } from "./throttle.ts";

/** Messages that a batch reads. */
const ROWS_READ = 5_000;
/** Rows that a batch changes or deletes. */
const ROWS_PER_BATCH = 500;

/** Runs the next batch of a stage, and returns the round after it: the same one when the stage goes on. */
type Batch = (d1: D1Database, round: Round) => Promise<Round>;

const BATCHES: Readonly<Record<Exclude<Round["stage"], "done">, Batch>> = {
  sends: deleteSends,
  retries: deleteRetries,
  events: deleteEvents,
  messages: renameMessages,
  unaggregated: deleteUnaggregated,
};

const AGGREGATED = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;

/**
 * Works on the round under way, or on the day's, until it is done, or until `untilMs`.
 * @throws D1's error
 */
export async function workOnRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  const keptFromMs = keptFrom(days);
  let deletedSeq = 0;
  for (;;) {
    const startedAtMs = Date.now();
    const last = await lastRound(d1);
    const isToBegin = last === undefined || (last.stage === "done" && last.before < keptFromMs);
    if (!isToBegin) return await workOn(d1, last, keptFromMs, untilMs);
    const hasRoom = await store(d1, beginStatement(last, keptFromMs, deletedSeq));
    if (hasRoom) continue;
    const deleted = Date.now() >= untilMs ? undefined : await deleteOldest(d1, keptFromMs);
    if (deleted === undefined) return;
    deletedSeq = Math.max(deletedSeq, deleted);
    await throttle(startedAtMs);
  }
}

/**
 * Works on the round under way, if there is one, until it is done, or until `untilMs`.
 * @throws D1's error
 */
export async function resumeRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  const last = await lastRound(d1);
  if (last !== undefined) await workOn(d1, last, keptFrom(days), untilMs);
}

/** Events that happened before this time are deleted. It changes once a day. */
export function keptFrom(days: number): number {
  return (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS;
}

async function workOn(d1: D1Database, begun: Round, keptFromMs: number, untilMs: number): Promise<void> {
  let round = begun;
  while (round.stage !== "done") {
    const startedAtMs = Date.now();
    round = await afterBatch(d1, round, keptFromMs);
    const { before, stage, cursor } = round;
    const deletedSeq = sql`max(${retention.deletedSeq}, ${round.deletedSeq})`;
    const position = assign(retention, { stage, cursor, deletedSeq });
    await store(d1, sql`UPDATE ${retention} SET ${position} WHERE ${retention.before} = ${before}`);
    if (Date.now() >= untilMs) return;
    await throttle(startedAtMs);
  }
}

/** Returns false when D1 is full; a position that is not stored makes a batch run twice. */
async function store(d1: D1Database, position: Sql): Promise<boolean> {
  try {
    await position.prepare(d1).run();
    return true;
  } catch (error) {
    if (isStorageFull(error)) return false;
    throw error;
  }
}

/** @param keptFromMs the setting's: later than the round's, when somebody lowers the setting because D1 is full */
async function afterBatch(d1: D1Database, round: Round, keptFromMs: number): Promise<Round> {
  try {
    return round.stage === "done" ? round : await BATCHES[round.stage](d1, round);
  } catch (error) {
    // A pseudonym takes more room than most ids. What is deleted makes room for it.
    const keptMs = Math.max(round.before, keptFromMs);
    const deleted = isStorageFull(error) ? await deleteOldest(d1, keptMs) : undefined;
    if (deleted === undefined) throw error;
    return { ...round, deletedSeq: Math.max(round.deletedSeq, deleted) };
  }
}

/** Renames old messages whose events have all left the log. */
async function renameMessages(d1: D1Database, round: Round): Promise<Round> {
  const after = cursorOf<Message>(round, { email: "", campaign: "", person: "" });
  const { email, campaign, person, since, seqs } = messageStats;
  const isAfter = sql`(${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})`;
  const order = sql`ORDER BY ${email}, ${campaign}, ${person}`;
  const lastRead = sql`SELECT ${email}, ${campaign}, ${person} FROM ${messageStats}
WHERE ${isAfter} ${order} LIMIT 1 OFFSET ${ROWS_READ - 1}`;
  const old = sql`SELECT email, campaign, person FROM (
  SELECT ${email}, ${campaign}, ${person}, ${since} AS since,
    (${seqs} IS NOT NULL OR ${person} NOT LIKE '~%') AS isToRename
  FROM ${messageStats} WHERE ${isAfter} ${order} LIMIT ${ROWS_READ})
WHERE since < ${round.before} AND isToRename
ORDER BY email, campaign, person LIMIT ${ROWS_PER_BATCH + 1}`;
  const [[last], found] = await readBatch<[Message, Message]>(d1, [lastRead, old]);
  const batch = found.slice(0, ROWS_PER_BATCH);
  if (batch.length > 0) await runBatch(d1, renameStatements(JSON.stringify(withPseudonyms(batch)), round));
  return next(round, "unaggregated", found.length > ROWS_PER_BATCH ? batch.at(-1) : last);
}

/** One pseudonym for each person of an email. Whoever has one already keeps it. */
function withPseudonyms(messages: readonly Message[]) {
  const byPerson = Map.groupBy(messages, ({ email, person }) => `${email}/${person}`);
  return [...byPerson.values()].flatMap((ofPerson) => {
    const pseudonym = newPseudonym("expired");
    return ofPerson.map((message) => ({
      ...message,
      pseudonym: isPseudonym(message.person) ? message.person : pseudonym,
    }));
  });
}

/**
 * Messages of people with events that are not aggregated yet wait for the next round, unless those are deleted in this
 * one. Considers the next MAX_UNAGGREGATED events only, because each batch reads them.
 */
function renameStatements(rows: string, { before, waitedSeq }: Round): readonly Sql[] {
  const { email, campaign, person, since, recent, seqs } = messageStats;
  const pseudonym = sql`named.value->>'pseudonym'`;
  const isSame = sql`${person} = ${pseudonym}`;
  const named = sql`json_each(${rows}) AS named`;
  const earlier = sql`(${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person})`;
  // A seq between the ends of the archive may be that of an event that has moved on: then the message waits for them.
  const mayBeArchived = mayBeInArchive(rawSql("listed.value"));
  const hasEvents = (lists: Sql) => sql`EXISTS (SELECT 1 FROM ${lists} AS listed
  WHERE ${mayBeArchived} OR EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} = listed.value))`;
  return [
    sql`UPDATE ${messageStats} SET ${assign(messageStats, {
      person: pseudonym,
      recent: sql`iif(${isSame}, ${recent}, NULL)`,
      seqs: null,
    })} FROM ${named}
WHERE ${email} = named.value->>'email' AND ${campaign} = named.value->>'campaign'
AND ${person} = named.value->>'person' AND ${since} < ${before}
AND NOT ${hasEvents(sql`json_each(${seqs})`)}
AND NOT EXISTS (SELECT 1 FROM ${earlierSeqs}
  WHERE ${earlier} = (${email}, ${campaign}, ${person}) AND ${hasEvents(sql`json_each(${earlierSeqs.seqs})`)})
AND ${person} NOT IN (
  SELECT person FROM (
    SELECT ${events.person} AS person, ${events.seq} <= ${waitedSeq} AND ${events.at} < ${before} AS isToGo
    FROM ${events} WHERE ${events.seq} > ${AGGREGATED} ORDER BY ${events.seq} LIMIT ${MAX_UNAGGREGATED})
  WHERE NOT isToGo)`,
    sql`DELETE FROM ${earlierSeqs}
WHERE ${earlier} IN (SELECT value->>'email', value->>'campaign', value->>'person' FROM ${named})
AND NOT EXISTS (SELECT 1 FROM ${messageStats}
  WHERE (${email}, ${campaign}, ${person}) = ${earlier} AND ${seqs} IS NOT NULL)`,
  ];
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

async function deleteRetries(d1: D1Database, round: Round): Promise<Round> {
  const { meta } = await oldestRetries(round.before).prepare(d1).run();
  return meta.changes === 0 ? next(round, "events", null) : round;
}

/**
 * Deletes old events of the first range that has any. The last range may hold events that are not aggregated; they
 * stay.
 */
async function deleteEvents(d1: D1Database, round: Round): Promise<Round> {
  const { before } = round;
  const { seq, at } = events;
  const firstOld = sql`SELECT min(${seqRanges.number}) AS first FROM ${seqRanges}
WHERE ${seqRanges.earliest} < ${before}`;
  const number = await firstOld.prepare(d1).first<number>("first");
  if (number === null) return next(round, "messages", null);
  const isInRange = sql`${seq} >= ${number * SEQS_PER_RANGE} AND ${seq} < ${(number + 1) * SEQS_PER_RANGE}
AND ${seq} <= ${AGGREGATED}`;
  const oldSeqs = sql`(SELECT ${seq} FROM ${events} WHERE ${isInRange} AND ${at} < ${before}
ORDER BY ${seq} LIMIT ${ROWS_PER_BATCH})`;
  const deleted = await deleteSeqs(d1, oldSeqs);
  // The earliest time of a range takes a read of all of it. Until it is updated it is old, so the range is found again.
  if (deleted === ROWS_PER_BATCH) return round;
  const earliest = sql`(SELECT min(${at}) FROM ${events} WHERE ${isInRange})`;
  await runBatch(d1, [
    sql`DELETE FROM ${seqRanges}
WHERE ${seqRanges.number} = ${number} AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${isInRange})`,
    sql`UPDATE ${seqRanges} SET ${assign(seqRanges, { earliest })} WHERE ${seqRanges.number} = ${number}`,
  ]);
  return round;
}

/** Deletes old events that have waited for statistics for too long, and would be in the log for ever. */
async function deleteUnaggregated(d1: D1Database, round: Round): Promise<Round> {
  const { seq, at } = events;
  const { before, waitedSeq } = round;
  const isAfter = sql`${seq} > max(${AGGREGATED}, ${cursorOf(round, 0)}) AND ${seq} <= ${waitedSeq}`;
  const last = sql`SELECT ${seq} FROM ${events} WHERE ${isAfter} ORDER BY ${seq} LIMIT 1 OFFSET ${ROWS_PER_BATCH - 1}`;
  const end = await last.prepare(d1).first<number>("seq");
  const isInBatch = end === null ? isAfter : sql`${isAfter} AND ${seq} <= ${end}`;
  const oldSeqs = sql`(SELECT ${seq} FROM ${events} WHERE ${isInBatch} AND ${at} < ${before})`;
  warnOfUncounted(await deleteSeqs(d1, oldSeqs));
  return next(round, "done", end);
}

/** Returns how many events it has deleted. */
async function deleteSeqs(d1: D1Database, seqs: Sql): Promise<number> {
  const { deletedSeq } = retention;
  const last = sql`max(${deletedSeq}, coalesce((SELECT max(${events.seq}) FROM ${events}
WHERE ${events.seq} IN ${seqs}), 0))`;
  const results = await runBatch(d1, [
    sql`UPDATE ${retention} SET ${assign(retention, { deletedSeq: last })}`,
    sql`UPDATE ${suppressions} SET ${WITHOUT_EVENT}
WHERE ${suppressions.event} IN (SELECT ${events.id} FROM ${events} WHERE ${events.seq} IN ${seqs})`,
    sql`DELETE FROM ${events} WHERE ${events.seq} IN ${seqs}`,
  ]);
  return results.at(-1)?.meta.changes ?? 0;
}

function cursorOf<Cursor>({ cursor }: Round, first: Cursor): Cursor {
  return cursor === null ? first : (JSON.parse(cursor) as Cursor);
}

/** The round after a batch that read up to the key `last`; the next stage begins when there is none. */
function next(round: Round, nextStage: Round["stage"], last: Message | string | number | null | undefined): Round {
  if (last === null || last === undefined) return { ...round, stage: nextStage, cursor: null };
  return { ...round, cursor: JSON.stringify(last) };
}
