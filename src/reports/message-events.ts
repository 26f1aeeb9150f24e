/** Reads the events of some messages, by the lists of their seqs: nothing of the rest of the log. */
import { type ArchivedEvent, type ArchivedSlice, type SteadyArchive, withArchived } from "../archive/index.ts";
import { events, messageStats } from "../events/schema.ts";
import { type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { seqsOfSlice } from "./event-seqs.ts";
import { periodCondition, type ReportFilter } from "./filter.ts";
import { BEFORE_MESSAGES, lastOfSlice, messagesAfter } from "./messages-after.ts";

/** Events of the log: of D1, or of the archive. */
export type EventSelection = StoredEvents | ArchivedSlice;

interface StoredEvents {
  /** A subquery with a row for each of them; cheap where LIMIT ends it. */
  readonly rows: Sql;
  /** Whether a row of `events` is one of them, for a WHERE clause. */
  readonly isSelected: Sql;
  /** How many messages are read for that, at most. */
  readonly messages: number;
}

/** How much is read for a report. */
export interface ReadBounds {
  readonly events: number;
  /** Among them those that are not asked for, but stand between others. */
  readonly messages: number;
  /** Events in the archive, each of which is copied into a statement. Default: 200,000. */
  readonly archived?: number;
}

const MAX_ARCHIVED = 200_000;
/** Seqs of the archive that are looked at for them: some ten seconds. */
const MAX_ARCHIVED_SEQS = 2_000_000;

/**
 * Messages that one statement reads. In SQLite on one core it takes 14 ms where none of them is selected, and 100 ms
 * with the events of two in five. Ten million are 200 slices, with three queries each of the 1,000 that D1 allows to an
 * invocation.
 */
const MESSAGES_A_SLICE = 50_000;
/** Seqs of the log that one statement reads. */
const SEQS_A_SLICE = 100_000;

/**
 * The events of the messages of a filter that a condition on `message_stats` selects, in slices of all messages of its
 * email and campaign.
 * @throws the errors of D1 and R2
 */
export async function* eventsOfMessages(
  d1: D1Database,
  archive: SteadyArchive,
  filter: ReportFilter,
  condition: Sql,
  size = MESSAGES_A_SLICE,
): AsyncGenerator<EventSelection> {
  const isWanted = sql`${periodCondition(filter)} AND ${condition}`;
  const { email, campaign, person, seqs } = messageStats;
  for (let after: Message | null = BEFORE_MESSAGES; after !== null; ) {
    const read: Sql = messagesAfter(filter, after);
    const rows = seqsOfSlice(sql`(SELECT ${email}, ${campaign}, ${person}, ${seqs}
  FROM (${read} LIMIT ${size}) AS ${messageStats} WHERE ${isWanted})`);
    const ending = lastOfSlice(read, size).prepare(d1).first<Message>();
    // Who reads the slices may stop before this is awaited.
    ending.catch(() => undefined);
    // SQLite sorts the seqs of an IN, so that those beside each other are read without another search.
    yield { rows, isSelected: sql`${events.seq} > ${archive.floor} AND ${events.seq} IN ${rows}`, messages: size };
    if (archive.floor > 0) yield* archive.slicesOf(sql`SELECT seq FROM ${rows}`);
    after = await ending;
  }
}

/**
 * The events of the log behind a seq, in slices.
 * @param mayPass whether an archived event may be wanted
 * @throws the errors of D1 and R2
 */
export async function* eventsBehind(
  d1: D1Database,
  archive: SteadyArchive,
  seq: number,
  mayPass: (event: ArchivedEvent) => boolean,
): AsyncGenerator<EventSelection> {
  yield* archive.slicesBehind(seq, mayPass);
  const last = sql`SELECT coalesce(max(${events.seq}), 0) AS last FROM ${events}`;
  const end = (await last.prepare(d1).first<number>("last")) ?? 0;
  for (let from = Math.max(seq, archive.floor); from < end; from += SEQS_A_SLICE) {
    const isSelected = sql`${events.seq} > ${from} AND ${events.seq} <= ${from + SEQS_A_SLICE}`;
    yield { rows: sql`(SELECT 1 FROM ${events} WHERE ${isSelected})`, isSelected, messages: 0 };
  }
}

/**
 * What the query finds in each slice, one after the other, so that writes get through between them; undefined when the
 * slices have more events or messages than `max`.
 * @param queryOf makes the query of the condition of a slice
 * @throws the errors of D1 and R2
 */
export async function readSlices<Row>(
  d1: D1Database,
  slices: AsyncIterable<EventSelection>,
  max: ReadBounds,
  queryOf: (isSelected: Sql) => Sql,
): Promise<readonly Row[] | undefined> {
  const found: (readonly Row[])[] = [];
  let { events: eventsLeft, messages: messagesLeft, archived: archivedLeft = MAX_ARCHIVED } = max;
  let seqsLeft = MAX_ARCHIVED_SEQS;
  for await (const slice of slices) {
    if ("archived" in slice) {
      archivedLeft -= slice.size;
      seqsLeft -= slice.read;
      if (archivedLeft < 0 || seqsLeft < 0) return undefined;
      const query = withArchived(slice.archived, queryOf(slice.isSelected));
      found.push((await query.prepare(d1).all<Row>()).results);
      continue;
    }
    const { rows, isSelected, messages } = slice;
    messagesLeft -= messages;
    if (messagesLeft < 0) return undefined;
    const count = await countUpTo(d1, rows, eventsLeft + 1);
    eventsLeft -= count;
    if (eventsLeft < 0) return undefined;
    if (count > 0) found.push((await queryOf(isSelected).prepare(d1).all<Row>()).results);
  }
  return found.flat();
}

async function countUpTo(d1: D1Database, rows: Sql, limit: number): Promise<number> {
  const count = sql`SELECT count(*) AS rows FROM (SELECT 1 FROM ${rows} LIMIT ${limit})`;
  return (await count.prepare(d1).first<number>("rows")) ?? 0;
}

/**
 * What the query finds; undefined, without asking it, when `rows` has more rows than `max`.
 * @throws D1's error
 */
export async function readUnlessMore<Row>(
  d1: D1Database,
  rows: Sql,
  max: number,
  query: Sql,
): Promise<readonly Row[] | undefined> {
  if ((await countUpTo(d1, rows, max + 1)) > max) return undefined;
  return (await query.prepare(d1).all<Row>()).results;
}
