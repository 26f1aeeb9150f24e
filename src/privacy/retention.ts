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
import { assign, columnNames, readBatch, runBatch, sql } from "../platform/sql.ts";
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

/** Runs the next batch of a stage, and returns the round after it. */
const BATCHES: Record<Exclude<Round["stage"], "done">, (d1: D1Database, round: Round) => Promise<Round>> = {
  messages: renameMessages,
  sends: deleteSends,
  retries: deleteRetries,
  events: deleteEvents,
};

const AGGREGATED = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;

/**
 * Works on the day's round until it is done, or until `untilMs`.
 * @throws D1's error
 */
export async function workOnRetention(d1: D1Database, days: number, untilMs: number): Promise<void> {
  let round = await currentRound(d1, (Math.floor(Date.now() / DAY_MS) - days) * DAY_MS);
  while (round !== undefined && round.stage !== "done") {
    const startedAtMs = Date.now();
    const { before, ...position } = await BATCHES[round.stage](d1, round);
    const save = sql`UPDATE ${retention} SET ${assign(retention, position)} WHERE ${retention.before} = ${before}`;
    await save.prepare(d1).run();
    if (Date.now() >= untilMs) return;
    await throttle(startedAtMs);
    round = { before, ...position };
  }
}

/** The round under way, or a new one; undefined while too much of the log is not aggregated. */
async function currentRound(d1: D1Database, before: number): Promise<Round | undefined> {
  const [, , [round], [log]] = await readBatch<[never, never, Round, { unaggregated: number }]>(d1, [
    sql`UPDATE ${retention} SET ${assign(retention, { before, stage: "messages", cursor: null })}
WHERE ${retention.stage} = 'done' AND ${retention.before} < ${before}`,
    sql`INSERT INTO ${retention} (${columnNames(retention.before, retention.stage)})
SELECT ${before}, 'messages' WHERE NOT EXISTS (SELECT 1 FROM ${retention})`,
    sql`SELECT ${retention.before}, ${retention.stage}, ${retention.cursor} FROM ${retention}`,
    sql`SELECT coalesce((SELECT max(${events.seq}) FROM ${events}), 0) - ${AGGREGATED} AS unaggregated`,
  ]);
  return log !== undefined && log.unaggregated > MAX_UNAGGREGATED ? undefined : round;
}

async function renameMessages(d1: D1Database, round: Round): Promise<Round> {
  const after = cursorOf<Message>(round, { email: "", campaign: "", person: "" });
  const { email, campaign, person, since } = messageStats;
  const isAfter = sql`(${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})`;
  const order = sql`ORDER BY ${email}, ${campaign}, ${person}`;
  const lastRead = sql`SELECT ${email}, ${campaign}, ${person} FROM ${messageStats}
WHERE ${isAfter} ${order} LIMIT 1 OFFSET ${ROWS_READ - 1}`;
  const expired = sql`SELECT email, campaign, person FROM (
  SELECT ${email}, ${campaign}, ${person}, ${since} AS since FROM ${messageStats}
  WHERE ${isAfter} ${order} LIMIT ${ROWS_READ})
WHERE since < ${round.before} AND person NOT GLOB 'expired-*' AND person NOT GLOB 'erased-*'
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

/** Messages of people with events that are not aggregated yet wait for the next round. */
function renameStatement(renamed: ReturnType<typeof withPseudonyms>, before: number) {
  const { email, campaign, person, since } = messageStats;
  return sql`UPDATE ${messageStats}
SET ${assign(messageStats, { person: sql`named.value->>'pseudonym'`, recent: null })}
FROM json_each(${JSON.stringify(renamed)}) AS named
WHERE ${email} = named.value->>'email' AND ${campaign} = named.value->>'campaign'
AND ${person} = named.value->>'person' AND ${since} < ${before}
AND ${person} NOT IN (SELECT ${events.person} FROM ${events} WHERE ${events.seq} > ${AGGREGATED})`;
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
