/**
 * Everything that D1 holds about a person, in pages that read a bounded part of the log each: the pages up to the
 * last one hold it all. A message and its retries stand on the page of each of its events, and so may repeat on
 * several pages.
 */
import { EVENT_TYPES, eventName } from "../events/event.ts";
import { events, messageStats, people, retries, softBouncedSends, suppressions } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { runBatch, type Sql, sql } from "../platform/sql.ts";
import { MESSAGE_FLAGS } from "../reports/index.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/index.ts";

/** Seqs of the log that a page reads. */
const SEQS_PER_PAGE = 50_000;
const EVENTS_PER_PAGE = 500;

type Values = Readonly<Record<string, unknown>>;

export interface ExportPage {
  readonly person: string;
  /** The address that the sender reported, and those that were mailed. */
  readonly addresses: readonly string[];
  readonly suppressions: readonly Values[];
  readonly messages: readonly Values[];
  readonly retries: readonly Values[];
  /** In the order of recording. */
  readonly events: readonly Values[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: number;
}

interface EventRow {
  readonly seq: number;
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly campaign: string;
  readonly send: string | null;
  readonly linkId: string | null;
  readonly link: string | null;
  readonly userAgent: string | null;
  readonly isBot: 0 | 1;
  readonly botPattern: string | null;
  readonly detail: string | null;
}

/**
 * The page after the seq `cursor`; 0 for the first one.
 * @throws D1's error
 */
export async function exportPage(d1: D1Database, person: string, cursor: number): Promise<ExportPage> {
  const end = cursor + SEQS_PER_PAGE;
  const [found, known] = await retryOnce(() => runBatch(d1, [eventsOf(person, cursor, end), addressOf(person)]));
  const rows = (found?.results ?? []) as EventRow[];
  const [{ address, lastSeq } = { address: null, lastSeq: 0 }] = (known?.results ?? []) as {
    address: string | null;
    lastSeq: number;
  }[];
  const page = rows.slice(0, EVENTS_PER_PAGE);
  const next = rows.length > EVENTS_PER_PAGE ? page.at(-1)?.seq : end < lastSeq ? end : undefined;
  const addresses = [...new Set([address, ...page.map(mailedAddress)].filter((each) => each !== null))];
  const [suppressed, messages, sends] = await retryOnce(() =>
    runBatch<Values>(d1, [suppressionsOf(person, addresses, page), messagesOf(person, page), sendsOf(person, page)]),
  );
  return {
    person,
    addresses,
    suppressions: (suppressed?.results ?? []).map((row) =>
      withoutNulls({ ...row, since: isoTime(row.since), until: isoTime(row.until) }),
    ),
    messages: (messages?.results ?? []).map(messageAnswer),
    retries: (sends?.results ?? []).map(sendAnswer),
    events: page.map(eventAnswer),
    ...(next === undefined ? {} : { next }),
  };
}

function eventsOf(person: string, after: number, end: number): Sql {
  return sql`SELECT ${events.seq}, ${events.type}, ${events.at}, ${events.email}, ${events.campaign}, ${events.send},
${events.linkId} AS linkId, ${events.link}, ${events.userAgent} AS userAgent, ${events.isBot} AS isBot,
${events.botPattern} AS botPattern, ${events.detail} FROM ${events}
WHERE ${events.seq} > ${after} AND ${events.seq} <= ${end} AND ${events.person} = ${person}
ORDER BY ${events.seq} LIMIT ${EVENTS_PER_PAGE + 1}`;
}

function addressOf(person: string): Sql {
  return sql`SELECT ${people.address}, coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS lastSeq
FROM (SELECT 1) LEFT JOIN ${people} ON ${people.person} = ${person}`;
}

function suppressionsOf(person: string, addresses: readonly string[], page: readonly EventRow[]): Sql {
  const { subject, reason, since, until, cause, event } = suppressions;
  const names = [personSubject(person), ...addresses.map(addressSubject)];
  const subjects = JSON.stringify([...names, ...names.map(hashedSubject)]);
  const seqs = JSON.stringify(page.map(({ seq }) => seq));
  return sql`SELECT ${subject}, ${reason}, ${since}, ${until}, ${cause} FROM ${suppressions}
WHERE ${subject} IN (SELECT value FROM json_each(${subjects})) OR ${event} IN (
  SELECT ${events.id} FROM json_each(${seqs}) AS found CROSS JOIN ${events} ON ${events.seq} = found.value)
ORDER BY ${subject}, ${reason}`;
}

function messagesOf(person: string, page: readonly EventRow[]): Sql {
  const keys = new Map(page.map(({ email, campaign }) => [`${email}/${campaign}`, { email, campaign }]));
  return sql`SELECT ${messageStats}.* FROM json_each(${JSON.stringify([...keys.values()])}) AS message
CROSS JOIN ${messageStats} ON ${messageStats.email} = message.value->>'email'
AND ${messageStats.campaign} = message.value->>'campaign' AND ${messageStats.person} = ${person}`;
}

/** The softly bounced sends among the events, with the retries that were handed out. */
function sendsOf(person: string, page: readonly EventRow[]): Sql {
  const keys = page
    .filter(({ type }) => type === EVENT_TYPES.softBounced.id)
    .map(({ email, campaign, send }) => sendKey({ email, campaign, person, send: send ?? undefined }));
  return sql`SELECT ${softBouncedSends}.*, (
  SELECT json_group_array(json_object('slot', ${retries.slot}, 'dueAt', ${retries.dueAt}, 'tries', ${retries.tries},
    'postAt', ${retries.postAt}))
  FROM ${retries} WHERE ${retries.id} > ${softBouncedSends.key} || '-'
  AND ${retries.id} < ${softBouncedSends.key} || '.' AND ${retries.key} = ${softBouncedSends.key}) AS handedOut
FROM json_each(${JSON.stringify([...new Set(keys)])}) AS send
CROSS JOIN ${softBouncedSends} ON ${softBouncedSends.key} = send.value`;
}

function mailedAddress({ detail }: EventRow): string | null {
  const { address } = Object(parsed(detail)) as { address?: unknown };
  return typeof address === "string" ? address : null;
}

function eventAnswer({ type, at, isBot, detail, ...row }: EventRow): Values {
  return withoutNulls({
    ...row,
    event: eventName(type),
    at: isoTime(at),
    isBot: isBot === 1,
    detail: parsed(detail),
  });
}

function messageAnswer({ email, campaign, since, flags, clicks, recent }: Values): Values {
  const set = Object.entries(MESSAGE_FLAGS).filter(([, flag]) => (Number(flags) & flag) !== 0);
  return withoutNulls({
    email,
    campaign,
    since: isoTime(since),
    flags: set.map(([name]) => name),
    clicks: parsed(clicks),
    recent: parsed(recent),
  });
}

function sendAnswer({ email, campaign, send, address, first_at, bounce, due_at, handedOut }: Values): Values {
  return withoutNulls({
    email,
    campaign,
    send,
    address,
    firstAttemptAt: isoTime(first_at),
    bounce: parsed(bounce),
    dueAt: isoTime(due_at),
    handedOut: (parsed(handedOut) as Values[]).map(({ slot, dueAt, tries, postAt }) =>
      withoutNulls({
        attempt: Number(slot) + 2,
        dueAt: isoTime(dueAt),
        posts: tries,
        nextPostAt: isoTime(postAt),
      }),
    ),
  });
}

function isoTime(ms: unknown): string | null {
  return typeof ms === "number" ? new Date(ms).toISOString() : null;
}

function parsed(json: unknown): unknown {
  return typeof json === "string" ? JSON.parse(json) : null;
}

function withoutNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
