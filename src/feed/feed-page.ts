/**
 * Pages of the feed, in the order of recording. Guarantees that a reader who goes on after `next` gets every event that
 * the filter passes, and each event that changes later once more: `seq` ascends in the order of recording, a changed
 * event gets the next one, and D1, one thread, makes rows visible in that order. Gives up full pages: a page reads a
 * bounded part of the log, and may hold fewer rows than it has room for, or none.
 *
 * The events of a few people are found by the lists of their messages' seqs, as far as the log is aggregated, and by
 * reading behind that. Those of more people are found by reading the log, as every other filter is.
 */
import type { Column } from "drizzle-orm";
import {
  type ArchivedEvent,
  type ArchivedRows,
  FLOOR,
  isProbablyArchived,
  type LogStores,
  readBehind,
  readRecalled,
  readWithSeqs,
  withArchived,
} from "../archive/index.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { holdersOf } from "../events/holders.ts";
import { storedName } from "../events/names.ts";
import { aggregated, events, links, messageStats } from "../events/schema.ts";
import { isOneOf, rawSql, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
import type { EventRow } from "./event-answer.ts";
import { passes } from "./feed-condition.ts";
import { type FeedFilter, mayPassFeed } from "./feed-filter.ts";

/** A page reads at most so many seqs of the log, whatever the filter passes: about 20 ms of D1. */
const SEQS_PER_PAGE = 50_000;
/** A page reads so many archived events of a few people, each perhaps in a row group of its own. */
const MAX_ARCHIVED = 300;
/** People whose messages list more are found by reading the log. */
const MAX_LISTED_SEQS = 10_000;

export interface WantedFeedPage {
  /** The seq behind which the page begins. */
  readonly after: number;
  /** At most so many rows. */
  readonly limit: number;
}

export interface FeedPage {
  readonly rows: readonly EventRow[];
  /** The seq to go on after. */
  readonly next: number;
  /** The last seq that the log has given. */
  readonly end: number;
}

/** Not max(seq): the newest rows may be erased, and a reader has read up to there all the same. */
const LOG_END = sql`coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)`;
/** Selects it as `end`. */
export const SELECT_END = sql`SELECT ${LOG_END} AS "end"`;
const AGGREGATED = sql`coalesce((SELECT ${aggregated.seq} FROM ${aggregated}), 0)`;

/** @throws the errors of D1 and R2 */
export async function readFeedPage(stores: LogStores, wanted: WantedFeedPage, filter: FeedFilter): Promise<FeedPage> {
  const someone = personCondition(filter);
  if (someone === undefined) return await readPage(stores, wanted, filter);
  return await readRecalled(stores, someone, () => readPage(stores, wanted, filter, someone));
}

async function readPage(
  stores: LogStores,
  wanted: WantedFeedPage,
  filter: FeedFilter,
  someone?: Sql,
): Promise<FeedPage> {
  const { after, limit } = wanted;
  const isListed = someone !== undefined && (await areFew(stores.DB, someone));
  if (!isListed && isProbablyArchived(after)) {
    const archived = await readArchived(stores, wanted, filter, someone);
    if (archived !== undefined) return archived;
  }
  const page = isListed ? selectListed(wanted, filter, someone) : selectPage(wanted, filter, someone);
  const { found, end, known, floor } = await readRows(stores.DB, page);
  if (after < floor) {
    const archived = isListed
      ? await readListedArchived(stores, { ...wanted, floor }, filter, someone)
      : await readArchived(stores, wanted, filter, someone);
    if (archived !== undefined) return archived;
  }
  const rows = found.map((row) => shownRow(eventRow(row), filter));
  const last = rows.at(-1)?.seq;
  if (rows.length === limit && last !== undefined) return { rows, next: last, end };
  const readFrom = isListed ? Math.max(after, known) : after;
  return { rows, next: Math.max(after, Math.min(readFrom + SEQS_PER_PAGE, end)), end };
}

/** The rows of a page, and how far the log, its statistics and its archive are in that very snapshot. */
async function readRows(d1: D1Database, page: Sql, archived?: ArchivedRows) {
  const query = sql`SELECT * FROM (${page})
    UNION ALL SELECT ${LOG_END}, NULL, ${AGGREGATED}, ${FLOOR}, ${NULLS}`;
  // As arrays, which take less time than objects.
  const found = await withArchived(archived, query).prepare(d1).raw<StoredRow>();
  const [end = 0, , known = 0, floor = 0] = found.pop() ?? [];
  return { found, end, known, floor };
}

/** A page of the archive: up to the end of its stretch, or of its rows. */
async function readArchived(
  stores: LogStores,
  wanted: WantedFeedPage,
  filter: FeedFilter,
  someone: Sql | undefined,
): Promise<FeedPage | undefined> {
  const wish = { limit: wanted.limit, mayPass: (event: ArchivedEvent) => mayPassFeed(event, filter) };
  return await readBehind(stores, wanted.after, wish, async (archived) => {
    const page = selectPage({ ...wanted, to: archived.to }, filter, someone);
    const { found, end } = await readRows(stores.DB, page, archived);
    return pageOf(found, wanted, filter, archived.to, end);
  });
}

/** A page of the archived events of a few people: up to the archive's `floor`, or to the last that it reads. */
async function readListedArchived(
  stores: LogStores,
  wanted: WantedFeedPage & { readonly floor: number },
  filter: FeedFilter,
  someone: Sql,
): Promise<FeedPage | undefined> {
  const { after, limit, floor } = wanted;
  const size = Math.min(limit, MAX_ARCHIVED);
  const seqs = sql`SELECT DISTINCT seq FROM ${seqsOf(sql`${messageStats.person} IN ${someone}`)}
    WHERE seq > ${after} AND seq <= ${floor} ORDER BY seq LIMIT ${size}`;
  const listed = (await seqs.prepare(stores.DB).all<{ seq: number }>()).results.map(({ seq }) => seq);
  const page = sql`${SELECT_EVENT} FROM ${events}
    WHERE ${isOneOf(events.seq, listed)} AND ${passes(filter)} AND ${events.person} IN ${someone}
    ORDER BY ${events.seq} LIMIT ${limit}`;
  const asked = sql`SELECT value AS seq FROM json_each(${JSON.stringify(listed)})`;
  return await readWithSeqs(stores, asked, async (archived) => {
    const { found, end } = await readRows(stores.DB, page, archived);
    const isAll = listed.length < size;
    return pageOf(found, wanted, filter, isAll ? floor : (listed.at(-1) ?? floor), end);
  });
}

function pageOf(
  found: readonly StoredRow[],
  { after, limit }: WantedFeedPage,
  filter: FeedFilter,
  to: number,
  end: number,
): FeedPage {
  const rows = found.map((row) => shownRow(eventRow(row), filter));
  const last = rows.length === limit ? rows.at(-1)?.seq : undefined;
  return { rows, next: Math.max(after, last ?? to), end };
}

/**
 * Those of these seqs that are in the log and that the filter passes, in the order of recording.
 * @throws the errors of D1 and R2
 */
export async function readFeedRows(
  stores: LogStores,
  seqs: readonly number[],
  filter: Omit<FeedFilter, "person" | "address">,
): Promise<readonly EventRow[]> {
  const query = sql`${SELECT_EVENT} FROM ${events}
    WHERE ${isOneOf(events.seq, seqs)} AND ${passes(filter)} ORDER BY ${events.seq}`;
  const asked = sql`SELECT value AS seq FROM json_each(${JSON.stringify(seqs)})`;
  const rows = await readWithSeqs(stores, asked, (archived) =>
    withArchived(archived, query).prepare(stores.DB).raw<StoredRow>(),
  );
  return rows.map((row) => shownRow(eventRow(row), filter));
}

/** Whoever leaves bots out reads that an event was retracted when it turns out to be a bot's. */
function shownRow(row: EventRow, { bots }: Pick<FeedFilter, "bots">): EventRow {
  if (bots === "include" || row.isBot === 0 || row.type === FILTERED_TYPE_ID) return row;
  const detail = JSON.stringify({ retracted: row.type });
  return { ...row, type: FILTERED_TYPE_ID, detail, linkId: null, link: null, linkName: null, userAgent: null };
}

/** The last seq that the log has given. Throws D1's error. */
export async function endOfLog(d1: D1Database): Promise<number> {
  return (await SELECT_END.prepare(d1).first<number>("end")) ?? 0;
}

type Text = string | null;
/** The columns of `SELECT_EVENT`, in their order. */
type StoredRow = [
  ...[seq: number, id: string, type: number, at: number, email: string, person: string, campaign: string],
  ...[send: Text, linkId: Text, link: Text, userAgent: Text, isBot: number, botPattern: Text, detail: Text],
  ...[emailName: Text, campaignName: Text, linkName: Text, recordedAt: number],
];
/** The columns behind the fourth. */
const NULLS = rawSql(Array.from({ length: 14 }, () => "NULL").join(", "));

function eventRow(row: StoredRow): EventRow {
  return {
    seq: row[0],
    id: row[1],
    type: row[2],
    at: row[3],
    email: row[4],
    person: row[5],
    campaign: row[6],
    send: row[7],
    linkId: row[8],
    link: row[9],
    userAgent: row[10],
    isBot: row[11],
    botPattern: row[12],
    detail: row[13],
    emailName: row[14],
    campaignName: row[15],
    linkName: row[16],
    recordedAt: row[17],
  };
}

/** Selects an `EventRow`. */
export const SELECT_EVENT = sql`SELECT ${events.seq}, ${events.id}, ${events.type}, ${events.at}, ${events.email},
  ${events.person}, ${events.campaign}, ${events.send}, ${events.linkId} AS linkId, ${events.link},
  ${events.userAgent} AS userAgent, ${events.isBot} AS isBot, ${events.botPattern} AS botPattern, ${events.detail},
  ${storedName("email", events.email)} AS emailName, ${storedName("campaign", events.campaign)} AS campaignName,
  (SELECT ${links.name} FROM ${links} WHERE ${links.email} = ${events.email} AND ${links.id} = ${events.linkId})
    AS linkName, ${events.recordedAt} AS recordedAt`;

/** @param to the last seq that it reads */
function selectPage(
  { after, limit, to = after + SEQS_PER_PAGE }: WantedFeedPage & { readonly to?: number },
  filter: FeedFilter,
  someone: Sql | undefined,
): Sql {
  return sql`${SELECT_EVENT} FROM ${events}
    WHERE ${events.seq} > ${after} AND ${events.seq} <= ${to} AND ${passes(filter)}
    AND ${someone === undefined ? sql`true` : sql`${events.person} IN ${someone}`}
    ORDER BY ${events.seq} LIMIT ${limit}`;
}

/** What is not aggregated is in no list. */
function selectListed({ after, limit }: WantedFeedPage, filter: FeedFilter, someone: Sql): Sql {
  const known = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;
  const from = sql`max(${after}, ${known})`;
  return sql`SELECT * FROM (
    ${SELECT_EVENT} FROM (SELECT DISTINCT seq FROM ${seqsOf(sql`${messageStats.person} IN ${someone}`)}
      WHERE seq > ${after} AND seq <= ${known}) AS listed
    CROSS JOIN ${events} ON ${events.seq} = listed.seq
    WHERE ${passes(filter)} AND ${events.person} IN ${someone}
    UNION ALL ${SELECT_EVENT} FROM ${events}
    WHERE ${events.seq} > ${from} AND ${events.seq} <= ${from} + ${SEQS_PER_PAGE} AND ${passes(filter)}
    AND ${events.person} IN ${someone})
  ORDER BY seq LIMIT ${limit}`;
}

/** The persons whose events are asked for, for an IN; undefined: all. */
function personCondition({ person, address }: FeedFilter): Sql | undefined {
  if (address === undefined) return person === undefined ? undefined : sql`(SELECT ${person} AS person)`;
  const isThem = (holder: Column) => sql`${holder} = ${person ?? null}`;
  return sql`(${holdersOf(address, person === undefined ? undefined : isThem)})`;
}

/** Whether the messages of these people list few enough seqs to look each up. */
async function areFew(d1: D1Database, someone: Sql): Promise<boolean> {
  const counted = sql`SELECT count(*) AS count FROM (
    SELECT 1 FROM ${seqsOf(sql`${messageStats.person} IN ${someone}`)} LIMIT ${MAX_LISTED_SEQS + 1})`;
  return ((await counted.prepare(d1).first<number>("count")) ?? 0) <= MAX_LISTED_SEQS;
}
