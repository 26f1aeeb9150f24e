/**
 * Pages of the log. Guarantees that a reader who goes on after `next` until `more` is false, and again later, gets
 * every activity that the filter passes exactly once: `seq` ascends in the order of recording, and D1, one thread,
 * makes rows visible in that order. Gives up full pages: a page reads a bounded range of the log, and may hold fewer
 * rows than it has room for.
 */
import { events, names } from "../events/schema.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
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

/** Where a page begins, and how many rows it may have. */
export interface PageRange {
  /** The seq behind which the page begins. */
  readonly after: number;
  /** At most so many rows. */
  readonly limit: number;
}

/** Selects a page's rows (`ActivityRow`), and one more when there is one. */
export function selectPage({ after, limit }: PageRange, { types, people, emails, sinceMs }: ActivityFilter): Sql {
  return sql`${SELECT_ACTIVITY}
    WHERE ${events.seq} > ${after} AND ${events.seq} <= ${after + SEQS_PER_PAGE} AND ${events.at} >= ${sinceMs}
    AND ${isOneOf(events.type, types)}
    AND ${people === undefined ? sql`true` : isOneOf(events.person, people)}
    AND ${emails === undefined ? sql`true` : isOneOf(events.email, emails)}
    ORDER BY ${events.seq} LIMIT ${limit + 1}`;
}

/** The row that `SELECT_HIGHEST_SEQ` selects. */
export interface HighestSeq {
  /** Null while the log is empty. */
  readonly seq: number | null;
}

export const SELECT_HIGHEST_SEQ = sql`SELECT max(${events.seq}) AS seq FROM ${events}`;

/**
 * The page of what one transaction read by `selectPage` and `SELECT_HIGHEST_SEQ`: the log's end must belong to the same
 * snapshot as the rows.
 */
export function activityPage(
  { after, limit }: PageRange,
  found: readonly ActivityRow[],
  [highest]: readonly HighestSeq[],
): ActivityPage {
  const rows = found.slice(0, limit);
  const last = rows.at(-1)?.seq;
  if (found.length > limit && last !== undefined) return { rows, next: last, more: true };
  const end = after + SEQS_PER_PAGE;
  const highestSeq = highest?.seq ?? 0;
  return { rows, next: Math.min(end, highestSeq), more: end < highestSeq };
}
