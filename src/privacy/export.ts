/**
 * Everything that D1 holds about a person, in pages: the pages up to the last one hold it all. The lists of the
 * person's messages lead to their events; what statistics have not aggregated is searched, a bounded part of the log a
 * page. A message and its retries stand on the page of each of its events, and so may repeat on several pages.
 */
import {
  type ArchivedRows,
  END_OF_LOG,
  type LogStores,
  readInOneEdition,
  readWithSeqs,
  recallFiled,
  TABLE,
  withArchived,
} from "../archive/index.ts";
import { EVENT_TYPES, eventName, NO_ID } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
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
import { isoTime } from "../http/time.ts";
import { retryOnce } from "../platform/errors.ts";
import { decodedRow, everyColumn, isOneOf, rawSql, readBatch, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
import { attemptOf, isRetryOf } from "../retries/index.ts";
import { addressSubject, hashedSubject, isRemovalOf, personSubject } from "../suppressions/index.ts";

/** Seqs behind the statistics that a page reads. */
const SEQS_PER_PAGE = 50_000;
const EVENTS_PER_PAGE = 500;

type Values = Readonly<Record<string, unknown>>;
type EventRow = typeof events.$inferSelect;
type SuppressionRow = typeof suppressions.$inferSelect;
type LiftRow = Pick<typeof lifts.$inferSelect, "subject" | "reason" | "at">;
type MessageRow = typeof messageStats.$inferSelect;
type SendRow = typeof softBouncedSends.$inferSelect;
type RetryRow = typeof retries.$inferSelect;

export interface ExportPage {
  readonly person: string;
  /** The addresses that the sender reported, and those that were mailed. */
  readonly addresses: readonly string[];
  readonly suppressions: readonly Values[];
  /** When they subscribed again, or their address was removed from the suppressions; absent without any. */
  readonly lifts?: readonly Values[];
  readonly messages: readonly Values[];
  readonly retries: readonly Values[];
  /** In the order of recording. */
  readonly events: readonly Values[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: number;
}

/**
 * The page after the seq `cursor`; 0 for the first one.
 * @throws the errors of D1 and R2
 */
export async function exportPage(stores: LogStores, person: string, cursor: number): Promise<ExportPage> {
  const listed = sql`SELECT seq FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} WHERE seq > ${cursor}`;
  return await readInOneEdition(stores.DB, async () => {
    await recallFiled(stores, [{ person }]);
    return await readWithSeqs(stores, listed, (archived) => readPage(stores.DB, person, { cursor, archived }));
  });
}

/** Where a page begins, and what is archived of the seqs that its person's messages list. */
interface PageSource {
  readonly cursor: number;
  readonly archived: ArchivedRows | undefined;
}

async function readPage(d1: D1Database, person: string, source: PageSource): Promise<ExportPage> {
  const { seqs, next } = await seqsAfter(d1, person, source);
  const { archived } = source;
  const isOnPage = isOneOf(rawSql(`"seq"`), seqs);
  const rowsOfPage = sql`SELECT ${everyColumn(events)} FROM ${events} WHERE ${isOneOf(events.seq, seqs)}
ORDER BY ${events.seq}`;
  const [rows, known, others] = await retryOnce(() =>
    readBatch<[Values, { address: string }, { address: string }]>(d1, [
      archived === undefined ? rowsOfPage : withArchived({ ...archived, stretch: isOnPage }, rowsOfPage),
      sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`,
      sql`SELECT ${otherAddresses.address} FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person}`,
    ]),
  );
  const page = rows.map((row) => decodedRow(events, row));
  const held = [...known, ...others].map(({ address }) => address);
  const addresses = [...new Set([...held, ...page.flatMap((event) => mailedAddress(event) ?? [])])];
  return {
    person,
    addresses,
    ...(await relatedTo(d1, person, addresses, page)),
    events: page.map(eventAnswer),
    ...(next === undefined ? {} : { next }),
  };
}

/** The seqs of the person's events, and of removals of their addresses that name nobody, on the page after `cursor`. */
async function seqsAfter(d1: D1Database, person: string, { cursor, archived }: PageSource) {
  const start = sql`max(${cursor}, (SELECT ${aggregated.seq} FROM ${aggregated}))`;
  const addresses = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}
UNION SELECT ${otherAddresses.address} FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person}`;
  const isTheirs = sql`${events.person} = ${person} AND ${events.seq} > ${cursor}`;
  const ends = sql`SELECT ${start} + ${SEQS_PER_PAGE} AS "end", (SELECT max(${events.seq}) FROM ${events}) AS lastSeq`;

  const to = archived?.to ?? END_OF_LOG;
  // What no list names is in D1.
  const seqs = sql`SELECT ${events.seq} AS seq FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} AS listed
  CROSS JOIN ${events} ON ${events.seq} = listed.seq WHERE ${isTheirs}
UNION SELECT ${events.seq} FROM ${TABLE}
  WHERE ${isTheirs} AND ${events.seq} > ${start} AND ${events.seq} <= min(${start} + ${SEQS_PER_PAGE}, ${to})
UNION SELECT ${events.seq} FROM ${TABLE}
  WHERE ${isRemovalOf(addresses)} AND ${events.person} = ${NO_ID} AND ${events.seq} > ${cursor}
  AND ${events.seq} <= ${to}
ORDER BY seq LIMIT ${EVENTS_PER_PAGE + 1}`;
  const [found, [log = { end: 0, lastSeq: null }]] = await retryOnce(() =>
    readBatch<[{ seq: number }, { end: number; lastSeq: number | null }]>(d1, [
      archived === undefined ? seqs : withArchived(archived, seqs),
      ends,
    ]),
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
  const [suppressed, lifted, messages, sends, handedOut] = await retryOnce(() =>
    readBatch<[SuppressionRow, LiftRow, MessageRow, SendRow, RetryRow]>(d1, [
      sql`SELECT ${everyColumn(suppressions)} FROM ${suppressions}
        WHERE ${isOneOf(suppressions.subject, subjects)} OR ${isOfEvent}
        ORDER BY ${suppressions.subject}, ${suppressions.reason}`,
      sql`SELECT ${lifts.subject}, ${lifts.reason}, ${lifts.at} FROM ${lifts}
        WHERE ${isOneOf(lifts.subject, subjects)} OR ${lifts.person} = ${person}
        ORDER BY ${lifts.subject}, ${lifts.reason}`,
      sql`SELECT ${everyColumn(messageStats)} FROM ${messageStats} WHERE ${isMessage}`,
      sql`SELECT ${everyColumn(softBouncedSends)} FROM ${softBouncedSends} WHERE ${isSend}`,
      sql`SELECT ${everyColumn(retries)} FROM ${softBouncedSends} CROSS JOIN ${retries}
        WHERE ${isSend} AND ${isRetryOf(softBouncedSends.key)}`,
    ]),
  );
  const retriesBySend = Map.groupBy(handedOut, ({ key }) => key);
  return {
    suppressions: suppressed.map(exportedSuppression),
    ...(lifted.length === 0 ? {} : { lifts: lifted.map(({ at, ...lift }) => ({ ...lift, at: isoTime(at) })) }),
    messages: messages.map(messageAnswer),
    retries: sends.map((send) => sendAnswer(send, retriesBySend.get(send.key) ?? [])),
  };
}

function mailedAddress({ detail }: EventRow): string | undefined {
  return typeof detail?.address === "string" ? detail.address : undefined;
}

function eventAnswer({ id, person, type, at, ...event }: EventRow): Values {
  return withoutNulls({ ...event, event: eventName(type), at: isoTime(at) });
}

function exportedSuppression({ event, owner, source, since, until, lastAt, ...suppression }: SuppressionRow): Values {
  const times = { since: isoTime(since), until: until && isoTime(until), lastAt: lastAt && isoTime(lastAt) };
  return withoutNulls({ ...suppression, ...times });
}

function messageAnswer(row: MessageRow): Values {
  const { email, campaign, since, flags, outcomeAt, clicks, recent } = row;
  const set = Object.entries(MESSAGE_FLAGS).filter(([, flag]) => (flags & flag) !== 0);
  return withoutNulls({
    email,
    campaign,
    since: isoTime(since),
    flags: set.map(([name]) => name),
    outcomeAt: outcomeAt && isoTime(outcomeAt),
    clicks: clicks && JSON.parse(clicks),
    recent: recent && JSON.parse(recent),
  });
}

function sendAnswer(
  { key, person, firstAt, bounce, slot, dueAt, ...send }: SendRow,
  handedOut: readonly RetryRow[],
): Values {
  return withoutNulls({
    ...send,
    firstAttemptAt: isoTime(firstAt),
    bounce: JSON.parse(bounce),
    dueAt: dueAt && isoTime(dueAt),
    handedOut: handedOut.map(retryAnswer),
  });
}

function retryAnswer({ slot, dueAt }: RetryRow): Values {
  return { attempt: attemptOf(slot), dueAt: isoTime(dueAt) };
}

function withoutNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
