/**
 * Pages of the log. Guarantees that a reader who goes on after `next` until `more` is false, and again later, gets
 * every activity that the filter passes exactly once: `seq` ascends in the order of recording, and D1, one thread,
 * makes rows visible in that order. Gives up full pages: a page reads a bounded stretch of the log, and may hold fewer
 * rows than it has room for.
 */
import { findScopes, type StoredScopes } from "../access/authorize.ts";
import {
  type ArchivedEvent,
  type ArchivedRows,
  FLOOR,
  type LogStores,
  readBehind,
  TABLE,
  withArchived,
} from "../archive/index.ts";
import { NOW_MS, seqRecordedBefore } from "../events/recorded.ts";
import { aggregated, events, names } from "../events/schema.ts";
import { columnName, isOneOf, readBatch, type Sql, sql } from "../platform/sql.ts";
import type { ActivityRow } from "./activity.ts";

/** A page reads at most so many seqs, whatever the filter passes: about 20 ms of D1. */
export const SEQS_PER_ACTIVITY_PAGE = 50_000;

/** Bots are looked for each minute; a reader waits for that no longer, should it have stopped. */
const MAX_WAIT_FOR_BOTS_MS = 600_000;

export interface ActivityFilter {
  /** Ids of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
  /** Persons' ids; undefined: everybody. */
  readonly people?: readonly string[] | undefined;
  /** Emails' ids; undefined: all. */
  readonly emails?: readonly string[] | undefined;
  /** Recorded at this time or later. */
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
export const SELECT_ACTIVITY = sql`SELECT ${events.seq}, ${events.id}, ${events.type}, ${events.at},
  ${events.recordedAt} AS recordedAt, ${events.email}, ${events.person}, ${events.campaign}, ${events.send},
  ${events.linkId} AS linkId, ${events.link}, ${events.userAgent} AS userAgent, ${events.isBot} AS isBot,
  ${events.botPattern} AS botPattern, ${events.detail}, ${names.name} AS emailName
  FROM ${events} LEFT JOIN ${names} ON ${names.kind} = 'email' AND ${names.id} = ${events.email}`;

/** Where a page begins, and how many rows it may have. */
export interface WantedActivityPage {
  /** The seq behind which the page begins. */
  readonly after: number;
  /** At most so many rows. */
  readonly limit: number;
  /** How long rows are held back after they were recorded; 0: not at all. */
  readonly holdMs: number;
}

/**
 * Reads a page, and the scopes of the client that asks for it, in one round trip and one transaction: the log's end
 * must belong to the same snapshot as the rows.
 * @throws the errors of D1 and R2
 */
export async function readActivityPage(
  stores: LogStores,
  wanted: WantedActivityPage,
  filter: ActivityFilter,
  client: string,
): Promise<{ readonly page: ActivityPage; readonly scopes: readonly StoredScopes[] }> {
  const { after } = wanted;
  const hot = await readPage(stores.DB, wanted, filter, client);
  if (after >= hot.floor) return hot;
  const wish = { limit: wanted.limit + 1, mayPass: (event: ArchivedEvent) => mayPass(event, filter) };
  const archived = await readBehind(stores, after, wish, async (rows) => {
    // Bots were looked for among what is archived.
    const stretch = { ...wanted, to: rows.to, holdMs: 0 };
    const { page, scopes, isFull } = await readPage(stores.DB, stretch, filter, client, rows);
    return { page: { ...page, next: isFull ? page.next : rows.to, more: true }, scopes };
  });
  return archived ?? hot;
}

/** Whether an archived event may pass; false where it cannot. What D1 decides about is read of D1 in any case. */
function mayPass(event: ArchivedEvent, { types, people, emails, sinceMs }: ActivityFilter): boolean {
  return (
    types.includes(event.type) &&
    event.recordedAt >= sinceMs &&
    (people === undefined || people.includes(event.person)) &&
    (emails === undefined || emails.includes(event.email))
  );
}

interface LogEnd {
  /** The last seq that readers may have; null: the log is empty. */
  readonly highestSeq: number | null;
  /** The last archived seq; 0 without an archive. */
  readonly floor: number;
}

/** @param wanted `to`: the last seq that it reads */
async function readPage(
  d1: D1Database,
  wanted: WantedActivityPage & { readonly to?: number },
  filter: ActivityFilter,
  client: string,
  archived?: ArchivedRows,
) {
  const { after, limit, holdMs } = wanted;
  const end = holdMs === 0 ? sql`(${SELECT_HIGHEST_SEQ})` : sql`max(${after}, ${endBeforeHold(holdMs)})`;
  const [found, [log], scopes] = await readBatch<[ActivityRow, LogEnd, StoredScopes]>(d1, [
    withArchived(archived, selectPage(wanted, filter)),
    sql`SELECT ${end} AS highestSeq, ${FLOOR} AS floor`,
    findScopes(client),
  ]);
  const rows = found.slice(0, limit);
  const isFull = found.length > limit;
  const page = { rows, ...positionBehind(rows, isFull, after, log?.highestSeq ?? 0) };
  return { page, scopes, floor: log?.floor ?? 0, isFull };
}

function positionBehind(
  rows: readonly ActivityRow[],
  isFull: boolean,
  after: number,
  highestSeq: number,
): Pick<ActivityPage, "next" | "more"> {
  const last = rows.at(-1)?.seq;
  if (isFull && last !== undefined) return { next: last, more: true };
  const end = after + SEQS_PER_ACTIVITY_PAGE;
  return { next: Math.min(end, highestSeq), more: end < highestSeq };
}

/**
 * The last seq of those that are held back no more: they were recorded long enough ago, and bots were looked for among
 * them, or should have been ten minutes ago. It may be before a reader's position, when the setting is new.
 */
function endBeforeHold(holdMs: number): Sql {
  const recordedBefore = (agoMs: number) => seqRecordedBefore(sql`${NOW_MS} - ${agoMs}`);
  return sql`min(${recordedBefore(holdMs)},
    max((SELECT ${aggregated.seq} FROM ${aggregated}), ${recordedBefore(holdMs + MAX_WAIT_FOR_BOTS_MS)}))`;
}

/** A page's rows (`ActivityRow`), and one more when there is one. */
function selectPage(
  { after, limit, holdMs, to = after + SEQS_PER_ACTIVITY_PAGE }: WantedActivityPage & { readonly to?: number },
  { types, people, emails, sinceMs }: ActivityFilter,
): Sql {
  return sql`${SELECT_ACTIVITY}
    WHERE ${events.seq} > ${after} AND ${events.seq} <= ${to}
    AND ${holdMs === 0 ? sql`true` : sql`${events.seq} <= ${endBeforeHold(holdMs)}`}
    AND ${events.recordedAt} >= ${sinceMs} AND ${isOneOf(events.type, types)}
    AND ${people === undefined ? sql`true` : isOneOf(events.person, people)}
    AND ${emails === undefined ? sql`true` : isOneOf(events.email, emails)}
    ORDER BY ${events.seq} LIMIT ${limit + 1}`;
}

/** The highest seq of the table, also where `events` is the name of archived rows. */
export const SELECT_HIGHEST_SEQ = sql`SELECT max(${columnName(events.seq)}) AS seq FROM ${TABLE}`;
