/**
 * Everything that D1 holds about a person, in pages: the pages up to the last one hold it all. The lists of the
 * person's messages lead to their events; what statistics have not aggregated is scanned, a bounded part of the log a
 * page. A message and its retries are on the page of each of its events, and so may repeat on several pages.
 */
import {
  type ArchivedRows,
  END_OF_LOG,
  type LogStores,
  readRecalled,
  readWithSeqs,
  TABLE,
  withArchived,
} from "../archive/index.ts";
import { EVENT_TYPES, NO_ID } from "../events/event.ts";
import { addressesOf } from "../events/holders.ts";
import {
  aggregated,
  events,
  lifts,
  messageStats,
  otherAddresses,
  people,
  retries,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { type EventRow, SELECT_EVENT } from "../feed/index.ts";
import { MESSAGE_COLUMNS, type MessageRow } from "../messages/index.ts";
import { retryOnce } from "../platform/errors.ts";
import { everyColumn, isOneOf, rawSql, readBatch, sql } from "../platform/sql.ts";
import { IS_COUNTED, seqsOf } from "../reports/index.ts";
import { isRetryOf } from "../retries/index.ts";
import { addressSubject, hashedSubject, isRemovalOf, personSubject } from "../suppressions/index.ts";

/** Seqs behind the statistics that a page reads. */
const SEQS_PER_PAGE = 50_000;
const EVENTS_PER_PAGE = 500;

export type HeldSuppressionRow = typeof suppressions.$inferSelect;
type LiftRow = Pick<typeof lifts.$inferSelect, "subject" | "reason" | "at">;
export type HeldMessageRow = MessageRow & Pick<typeof messageStats.$inferSelect, "outcomeAt" | "recent">;
export type HeldSendRow = typeof softBouncedSends.$inferSelect;
export type HeldRetryRow = typeof retries.$inferSelect;

/** The rows of a page. */
export interface HeldPage {
  readonly person: string;
  /** The addresses that the sender reported, and those that were mailed. */
  readonly addresses: readonly string[];
  readonly suppressions: readonly HeldSuppressionRow[];
  /** When they subscribed again, or their address was removed from the suppressions. */
  readonly lifts: readonly LiftRow[];
  /** Those that reports count: the others are nothing but their events. */
  readonly messages: readonly HeldMessageRow[];
  /** That bounced softly. */
  readonly sends: readonly HeldSendRow[];
  /** Retries of these sends. */
  readonly retries: readonly HeldRetryRow[];
  /** In the order of recording. */
  readonly events: readonly EventRow[];
  /** The seq at which the next page begins; undefined on the last one. */
  readonly next: number | undefined;
}

/**
 * The page after the seq `cursor`; 0 for the first one.
 * @throws the errors of D1 and R2
 */
export async function exportPage(stores: LogStores, person: string, cursor: number): Promise<HeldPage> {
  const listed = sql`SELECT seq FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} WHERE seq > ${cursor}`;
  return await readRecalled(stores, [{ person }], () =>
    readWithSeqs(stores, listed, (archived) => readPage(stores.DB, person, { cursor, archived })),
  );
}

/** Where a page begins, and what is archived of the seqs that its person's messages list. */
interface PageSource {
  readonly cursor: number;
  readonly archived: ArchivedRows | undefined;
}

async function readPage(d1: D1Database, person: string, source: PageSource): Promise<HeldPage> {
  const { seqs, next } = await seqsAfter(d1, person, source);
  const { archived } = source;
  const isOnPage = isOneOf(rawSql(`"seq"`), seqs);
  const rowsOfPage = sql`${SELECT_EVENT} FROM ${events} WHERE ${isOneOf(events.seq, seqs)} ORDER BY ${events.seq}`;
  const [page, known, others] = await retryOnce(() =>
    readBatch<[EventRow, { address: string }, { address: string }]>(d1, [
      withArchived(archived && { ...archived, stretch: isOnPage }, rowsOfPage),
      // Not `addressesOf`: the one that they have comes first.
      sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`,
      sql`SELECT ${otherAddresses.address} FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person}`,
    ]),
  );
  const held = [...known, ...others].map(({ address }) => address);
  const addresses = [...new Set([...held, ...page.flatMap((event) => mailedAddress(event) ?? [])])];
  return { person, addresses, ...(await relatedTo(d1, person, addresses, page)), events: page, next };
}

/** The seqs of the person's events, and of removals of their addresses that name nobody, on the page after `cursor`. */
async function seqsAfter(d1: D1Database, person: string, { cursor, archived }: PageSource) {
  const start = sql`max(${cursor}, (SELECT ${aggregated.seq} FROM ${aggregated}))`;
  const addresses = addressesOf((holder) => sql`${holder} = ${person}`);
  const isTheirs = sql`${events.person} = ${person} AND ${events.seq} > ${cursor}`;
  const ends = sql`SELECT ${start} + ${SEQS_PER_PAGE} AS "end", (SELECT max(${events.seq}) FROM ${events}) AS lastSeq`;

  const to = archived?.to ?? END_OF_LOG;
  // What no list names is in D1. With two lower limits of seq SQLite may begin at the lower one.
  const seqs = sql`SELECT ${events.seq} AS seq FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} AS listed
  CROSS JOIN ${events} ON ${events.seq} = listed.seq WHERE ${isTheirs}
UNION SELECT ${events.seq} FROM ${TABLE}
  WHERE ${events.person} = ${person} AND ${events.seq} > ${start}
  AND ${events.seq} <= min(${start} + ${SEQS_PER_PAGE}, ${to})
UNION SELECT ${events.seq} FROM (${addresses}) AS known CROSS JOIN ${TABLE}
  WHERE ${isRemovalOf(sql`known.address`)} AND ${events.person} = ${NO_ID} AND +${events.seq} > ${cursor}
  AND +${events.seq} <= ${to}
ORDER BY seq LIMIT ${EVENTS_PER_PAGE + 1}`;
  const [found, [log = { end: 0, lastSeq: null }]] = await retryOnce(() =>
    readBatch<[{ seq: number }, { end: number; lastSeq: number | null }]>(d1, [withArchived(archived, seqs), ends]),
  );
  const page = found.slice(0, EVENTS_PER_PAGE).map(({ seq }) => seq);
  if (found.length > EVENTS_PER_PAGE) return { seqs: page, next: page.at(-1) };
  if (to !== END_OF_LOG) return { seqs: page, next: to };
  return { seqs: page, next: log.end < (log.lastSeq ?? 0) ? log.end : undefined };
}

/** What is held beside the events of a page, and belongs to them or to the person. */
async function relatedTo(d1: D1Database, person: string, addresses: readonly string[], page: readonly EventRow[]) {
  const names = [personSubject(person), ...addresses.map(addressSubject)];
  const subjects = [...names, ...names.map(hashedSubject)];
  const messageKeys = new Map(page.map(({ email, campaign }) => [`${email}/${campaign}`, { email, campaign }]));
  const softBounced = page.filter(({ type }) => type === EVENT_TYPES.softBounced.id);
  const sendKeys = softBounced.map((event) => sendKey({ ...event, send: event.send ?? undefined }));
  const seqs = page.map(({ seq }) => seq);
  const isOfEvent = sql`${suppressions.event} IN (
    SELECT ${events.id} FROM ${events} WHERE ${isOneOf(events.seq, seqs)})`;
  const isMessage = sql`(${messageStats.email}, ${messageStats.campaign}) IN (
    SELECT value->>'email', value->>'campaign' FROM json_each(${JSON.stringify([...messageKeys.values()])}))
    AND ${messageStats.person} = ${person}`;
  const isSend = isOneOf(softBouncedSends.key, sendKeys);
  const [suppressed, lifted, messages, sends, dueRetries] = await retryOnce(() =>
    readBatch<[HeldSuppressionRow, LiftRow, HeldMessageRow, HeldSendRow, HeldRetryRow]>(d1, [
      sql`SELECT ${everyColumn(suppressions)} FROM ${suppressions}
        WHERE ${isOneOf(suppressions.subject, subjects)} OR ${isOfEvent}
        ORDER BY ${suppressions.subject}, ${suppressions.reason}`,
      sql`SELECT ${lifts.subject}, ${lifts.reason}, ${lifts.at} FROM ${lifts}
        WHERE ${isOneOf(lifts.subject, subjects)} OR ${lifts.person} = ${person}
        ORDER BY ${lifts.subject}, ${lifts.reason}`,
      sql`SELECT ${MESSAGE_COLUMNS}, ${messageStats.outcomeAt} AS outcomeAt, ${messageStats.recent}
        FROM ${messageStats} WHERE ${isMessage} AND ${IS_COUNTED}`,
      sql`SELECT ${everyColumn(softBouncedSends)} FROM ${softBouncedSends} WHERE ${isSend}`,
      sql`SELECT ${everyColumn(retries)} FROM ${softBouncedSends} CROSS JOIN ${retries}
        WHERE ${isSend} AND ${isRetryOf(softBouncedSends.key)}`,
    ]),
  );
  return { suppressions: suppressed, lifts: lifted, messages, sends, retries: dueRetries };
}

function mailedAddress({ detail }: EventRow): string | undefined {
  const { address } = JSON.parse(detail ?? "{}") as { readonly address?: unknown };
  return typeof address === "string" ? address : undefined;
}
