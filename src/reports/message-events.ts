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
export type EventSelection = ListedEvents | EventsOfSeqs | ArchivedSelection;

interface ListedEvents {
  readonly kind: "listed";
  /** A subquery with the column `seq`; cheap where LIMIT ends it. */
  readonly listed: Sql;
  /** The seq above which they are asked for. */
  readonly floor: number;
  /** How many messages are read for that, at most. */
  readonly messages: number;
}

/** The events of seqs one behind the other, which are cheap. */
interface EventsOfSeqs {
  /** What counts as read: all of them, or what is found among them. */
  readonly kind: "all" | "filtered";
  /** Whether a row of `events` is one of them, for a WHERE clause. */
  readonly isSelected: Sql;
}

interface ArchivedSelection extends ArchivedSlice {
  readonly kind: "archived";
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

/** Messages whose events are asked for. */
interface SelectedMessages {
  readonly filter: ReportFilter;
  /** On `message_stats`, without which none has an event that is asked for. */
  readonly condition: Sql;
  /** How many messages a statement reads. Default: 50,000. */
  readonly messagesAtATime?: number | undefined;
}

interface MailingEvents extends SelectedMessages {
  /** When the events that are asked for happened. Default: all of the log. */
  readonly period?: EventPeriod | undefined;
}

/**
 * The events of all messages of an email or a campaign: of the stretch of the log where they are close together, and
 * elsewhere as `eventsOfMessages`.
 * @throws the errors of D1 and R2
 */
export async function* eventsOfMailing(
  d1: D1Database,
  archive: SteadyArchive,
  { period, ...messages }: MailingEvents,
): AsyncGenerator<EventSelection> {
  const { filter } = messages;
  const stretch = await denseStretch(d1, archive.floor, filter, period);
  if (stretch !== undefined) {
    for (const isInSlice of slicesBetween(stretch.after, stretch.last)) {
      yield { kind: "filtered", isSelected: sql`${isInSlice} AND ${isOfMailing(filter)}` };
    }
    if (stretch.isWhole && archive.floor === 0) return;
  }
  yield* eventsOfMessages(d1, archive, messages, stretch);
}

/**
 * The events of the messages of a filter that a condition on `message_stats` selects, in slices of all messages of its
 * email and campaign.
 * @param without seqs that D1 is not asked for
 * @throws the errors of D1 and R2
 */
export async function* eventsOfMessages(
  d1: D1Database,
  archive: SteadyArchive,
  { filter, condition, messagesAtATime = MESSAGES_A_SLICE }: SelectedMessages,
  without?: Stretch,
): AsyncGenerator<EventSelection> {
  const isWanted = sql`${periodCondition(filter)} AND ${condition}`;
  const { email, campaign, person, seqs } = messageStats;
  for (let after: Message | null = BEFORE_MESSAGES; after !== null; ) {
    const read: Sql = messagesAfter(filter, after);
    const all = seqsOfSlice(sql`(SELECT ${email}, ${campaign}, ${person}, ${seqs}
  FROM (${read} LIMIT ${messagesAtATime}) AS ${messageStats} WHERE ${isWanted})`);
    const listed =
      without === undefined
        ? all
        : sql`(SELECT seq FROM ${all} WHERE seq <= ${without.after} OR seq > ${without.last})`;
    const ending = lastOfSlice(read, messagesAtATime).prepare(d1).first<Message>();
    // Whoever reads the selections may stop before this is awaited.
    ending.catch(() => undefined);
    yield { kind: "listed", listed, floor: archive.floor, messages: messagesAtATime };
    if (archive.floor > 0) yield* archivedSelections(archive.slicesOf(sql`SELECT seq FROM ${listed}`));
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
  yield* archivedSelections(archive.slicesBehind(seq, mayPass));
  const last = sql`SELECT coalesce(max(${events.seq}), 0) AS last FROM ${events}`;
  const end = (await last.prepare(d1).first<number>("last")) ?? 0;
  for (const isSelected of slicesBetween(Math.max(seq, archive.floor), end)) yield { kind: "all", isSelected };
}

async function* archivedSelections(slices: AsyncIterable<ArchivedSlice>): AsyncGenerator<ArchivedSelection> {
  for await (const slice of slices) yield { kind: "archived", ...slice };
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

type Bounded = keyof ReadBounds | "archivedSeqs";

/** How much may still be read. */
class ReadBudget {
  readonly #left: Record<Bounded, number>;

  constructor({ events, messages, archived = MAX_ARCHIVED }: ReadBounds) {
    this.#left = { events, messages, archived, archivedSeqs: MAX_ARCHIVED_SEQS };
  }

  get events(): number {
    return this.#left.events;
  }

  /** Takes so many of a kind away. @returns whether they were left */
  take(kind: Bounded, count: number): boolean {
    this.#left[kind] -= count;
    return this.#left[kind] >= 0;
  }
}

/** Makes the query of the condition of a selection. */
type SelectionQuery = (isSelected: Sql) => Sql;

/**
 * What the query finds in each selection, one after the other, so that writes get through between them; undefined when
 * they have more events or messages than `max`.
 * @throws the errors of D1 and R2
 */
export async function readSelections<Row extends FoundEvents>(
  d1: D1Database,
  selections: AsyncIterable<EventSelection>,
  max: ReadBounds,
  queryOf: SelectionQuery,
): Promise<readonly Row[] | undefined> {
  const found: (readonly Row[])[] = [];
  const budget = new ReadBudget(max);
  for await (const selection of selections) {
    const rows = await readSelection<Row>(d1, selection, budget, queryOf);
    if (rows === undefined) return undefined;
    found.push(rows);
  }
  return found.flat();
}

/** Undefined when the budget is not enough for it. */
async function readSelection<Row extends FoundEvents>(
  d1: D1Database,
  selection: EventSelection,
  budget: ReadBudget,
  queryOf: SelectionQuery,
): Promise<readonly Row[] | undefined> {
  const read = async (query: Sql) => (await query.prepare(d1).all<Row>()).results;
  switch (selection.kind) {
    case "archived": {
      const { archived, isSelected, size, read: seqs } = selection;
      if (!budget.take("archived", size) || !budget.take("archivedSeqs", seqs)) return undefined;
      return await read(withArchived(archived, queryOf(isSelected)));
    }
    case "listed": {
      if (!budget.take("messages", selection.messages)) return undefined;
      const { isSelected, count } = await listedEvents(d1, selection, budget.events);
      if (!budget.take("events", count)) return undefined;
      return count === 0 ? [] : await read(queryOf(isSelected));
    }
    case "all": {
      const count = await countUpTo(
        d1,
        sql`(SELECT 1 FROM ${events} WHERE ${selection.isSelected})`,
        budget.events + 1,
      );
      return budget.take("events", count) ? await read(queryOf(selection.isSelected)) : undefined;
    }
    case "filtered": {
      const rows = await read(queryOf(selection.isSelected));
      return budget.take("events", sumOfEvents(rows)) ? rows : undefined;
    }
  }
}

function sumOfEvents(rows: readonly FoundEvents[]): number {
  return rows.reduce((sum, row) => sum + row.opened + row.clicks + row.openedByBots + row.clicksByBots, 0);
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
