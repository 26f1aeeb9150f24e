/**
 * All that D1 holds about a person, in pages of a bounded stretch of the log: whoever goes on behind `next` until there is none has it all.
 * What stands beside an event, its message and its retries, is on the page of the event, and so on several pages when the events are.
 */
import { EVENT_TYPE_IDS, eventName } from "../events/event.ts";
import { sendKey } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { MESSAGE_FLAGS } from "../reports/index.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/index.ts";

/** Of the log, read for a page. */
const SEQS_PER_PAGE = 50_000;
const EVENTS_A_PAGE = 500;

type Values = Readonly<Record<string, unknown>>;

export interface PersonPage {
  readonly person: string;
  /** Told by the sender, and those that were mailed. */
  readonly addresses: readonly string[];
  readonly suppressions: readonly Values[];
  readonly messages: readonly Values[];
  readonly retries: readonly Values[];
  /** In the order of recording. */
  readonly events: readonly Values[];
  /** The place to go on behind; absent on the last page. */
  readonly next?: number;
}

interface EventRow {
  readonly seq: number;
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly campaign: string;
  readonly send: string | null;
  readonly link_id: string | null;
  readonly link: string | null;
  readonly user_agent: string | null;
  readonly is_bot: 0 | 1;
  readonly bot_pattern: string | null;
  readonly detail: string | null;
}

const EVENTS = `SELECT seq, type, at, email, campaign, send, link_id, link, user_agent, is_bot, bot_pattern, detail FROM events
WHERE seq > ?1 AND seq <= ?2 AND person = ?3 ORDER BY seq LIMIT ${EVENTS_A_PAGE + 1}`;

const KNOWN = `SELECT address, coalesce((SELECT max(seq) FROM events), 0) AS top
FROM (SELECT 1) LEFT JOIN people ON person = ?1`;

const MESSAGES = `SELECT message_stats.* FROM json_each(?1) AS asked CROSS JOIN message_stats
ON email = asked.value->>0 AND campaign = asked.value->>1 AND person = ?2`;

/** ?1 subjects, ?2 places of events. */
const SUPPRESSIONS = `SELECT subject, reason, since, until, cause FROM suppressions
WHERE subject IN (SELECT value FROM json_each(?1))
OR event IN (SELECT events.id FROM json_each(?2) AS found CROSS JOIN events ON events.seq = found.value)
ORDER BY subject, reason`;

const SENDS = `SELECT sends.*, (SELECT json_group_array(json_object('slot', slot, 'dueAt', due_at, 'tries', tries, 'postAt', post_at))
  FROM retries WHERE retries.id > sends.key || '-' AND retries.id < sends.key || '.' AND retries.key = sends.key) AS handed
FROM json_each(?1) AS asked CROSS JOIN soft_bounced_sends AS sends ON sends.key = asked.value`;

/** Throws D1's error. */
export async function pageOf(d1: D1Database, person: string, after: number): Promise<PersonPage> {
  const end = after + SEQS_PER_PAGE;
  const [found, known] = await retryOnce(() =>
    d1.batch([d1.prepare(EVENTS).bind(after, end, person), d1.prepare(KNOWN).bind(person)]),
  );
  const rows = (found?.results ?? []) as EventRow[];
  const [{ address, top } = { address: null, top: 0 }] = (known?.results ?? []) as {
    address: string | null;
    top: number;
  }[];
  const events = rows.slice(0, EVENTS_A_PAGE);
  const next = rows.length > EVENTS_A_PAGE ? events.at(-1)?.seq : end < top ? end : undefined;
  const addresses = [...new Set([address, ...events.map(mailedAddress)].filter((each) => each !== null))];
  const subjects = [personSubject(person), ...addresses.map(addressSubject)];
  const keys = events
    .filter(({ type }) => type === EVENT_TYPE_IDS.softBounced)
    .map(({ email, campaign, send }) => sendKey({ email, campaign, person, send: send ?? undefined }));
  const pairs = new Map(events.map(({ email, campaign }) => [`${email}/${campaign}`, [email, campaign]]));
  const [suppressions, messages, sends] = await retryOnce(() =>
    d1.batch<Values>([
      d1
        .prepare(SUPPRESSIONS)
        .bind(
          JSON.stringify([...subjects, ...subjects.map(hashedSubject)]),
          JSON.stringify(events.map(({ seq }) => seq)),
        ),
      d1.prepare(MESSAGES).bind(JSON.stringify([...pairs.values()]), person),
      d1.prepare(SENDS).bind(JSON.stringify([...new Set(keys)])),
    ]),
  );
  return {
    person,
    addresses,
    suppressions: (suppressions?.results ?? []).map((row) =>
      present({ ...row, since: time(row.since), until: time(row.until) }),
    ),
    messages: (messages?.results ?? []).map(messageOf),
    retries: (sends?.results ?? []).map(sendOf),
    events: events.map(eventOf),
    ...(next === undefined ? {} : { next }),
  };
}

function mailedAddress({ detail }: EventRow): string | null {
  const { address } = Object(json(detail)) as { address?: unknown };
  return typeof address === "string" ? address : null;
}

function eventOf({ type, at, link_id, user_agent, is_bot, bot_pattern, detail, ...row }: EventRow): Values {
  return present({
    ...row,
    event: eventName(type),
    at: time(at),
    linkId: link_id,
    userAgent: user_agent,
    isBot: is_bot === 1,
    botPattern: bot_pattern,
    detail: json(detail),
  });
}

function messageOf({ email, campaign, since, flags, clicks, recent }: Values): Values {
  const names = Object.entries(MESSAGE_FLAGS).filter(([, mark]) => (Number(flags) & mark) !== 0);
  return present({
    email,
    campaign,
    since: time(since),
    flags: names.map(([name]) => name),
    clicks: json(clicks),
    recent: json(recent),
  });
}

function sendOf({ email, campaign, send, address, first_at, bounce, due_at, handed }: Values): Values {
  return present({
    email,
    campaign,
    send,
    address,
    firstAttemptAt: time(first_at),
    bounce: json(bounce),
    dueAt: time(due_at),
    handedOut: (json(handed) as Values[]).map(({ slot, dueAt, tries, postAt }) =>
      present({ attempt: Number(slot) + 2, dueAt: time(dueAt), posts: tries, nextPostAt: time(postAt) }),
    ),
  });
}

function time(ms: unknown): string | null {
  return typeof ms === "number" ? new Date(ms).toISOString() : null;
}

function json(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : null;
}

/** Without what there is nothing of. */
function present(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
