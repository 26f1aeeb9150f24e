/**
 * Lists of messages, newest first: of people, by the index on `message_stats`; or of all, backwards through the log.
 * Each reads a bounded number of rows, which is said beside it.
 */
import { FLOOR, type LogStores, readWithSeqs, TABLE, withArchived } from "../archive/index.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { holdersOf } from "../events/holders.ts";
import { storedName } from "../events/names.ts";
import { earlierSeqs, events, messageStats, people } from "../events/schema.ts";
import { joined, type Sql, sql } from "../platform/sql.ts";
import { hasStatus, type MessageStatus, periodCondition } from "../reports/index.ts";

export interface MessageRow {
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
  readonly emailName: string | null;
  readonly campaignName: string | null;
  readonly address: string | null;
  readonly since: number;
  readonly flags: number;
  readonly clicks: string | null;
  readonly botClicks: number;
}

/** The messages to list. */
export interface MessageFilter {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  readonly status?: MessageStatus | undefined;
  /** Sent at this time or later. */
  readonly sinceMs?: number | undefined;
  /** Sent before this time. */
  readonly untilMs?: number | undefined;
}

/** A message among others in the order of `NEWEST_FIRST`. */
export interface TimePosition {
  readonly since: number;
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
}

/** A page reads the messages of so many people who share an address. */
export const PEOPLE_PER_PAGE = 100;
/** A list by time reads all messages of its people: so many, at most. */
export const MAX_LISTED = 20_000;
/** A page of the whole log reads so many seqs, and about three rows for each. */
export const SEQS_PER_PAGE = 10_000;

const { email, campaign, person, since, flags, clicks, botClicks, seqs } = messageStats;
const NEWEST_FIRST = sql`ORDER BY ${since} DESC, ${email}, ${campaign}, ${person}`;

/** The columns of a `MessageRow`. */
export const MESSAGE_COLUMNS = sql`${email}, ${campaign}, ${person}, ${storedName("email", email)} AS emailName,
${storedName("campaign", campaign)} AS campaignName, ${since}, ${flags}, ${clicks}, ${botClicks} AS botClicks,
(SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}) AS address`;

/** The people of an address from `first` on, in the order of their ids: rows of `person`, one more than a page has. */
export function peopleWithAddress(address: string, first: string): Sql {
  const holders = holdersOf(address, (holder) => sql`${holder} >= ${first}`);
  return sql`SELECT person FROM (${holders}) ORDER BY person LIMIT ${PEOPLE_PER_PAGE + 1}`;
}

function isNamed(filter: MessageFilter): Sql {
  const isOfEmail = filter.email === undefined ? sql`true` : sql`${email} = ${filter.email}`;
  return filter.campaign === undefined ? isOfEmail : sql`${isOfEmail} AND ${campaign} = ${filter.campaign}`;
}

function rowsOf(persons: Sql, isFiltered: Sql): Sql {
  return sql`FROM (SELECT person FROM (${persons}) LIMIT ${PEOPLE_PER_PAGE}) AS chosen
CROSS JOIN ${messageStats} ON ${person} = chosen.person WHERE ${isFiltered}`;
}

/**
 * How many messages there are to the first hundred of `persons`; one more than `MAX_LISTED` at most.
 * @param persons a query with the column `person`
 */
export function countOfMessagesTo(persons: Sql, filter: MessageFilter): Sql {
  // Without a look at the flags, so that the index is enough.
  return sql`SELECT count(*) AS messages FROM (SELECT 1 ${rowsOf(persons, isNamed(filter))} LIMIT ${MAX_LISTED + 1})`;
}

/** Those messages, after a position, newest first: rows as `MessageRow`. Reads two rows for each of them. */
export function messagesTo(
  persons: Sql,
  filter: MessageFilter,
  after: TimePosition | undefined,
  limit: number,
  nowMs: number,
): Sql {
  const isAfter =
    after === undefined
      ? sql`true`
      : sql`(${since} < ${after.since} OR (${since} = ${after.since}
  AND (${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})))`;
  const isFiltered = sql`${isNamed(filter)} AND ${periodCondition(filter)}`;
  return sql`SELECT ${MESSAGE_COLUMNS}
FROM (SELECT ${email}, ${campaign}, ${person}, ${since}, ${flags}, ${clicks}, ${botClicks}
  ${rowsOf(persons, isFiltered)} LIMIT ${MAX_LISTED + 1}) AS ${messageStats}
WHERE ${isAfter} AND ${isOf(filter, nowMs)} ${NEWEST_FIRST} LIMIT ${limit}`;
}

function isOf({ status }: MessageFilter, nowMs: number): Sql {
  return status === undefined ? sql`true` : hasStatus(status, "exclude", nowMs);
}

/** The bounds of the log. */
export interface LogBounds {
  /** The first seq in D1. */
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
  /** The last that is archived; 0 without an archive. */
  readonly floor: number;
}

/** A row of `LogBounds`, of the table, also where `events` is the name of archived rows. */
export const LOG_BOUNDS = sql`SELECT coalesce((SELECT min("seq") FROM ${TABLE}), 0) AS first,
coalesce((SELECT max("seq") FROM ${TABLE}), 0) + 1 AS end, ${FLOOR} AS floor`;

