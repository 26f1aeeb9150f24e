/**
 * Soft-bounced sends, their schedules and their retries, in D1. One schedule a send: a late soft bounce starts no
 * second one. `retries` grows in the order of seq. Both lose what has ended when the message leaves D1
 * (leaving.ts).
 */
import type { Column } from "drizzle-orm";
import type { Bounce } from "../events/bounce.ts";
import { events, people, retries, softBouncedSends } from "../events/schema.ts";
import { deliveredId, hardBouncedId, type Send, sentId } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import {
  assign,
  assignExcluded,
  columnName,
  columnNames,
  excluded,
  isOneOf,
  namedAs,
  type Sql,
  sql,
} from "../platform/sql.ts";
import { attemptOf, RETRIED_MS, slotOffsetsMs } from "./schedule.ts";

/** A send, as its schedule holds it. */
export type SendRow = Pick<
  typeof softBouncedSends.$inferSelect,
  "key" | "email" | "person" | "campaign" | "send" | "address" | "firstAt"
>;

/** A send whose next slot is due. */
export type DueSend = SendRow & { readonly slot: number; readonly dueAt: number };

/** A retry as D1 holds it, with its send. */
export type RetryRow = SendRow &
  Pick<typeof retries.$inferSelect, "seq" | "id" | "slot" | "dueAt"> & {
    /** JSON of the bounce that started the schedule. */
    readonly bounce: string;
    /** The person's address as the sender reported it; null when unknown. */
    readonly knownAddress: string | null;
    /** The send's first slot that is not due yet. */
    readonly nextSlot: number;
  };

/** When the next retry is due, in ms since 1970 UTC; null: none is. */
export interface Earliest {
  readonly dueAt: number | null;
}

/** A soft bounce that is being logged. */
export interface SoftBouncedSend {
  readonly key: string;
  readonly message: Send;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
  readonly atMs: number;
  readonly bounce: Bounce;
}

/** When a send is known to have been tried. */
export interface Attempt {
  readonly key: string;
  readonly atMs: number;
}

export interface ScheduleTimes {
  /** RETRY_HOURS. */
  readonly retryHours: readonly number[];
  readonly nowMs: number;
}

/**
 * The statements that give soft-bounced sends their schedule. They change nothing for a send that has one, was
 * delivered or has bounced hard, so repeating them is harmless. The first attempt is the Sent that is logged when
 * they run: in a batch they belong behind the events.
 */
export function scheduleStatements(
  d1: D1Database,
  sends: readonly SoftBouncedSend[],
  { retryHours, nowMs }: ScheduleTimes,
): D1PreparedStatement[] {
  const rows = sends
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ message, ...bounced }) => JSON.stringify({ ...message, ...bounced }));
  const offsetsMs = slotOffsetsMs(retryHours);
  return jsonArrays(rows).map((batch) => scheduleSql(batch, offsetsMs, nowMs).prepare(d1));
}

/**
 * `rows`: a JSON array of soft bounces. `offsetsMs`: how long after the first attempt each slot is due. Slots that have
 * passed are left out, except the last: it is due at once when the bounce was reported late. Of addresses that
 * contradict each other the first in the alphabet counts, whichever is reported first.
 */
function scheduleSql(rows: string, offsetsMs: readonly number[], nowMs: number): Sql {
  const { key, email, person, campaign, send, address, firstAt, bounce, slot, dueAt } = softBouncedSends;
  const { slots, isLeft } = slotsSql(sql`first_at`, offsetsMs, nowMs);
  return sql`WITH bounced AS MATERIALIZED (
    SELECT key AS nth, value AS row, value->>'key' AS send_key,
      min(value->>'atMs', ${nowMs},
        coalesce((SELECT ${events.at} FROM ${events}
          WHERE ${events.uniqueId} = ${sentId("")} || (value->>'key')), ${nowMs})
      ) AS first_at
    FROM json_each(${rows}))
  INSERT INTO ${softBouncedSends}
    (${columnNames(key, email, person, campaign, send, address, firstAt, bounce, slot, dueAt)})
  SELECT send_key, row->>'email', row->>'person', row->>'campaign', row->>'send', row->>'address',
    first_at, row->>'bounce',
    (SELECT count(*) FROM ${slots} WHERE NOT ${isLeft}),
    (SELECT min(first_at + slots.value) FROM ${slots} WHERE ${isLeft})
  FROM bounced
  WHERE NOT ${hasOutcome(sql`send_key`)}
  ORDER BY nth
  ON CONFLICT (${columnName(key)}) DO UPDATE SET ${assignExcluded(address)}
    WHERE ${excluded(address)} IS NOT NULL AND (${address} IS NULL OR ${excluded(address)} < ${address})`;
}

/**
 * The statements that count schedules from attempts before the first one that was known: an earlier soft bounce, or the
 * Sent. As if they had been reported in order, slots that have passed are left out. A schedule of which a retry was
 * recorded stays.
 */
