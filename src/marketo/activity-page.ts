/**
 * Pages of the log. Guarantees that a reader who goes on after `next` until `more` is false, and again later, gets
 * every activity that the filter passes exactly once: `seq` ascends in the order of recording, and D1, one thread,
 * makes rows visible in that order. Gives up full pages: a page reads a bounded range of the log, and may hold fewer
 * rows than it has room for.
 */
import type { Column } from "drizzle-orm";
import { aggregated, blocks, events, names, SEQS_PER_BLOCK } from "../events/schema.ts";
import { runBatch, type Sql, sql } from "../platform/sql.ts";
import type { ActivityRow } from "./activity.ts";

/** A page reads at most so many seqs, whatever the filter passes: about 20 ms of D1. */
const SEQS_PER_PAGE = 50_000;

export interface ActivityFilter {
  /** Of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
  /** Persons' ids; undefined: everybody. */
  readonly people?: readonly string[] | undefined;
  /** Emails' ids; undefined: all. */
  readonly emails?: readonly string[] | undefined;
  /** Happened at this time or later. */
  readonly sinceMs: number;
}

export interface ActivityPage {
  readonly rows: readonly ActivityRow[];
  /** The seq to go on after. */
  readonly next: number;
  /** Whether there is more to read already. */
  readonly more: boolean;
}

/** Selects an `ActivityRow`. */
export const SELECT_ACTIVITY = sql`SELECT ${events.seq}, ${events.id}, ${events.type}, ${events.at}, ${events.email},
  ${events.person}, ${events.campaign}, ${events.linkId} AS linkId, ${events.link}, ${events.userAgent} AS userAgent,
  ${events.isBot} AS isBot, ${events.botPattern} AS botPattern, ${events.detail}, ${names.name} AS emailName
  FROM ${events} LEFT JOIN ${names} ON ${names.kind} = 'email' AND ${names.id} = ${events.email}`;

/** Whether a column is one of `values`, however many they are: D1 binds at most 100 parameters. */
export function isOneOf(column: Column, values: readonly (string | number)[]): Sql {
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/**
 * Reads a page, and a statement of the caller's in the same transaction: one round trip.
 * @param after the seq behind which the page begins
 * @param limit at most so many rows
 * @throws D1's error
 */
export async function readPage<Other>(
  d1: D1Database,
  after: number,
  limit: number,
  { types, people, emails, sinceMs }: ActivityFilter,
  other: Sql,
): Promise<{ readonly page: ActivityPage; readonly other: readonly Other[] }> {
  const end = after + SEQS_PER_PAGE;
  const highest = sql`SELECT max(${events.seq}) AS seq FROM ${events}`;
  const rows = sql`${SELECT_ACTIVITY}
    WHERE ${events.seq} > ${after} AND ${events.seq} <= ${end} AND ${events.at} >= ${sinceMs}
    AND ${isOneOf(events.type, types)}
    AND ${people === undefined ? sql`true` : isOneOf(events.person, people)}
    AND ${emails === undefined ? sql`true` : isOneOf(events.email, emails)}
    ORDER BY ${events.seq} LIMIT ${limit + 1}`;
  const [{ results: others }, { results: top }, { results: found }] = (await runBatch(d1, [other, highest, rows])) as [
    D1Result<Other>,
    D1Result<{ readonly seq: number | null }>,
    D1Result<ActivityRow>,
  ];
  return { page: pageOf(found, limit, end, top[0]?.seq ?? 0), other: others };
}

function pageOf(found: readonly ActivityRow[], limit: number, end: number, highest: number): ActivityPage {
  const rows = found.slice(0, limit);
  const last = rows.at(-1)?.seq;
  if (found.length > limit && last !== undefined) return { rows, next: last, more: true };
  return { rows, next: Math.min(end, highest), more: end < highest };
}

/** A seq behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  const query = sql`SELECT coalesce(
    (SELECT min(${blocks.block}) FROM ${blocks} WHERE ${blocks.latest} >= ${sinceMs}) * ${SEQS_PER_BLOCK} - 1,
    (SELECT ${aggregated.seq} FROM ${aggregated}), 0) AS seq`;
  return (await query.prepare(d1).first<number>("seq")) ?? 0;
}
