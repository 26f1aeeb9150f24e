/**
 * Reads the events of some messages, by the lists of their seqs, or those of a large mailing in the order of the log.
 */
import { type ArchivedEvent, type ArchivedSlice, type SteadyArchive, withArchived } from "../archive/index.ts";
import { events, messageStats } from "../events/schema.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { seqsOfSlice } from "./event-seqs.ts";
import { periodCondition, type ReportFilter } from "./filter.ts";
import { BEFORE_MESSAGES, lastOfSlice, messagesAfter } from "./messages-after.ts";
import { denseStretch, type EventPeriod, isOfMailing, type Stretch } from "./stretch.ts";

/** Events of the log: of D1, or of the archive. */
export type EventSelection = ListedEvents | EventsOfSeqs | ArchivedSlice;

interface ListedEvents {
  /** A subquery with the column `seq`; cheap where LIMIT ends it. */
  readonly listed: Sql;
  /** The seq above which they are asked for. */
  readonly floor: number;
  /** How many messages are read for that, at most. */
  readonly messages: number;
}

/** The events of seqs one behind the other, which are cheap. */
interface EventsOfSeqs {
  /** Whether a row of `events` is one of them, for a WHERE clause. */
  readonly isSelected: Sql;
  /** Whether what is found among them counts as read, and not all of them. */
  readonly isFiltered: boolean;
}

/** How much is read for a report. */
export interface ReadBounds {
  readonly events: number;
  /** Among them those that are not asked for, but are between others. */
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
 * The events of all messages of an email or a campaign: of the stretch of the log where they are close together, and
 * elsewhere as `eventsOfMessages`.
 * @param condition on messages, without which none has an event that is asked for
 * @param period of the events that are asked for; undefined: all of the log
 * @throws the errors of D1 and R2
 */
export async function* eventsOfMailing(
  d1: D1Database,
  archive: SteadyArchive,
  filter: ReportFilter,
  condition: Sql,
  period: EventPeriod | undefined,
  size?: number,
): AsyncGenerator<EventSelection> {
  const stretch = await denseStretch(d1, archive.floor, filter, period);
  if (stretch !== undefined) {
    for (const isInSlice of slicesBetween(stretch.after, stretch.last)) {
      yield { isSelected: sql`${isInSlice} AND ${isOfMailing(filter)}`, isFiltered: true };
    }
    if (stretch.isWhole && archive.floor === 0) return;
  }
  yield* eventsOfMessages(d1, archive, filter, condition, { size, without: stretch });
}

/**
 * The events of the messages of a filter that a condition on `message_stats` selects, in slices of all messages of its
 * email and campaign.
 * @param options `size`: how many messages at a time. `without`: seqs that D1 is not asked for
 * @throws the errors of D1 and R2
 */
export async function* eventsOfMessages(
  d1: D1Database,
  archive: SteadyArchive,
  filter: ReportFilter,
  condition: Sql,
  {
    size = MESSAGES_A_SLICE,
    without,
  }: { readonly size?: number | undefined; readonly without?: Stretch | undefined } = {},
): AsyncGenerator<EventSelection> {
  const isWanted = sql`${periodCondition(filter)} AND ${condition}`;
  const { email, campaign, person, seqs } = messageStats;
  for (let after: Message | null = BEFORE_MESSAGES; after !== null; ) {
    const read: Sql = messagesAfter(filter, after);
    const all = seqsOfSlice(sql`(SELECT ${email}, ${campaign}, ${person}, ${seqs}
  FROM (${read} LIMIT ${size}) AS ${messageStats} WHERE ${isWanted})`);
    const listed =
      without === undefined
        ? all
        : sql`(SELECT seq FROM ${all} WHERE seq <= ${without.after} OR seq > ${without.last})`;
    const ending = lastOfSlice(read, size).prepare(d1).first<Message>();
    // Whoever reads the slices may stop before this is awaited.
    ending.catch(() => undefined);
    yield { listed, floor: archive.floor, messages: size };
    if (archive.floor > 0) yield* archive.slicesOf(sql`SELECT seq FROM ${listed}`);
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
  for (const isSelected of slicesBetween(Math.max(seq, archive.floor), end)) yield { isSelected, isFiltered: false };
}

/** Conditions on `events` that select what D1 has behind `after`, up to `last`. */
function* slicesBetween(after: number, last: number): Generator<Sql> {
  for (let from = after; from < last; from += SEQS_A_SLICE) {
    const until = Math.min(last, from + SEQS_A_SLICE);
    yield sql`${events.seq} > ${from} AND ${events.seq} <= ${until}`;
  }
}

/** A row of what is found: how many events it stands for. */
interface FoundEvents {
  readonly opened: number;
  readonly clicks: number;
  readonly openedByBots: number;
  readonly clicksByBots: number;
}

/**
 * What the query finds in each slice, one after the other, so that writes get through between them; undefined when the
 * slices have more events or messages than `max`.
 * @param queryOf makes the query of the condition of a slice
 * @throws the errors of D1 and R2
 */
export async function readSlices<Row extends FoundEvents>(
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
    if ("listed" in slice) {
      messagesLeft -= slice.messages;
      if (messagesLeft < 0) return undefined;
      const { isSelected, count } = await listedEvents(d1, slice, eventsLeft);
      eventsLeft -= count;
      if (eventsLeft < 0) return undefined;
      if (count > 0) found.push((await queryOf(isSelected).prepare(d1).all<Row>()).results);
      continue;
    }
    const { isSelected, isFiltered } = slice;
    if (!isFiltered)
      eventsLeft -= await countUpTo(d1, sql`(SELECT 1 FROM ${events} WHERE ${isSelected})`, eventsLeft + 1);
    if (eventsLeft < 0) return undefined;
    const { results } = await queryOf(isSelected).prepare(d1).all<Row>();
    if (isFiltered) eventsLeft -= results.reduce((sum, row) => sum + eventsIn(row), 0);
    if (eventsLeft < 0) return undefined;
    found.push(results);
  }
  return found.flat();
}

function eventsIn({ opened, clicks, openedByBots, clicksByBots }: FoundEvents): number {
  return opened + clicks + openedByBots + clicksByBots;
}

/** Seqs that are read into a statement: so few that lists are not read a second time for them. */
const FEW_SEQS = 1_000;

/** How many are listed, more than `max` where they are more, and the condition on `events` that selects them. */
async function listedEvents(
  d1: D1Database,
  { listed, floor }: ListedEvents,
  max: number,
): Promise<{ readonly isSelected: Sql; readonly count: number }> {
  const first = sql`SELECT seq FROM ${listed} LIMIT ${Math.min(max, FEW_SEQS) + 1}`;
  const { results } = await first.prepare(d1).all<{ readonly seq: number }>();
  const seqs = results.map(({ seq }) => seq);
  const isInD1 = sql`${events.seq} > ${floor}`;
  if (seqs.length <= FEW_SEQS)
    return { isSelected: sql`${isInD1} AND ${isOneOf(events.seq, seqs)}`, count: seqs.length };
  // SQLite sorts the seqs of an IN, so that those beside each other are read without another search.
  const isSelected = sql`${isInD1} AND ${events.seq} IN ${listed}`;
  return { isSelected, count: await countUpTo(d1, listed, max + 1) };
}

async function countUpTo(d1: D1Database, rows: Sql, limit: number): Promise<number> {
  const count = sql`SELECT count(*) AS rows FROM (SELECT 1 FROM ${rows} LIMIT ${limit})`;
  return (await count.prepare(d1).first<number>("rows")) ?? 0;
}