export function moveSchedules(
  d1: D1Database,
  attempts: readonly Attempt[],
  { retryHours, nowMs }: ScheduleTimes,
): D1PreparedStatement[] {
  const { key, firstAt, slot, dueAt } = softBouncedSends;
  const { slots, isLeft } = slotsSql(sql`attempted_at`, slotOffsetsMs(retryHours), nowMs);
  const retryBefore = sql`(SELECT 1 FROM ${retries} WHERE ${retries.id} = ${key} || '-' || (${slot} - 1))`;
  const moved = assign(softBouncedSends, {
    firstAt: sql`attempted_at`,
    slot: sql`(SELECT count(*) FROM ${slots} WHERE NOT ${isLeft} OR slots.key < ${slot})`,
    dueAt: sql`(SELECT min(attempted_at + slots.value) FROM ${slots} WHERE ${isLeft} AND slots.key >= ${slot})`,
  });
  const statements = jsonArrays(attempts.map((attempt) => JSON.stringify(attempt))).map(
    (rows) => sql`UPDATE ${softBouncedSends} SET ${moved} FROM (
      SELECT value->>'key' AS send_key, min(value->>'atMs') AS attempted_at FROM json_each(${rows})
      GROUP BY value->>'key')
    WHERE ${key} = send_key AND attempted_at < ${firstAt} AND ${dueAt} IS NOT NULL AND NOT EXISTS ${retryBefore}`,
  );
  return statements.map((statement) => statement.prepare(d1));
}

/** The slots as a table, and whether one of them is left after a first attempt at `firstAt`. */
function slotsSql(firstAt: Sql, offsetsMs: readonly number[], nowMs: number) {
  const isLeft = sql`(${firstAt} + slots.value > ${nowMs}
    OR (slots.key = ${offsetsMs.length - 1} AND ${firstAt} + ${RETRIED_MS} >= ${nowMs}))`;
  return { slots: sql`json_each(${JSON.stringify(offsetsMs)}) AS slots`, isLeft };
}

/** Whether the log has an outcome of a send that ends its schedule: it was delivered, or bounced hard. */
export function hasOutcome(key: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events}
    WHERE ${events.uniqueId} IN (${deliveredId("")} || ${key}, ${hardBouncedId("")} || ${key}))`;
}

/**
 * The attempt that each send is at, by its key: one behind its last retry; keys without a retry are left out, whose
 * attempt is the first.
 */
export async function attemptsOf(d1: D1Database, keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const statement = sql`SELECT ${retries.key}, max(${retries.slot}) AS slot
    FROM json_each(${JSON.stringify([...new Set(keys)])}) AS sends CROSS JOIN ${retries}
    ON ${isRetryOf(sql`sends.value`)} GROUP BY ${retries.key}`.prepare(d1);
  const { results } = await retryOnce(() => statement.all<{ key: string; slot: number }>());
  return new Map(results.map(({ key, slot }) => [key, attemptOf(slot)]));
}

/**
 * Whether a retry is of the send with this key, found by the index of ids: they begin with the key and a hyphen, which
 * "." follows in ASCII.
 */
export function isRetryOf(key: Sql | Column): Sql {
  return sql`(${retries.id} > ${key} || '-' AND ${retries.id} < ${key} || '.' AND ${retries.key} = ${key})`;
}

/** The statement whose only row is an `Earliest`. */
export function earliestStatement(d1: D1Database): D1PreparedStatement {
  const { dueAt } = softBouncedSends;
  return sql`SELECT min(${dueAt}) AS dueAt FROM ${softBouncedSends} WHERE ${dueAt} IS NOT NULL`.prepare(d1);
}

export async function earliestDueAt(d1: D1Database): Promise<number | null> {
  return await retryOnce(() => earliestStatement(d1).first<number>("dueAt"));
}

/** A bounce that names no address is of the one that the Sent names, whenever that is reported. */
export const MAILED_ADDRESS = sql`coalesce(${softBouncedSends.address}, (
    SELECT ${events.detail}->>'address' FROM ${events}
    WHERE ${events.uniqueId} = ${sentId("")} || ${softBouncedSends.key}))`;

const sendColumns = {
  key: softBouncedSends.key,
  email: softBouncedSends.email,
  person: softBouncedSends.person,
  campaign: softBouncedSends.campaign,
  send: softBouncedSends.send,
  address: MAILED_ADDRESS,
  firstAt: softBouncedSends.firstAt,
};

/** Sends whose next slot is due, the longest waiting first. */
export async function dueSends(d1: D1Database, nowMs: number, limit: number): Promise<DueSend[]> {
  const { slot, dueAt } = softBouncedSends;
  const query = sql`SELECT ${namedAs<DueSend>({ ...sendColumns, slot, dueAt })} FROM ${softBouncedSends}
    WHERE ${dueAt} <= ${nowMs} ORDER BY ${dueAt} LIMIT ${limit}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<DueSend>());
  return results;
}

/** The retries after a seq, oldest first. */
export async function retriesAfter(d1: D1Database, seq: number, limit: number): Promise<RetryRow[]> {
  return await retryRows(d1, sql`${retries.seq} > ${seq} ORDER BY ${retries.seq} LIMIT ${limit}`);
}

/** Those that are still there. */
export async function retriesWithIds(d1: D1Database, ids: readonly string[]): Promise<RetryRow[]> {
  return await retryRows(d1, isOneOf(retries.id, ids));
}

async function retryRows(d1: D1Database, which: Sql): Promise<RetryRow[]> {
  const { seq, id, slot, dueAt } = retries;
  const { bounce, slot: nextSlot } = softBouncedSends;
  const knownAddress = people.address;
  const columns = namedAs<RetryRow>({ ...sendColumns, seq, id, slot, dueAt, bounce, nextSlot, knownAddress });
  const query = sql`SELECT ${columns} FROM ${retries}
    JOIN ${softBouncedSends} ON ${softBouncedSends.key} = ${retries.key}
    LEFT JOIN ${people} ON ${people.person} = ${softBouncedSends.person}
    WHERE ${which}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<RetryRow>());
  return results;
}