/**
 * Whether the message of a row of `events` has an event before it. Lists have seqs of events that have left the log or
 * moved on, too, so each is looked up; those before the log begins need no look.
 */
function hasEarlier(): Sql {
  const start = sql`(SELECT min(${events.seq}) FROM ${events})`;
  const isEarlier = sql`CROSS JOIN ${events} AS earlier ON earlier.seq = each.value
  WHERE each.value >= ${start} AND each.value < ${events.seq} AND earlier.type <> ${FILTERED_TYPE_ID}`;
  const isListOf = sql`${earlierSeqs.email} = ${email} AND ${earlierSeqs.campaign} = ${campaign}
  AND ${earlierSeqs.person} = ${person} AND ${earlierSeqs.last} >= ${start}`;
  return sql`(EXISTS (SELECT 1 FROM ${earlierSeqs} CROSS JOIN json_each(${earlierSeqs.seqs}) AS each ${isEarlier}
  AND ${isListOf}) OR EXISTS (SELECT 1 FROM json_each(${seqs}) AS each ${isEarlier}))`;
}

/** The seqs that lists have before a row's, up to the archive's end. */
function earlierArchived(): Sql {
  const isListOf = sql`(${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person})
  = (${email}, ${campaign}, ${person})`;
  return sql`(SELECT json_group_array(value) FROM (
  SELECT each.value FROM json_each(${seqs}) AS each
  UNION SELECT each.value FROM ${earlierSeqs} CROSS JOIN json_each(${earlierSeqs.seqs}) AS each WHERE ${isListOf})
WHERE value <= ${FLOOR} AND value < ${events.seq})`;
}

/** As many as `readWithSeqs` reads. */
const SEQS_AT_ONCE = 1_000;

/** Those of the seqs that an event has which readers see, in D1 or in the archive. */
async function seqsInLog(stores: LogStores, all: readonly number[]): Promise<readonly number[]> {
  const listed = sql`SELECT value AS seq FROM json_each(${JSON.stringify(all)})`;
  const query = sql`SELECT ${events.seq} FROM (${listed}) AS listed CROSS JOIN ${events} ON ${events.seq} = listed.seq
WHERE ${events.type} <> ${FILTERED_TYPE_ID}`;
  return await readWithSeqs(stores, listed, async (archived) => {
    const { results } = await withArchived(archived, query).prepare(stores.DB).all<{ seq: number }>();
    return results.map(({ seq }) => seq);
  });
}

/**
 * Those of the messages that have no event before the one that is named: archived ones are looked for.
 * @throws the errors of D1 and R2
 */
export async function withoutEarlier(
  stores: LogStores,
  messages: readonly ListedMessage[],
): Promise<readonly ListedMessage[]> {
  const earlier = new Map(messages.map((message) => [message, JSON.parse(message.archived) as readonly number[]]));
  const all = [...earlier.values()].flat();
  const inLog = new Set<number>();
  for (let from = 0; from < all.length; from += SEQS_AT_ONCE)
    for (const seq of await seqsInLog(stores, all.slice(from, from + SEQS_AT_ONCE))) inLog.add(seq);
  return messages.filter((message) => earlier.get(message)?.every((seq) => !inLog.has(seq)) === true);
}

/**
 * Messages whose first event is before the seq `before` (default: the end of the log), the latest first: rows as
 * `ListedMessage`. Looks at `SEQS_PER_PAGE` seqs of D1 that are not archived.
 */
export function messagesBefore(before: number | undefined, filter: MessageFilter, limit: number, nowMs: number): Sql {
  const end = before === undefined ? sql`(SELECT max(${events.seq}) + 1 FROM ${events})` : sql`${before}`;
  const isInPage = sql`${events.seq} < ${end} AND ${events.seq} >= ${end} - ${SEQS_PER_PAGE}
AND ${events.seq} > ${FLOOR}`;
  return messagesWhere(isInPage, filter, limit, nowMs);
}

/** A message in the order of the log. */
export interface ListedMessage extends MessageRow {
  /** The seq of the first of its events among those that were looked at. */
  readonly seq: number;
  /** JSON array: the seqs before that one that it may have in the archive. */
  readonly archived: string;
}

/** Messages whose first event among those of a condition is one that it selects, the latest first: `ListedMessage`s. */
export function messagesWhere(isInPage: Sql, filter: MessageFilter, limit: number, nowMs: number): Sql {
  const conditions = [
    isInPage,
    sql`${events.type} <> ${FILTERED_TYPE_ID}`,
    ...(filter.email === undefined ? [] : [sql`${events.email} = ${filter.email}`]),
    ...(filter.campaign === undefined ? [] : [sql`${events.campaign} = ${filter.campaign}`]),
    periodCondition(filter),
    isOf(filter, nowMs),
  ];
  const isMessage = sql`(${email}, ${campaign}, ${person}) = (${events.email}, ${events.campaign}, ${events.person})`;
  return sql`SELECT ${events.seq} AS seq, ${earlierArchived()} AS archived, ${MESSAGE_COLUMNS}
FROM ${events} CROSS JOIN ${messageStats} ON ${isMessage}
WHERE ${joined(conditions, " AND ")} AND NOT ${hasEarlier()}
ORDER BY ${events.seq} DESC LIMIT ${limit}`;
}
