/**
 * Softly bounced sends and their retries, in D1.
 *
 * A slot that comes is one transaction: the retry is inserted and the schedule moves on, or neither. Whoever moves a schedule
 * names the slot it stands at, so that of two who do it at the same time one does. `retries` only grows, by place.
 * Whether a send still needs a retry is asked of the log and the suppressions at that moment, and nothing is kept of it:
 * recording a Delivered costs its own row and no more.
 */

import { normalAddress } from "../events/address.ts";
import type { Bounce } from "../events/bounce.ts";
import type { retries, softBouncedSends } from "../events/schema.ts";
import { deliveredId, hardBouncedId, type Send, sentId } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/subject.ts";
import { LATEST_RETRY_MS, slotOffsets, type Turn } from "./schedule.ts";

/** Begin the ids of a send's outcomes in the log; its key ends them. */
const SENT = sentId("");
const DELIVERED = deliveredId("");
const HARD_BOUNCED = hardBouncedId("");

/** D1 takes a text of 2 MB at most; what servers said is cut to a few thousand bytes. */
const SENDS_A_STATEMENT = 200;

/** ?1 rows in the order of their bounces, ?2 how long after the first attempt each slot comes, ?3 now. */
const SCHEDULE = `WITH bounced AS MATERIALIZED (
  SELECT key AS nth, value->>0 AS send_key, value->>1 AS email, value->>2 AS person, value->>3 AS campaign, value->>4 AS send,
    value->>5 AS address, value->>7 AS bounce,
    min(value->>6, ?3, coalesce((SELECT at FROM events WHERE id = '${SENT}' || (value->>0)), ?3)) AS first_at
  FROM json_each(?1))
INSERT INTO soft_bounced_sends (key, email, person, campaign, send, address, first_at, bounce, slot, due_at)
SELECT send_key, email, person, campaign, send, address, first_at, bounce,
  (SELECT count(*) FROM json_each(?2) AS slots WHERE first_at + slots.value <= ?3),
  (SELECT min(first_at + slots.value) FROM json_each(?2) AS slots WHERE first_at + slots.value > ?3)
FROM bounced
WHERE NOT EXISTS (SELECT 1 FROM events WHERE id IN ('${DELIVERED}' || send_key, '${HARD_BOUNCED}' || send_key))
ORDER BY nth
ON CONFLICT (key) DO NOTHING`;

const EARLIEST = `SELECT
  (SELECT min(due_at) FROM soft_bounced_sends WHERE due_at IS NOT NULL) AS dueAt,
  (SELECT min(post_at) FROM retries WHERE post_at IS NOT NULL) AS postAt`;

/**
 * What there is to do for sends. ?1 rows of [key, address it was sent to or null, id of its Opened, the hash of that address as a
 * suppression's subject or null, that of its person, …], ?2 now.
 * `hold` is 1 for a person who must not be mailed, 0 for one who is only blocked for a while, else null.
 * An Opened counts when a person left it after the first attempt, in this campaign: the same email may have been sent before,
 * and scanners load pixels before the mailbox has the mail.
 */
const JUDGED = `WITH asked AS MATERIALIZED (
  SELECT value AS entry, value->>0 AS send_key, value->>1 AS mailed, value->>2 AS opened_id,
    value->>3 AS hashed_address, value->>4 AS hashed_person FROM json_each(?1)),
found AS MATERIALIZED (
  SELECT asked.*, sends.*, people.address AS known, coalesce(people.address, asked.mailed) AS current_address
  FROM asked JOIN soft_bounced_sends AS sends ON sends.key = asked.send_key
  LEFT JOIN people ON people.person = sends.person),
held AS MATERIALIZED (
  SELECT found.*, (
    SELECT max(reason <> 'blocked') FROM suppressions
    WHERE subject IN ('address:' || current_address, 'person:' || person, iif(known IS NULL, hashed_address, NULL), hashed_person)
    AND (until IS NULL OR until > ?2)
    AND (subject = 'address:' || current_address OR reason = 'blocked' OR known IS NULL)) AS hold
  FROM found),
judged AS MATERIALIZED (
  SELECT held.*, CASE
    WHEN hold = 1 OR first_at + ${LATEST_RETRY_MS} < ?2
      OR EXISTS (SELECT 1 FROM events WHERE id IN ('${DELIVERED}' || key, '${HARD_BOUNCED}' || key))
      OR EXISTS (SELECT 1 FROM events WHERE id = opened_id
        AND events.at >= first_at AND events.campaign = held.campaign AND NOT is_bot)
    THEN 'over' WHEN hold = 0 THEN 'blocked' ELSE 'due' END AS verdict
  FROM held)`;

/** The rows of `JUDGED` go on: the slot it stands at, the slot that has come, when that did, when the next does. ?3 when to post. */
const HAND_OUT = `${JUDGED}
INSERT INTO retries (id, key, slot, due_at, post_at)
SELECT key || '-' || (entry->>6), key, entry->>6, entry->>7, ?3 FROM judged
WHERE verdict = 'due' AND slot = entry->>5 AND due_at <= ?2
ON CONFLICT (id) DO NOTHING`;

const MOVE_ON = `${JUDGED}
UPDATE soft_bounced_sends
SET slot = (entry->>6) + 1, due_at = CASE verdict WHEN 'over' THEN NULL ELSE entry->>8 END
FROM judged
WHERE soft_bounced_sends.key = judged.key
AND soft_bounced_sends.slot = entry->>5 AND soft_bounced_sends.due_at <= ?2`;

const VERDICTS = `${JUDGED} SELECT key, verdict FROM judged`;

const SEND_COLUMNS = `sends.key, sends.email, sends.person, sends.campaign, sends.send, sends.address,
sends.first_at AS firstAt`;

const WAITING = `SELECT ${SEND_COLUMNS}, slot, due_at AS dueAt FROM soft_bounced_sends AS sends
WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2`;

const RETRIES = `SELECT retries.seq, retries.id, retries.slot, retries.due_at AS dueAt, retries.tries, ${SEND_COLUMNS},
sends.bounce, people.address AS knownAddress, sends.slot AS nextSlot
FROM retries JOIN soft_bounced_sends AS sends ON sends.key = retries.key
LEFT JOIN people ON people.person = sends.person`;

const RECORD_POSTS = `UPDATE retries SET tries = posts.value->>1, post_at = posts.value->>2
FROM json_each(?1) AS posts WHERE retries.id = posts.value->>0`;

type SendRow = Pick<
  typeof softBouncedSends.$inferSelect,
  "key" | "email" | "person" | "campaign" | "send" | "address" | "firstAt"
>;

/** A send whose next slot has come. */
export type WaitingSend = SendRow & { readonly slot: number; readonly dueAt: number };

/** A retry as D1 holds it, with its send. */
export type LoggedRetry = SendRow &
  Pick<typeof retries.$inferSelect, "seq" | "id" | "slot" | "dueAt" | "tries"> & {
    /** JSON of the Bounce that began it. */
    readonly bounce: string;
    /** What the sender told of the person; null: nothing. */
    readonly knownAddress: string | null;
    /** The first slot of the send that has not come yet. */
    readonly nextSlot: number;
  };

/** A send, and the id that an Opened of its message has in the log. */
export interface Asked {
  readonly send: SendRow;
  readonly openedId: string;
}

export interface Move extends Asked {
  readonly send: WaitingSend;
  readonly turn: Turn;
}

/** "over": the send needs no retry any more. "blocked": not now. */
export type Verdict = "due" | "over" | "blocked";

/** When there is something to do next, ms since 1970 UTC; null: nothing. */
export interface Earliest {
  readonly dueAt: number | null;
  readonly postAt: number | null;
}

/** What became of posting a retry. */
export interface Post {
  readonly id: string;
  /** How many times it was posted. */
  readonly tries: number;
  /** ms since 1970 UTC; null: no further post. */
  readonly postAtMs: number | null;
}

/** A soft bounce that is being logged. */
export interface SoftBouncedSend {
  readonly key: string;
  readonly message: Send;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
  /** ms since 1970 UTC. */
  readonly atMs: number;
  readonly bounce: Bounce;
}

/**
 * The statements that give softly bounced sends their schedule. They change nothing for a send that has one, is delivered or
 * has bounced hard, so they may come again. The first attempt is the Sent that is logged when they run: in one batch, they
 * belong behind the events.
 */
export function scheduleRetries(
  d1: D1Database,
  sends: readonly SoftBouncedSend[],
  { retryHours, nowMs }: { readonly retryHours: readonly number[]; readonly nowMs: number },
): D1PreparedStatement[] {
  const rows = sends
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ key, message: { email, person, campaign, send = null }, address = null, atMs, bounce }) => {
      return [key, email, person, campaign, send, address, atMs, bounce];
    });
  const offsets = JSON.stringify(slotOffsets(retryHours));
  const statements: D1PreparedStatement[] = [];
  for (let at = 0; at < rows.length; at += SENDS_A_STATEMENT) {
    const some = JSON.stringify(rows.slice(at, at + SENDS_A_STATEMENT));
    statements.push(d1.prepare(SCHEDULE).bind(some, offsets, nowMs));
  }
  return statements;
}

/** The statement whose only row is an `Earliest`: when the clock must be awake. */
export function nextDue(d1: D1Database): D1PreparedStatement {
  return d1.prepare(EARLIEST);
}

export async function earliest(d1: D1Database): Promise<Earliest> {
  const row = await retryOnce(() => nextDue(d1).first<Earliest>());
  return row ?? { dueAt: null, postAt: null };
}

/** Sends whose next slot has come, the longest waiting first. */
export async function waitingSends(d1: D1Database, nowMs: number, limit: number): Promise<WaitingSend[]> {
  const query = d1.prepare(WAITING).bind(nowMs, limit);
  return (await retryOnce(() => query.all<WaitingSend>())).results;
}

/**
 * Hands out the slots that have come and moves the schedules on, in one transaction; ends those of sends that need no more.
 * `postAtMs` is when to post them, null: they are not posted. Trying again is harmless.
 */
export async function moveOn(
  d1: D1Database,
  moves: readonly Move[],
  postAtMs: number | null,
  nowMs: number,
): Promise<void> {
  const rows = JSON.stringify(
    moves.map(({ send, openedId, turn }) => [
      ...askedRow({ send, openedId }),
      send.slot,
      turn.slot,
      turn.dueAtMs,
      turn.nextDueAtMs,
    ]),
  );
  await retryOnce(() =>
    d1.batch([d1.prepare(HAND_OUT).bind(rows, nowMs, postAtMs), d1.prepare(MOVE_ON).bind(rows, nowMs)]),
  );
}

/** What there is to do for each send now, by key. */
export async function retryDecisions(
  d1: D1Database,
  asked: readonly Asked[],
  nowMs: number,
): Promise<ReadonlyMap<string, Verdict>> {
  if (asked.length === 0) return new Map();
  const query = d1.prepare(VERDICTS).bind(JSON.stringify(asked.map(askedRow)), nowMs);
  const { results } = await retryOnce(() => query.all<{ key: string; verdict: Verdict }>());
  return new Map(results.map(({ key, verdict }) => [key, verdict]));
}

/** The retries behind a place, oldest first. */
export async function retriesAfter(d1: D1Database, seq: number, limit: number): Promise<LoggedRetry[]> {
  const query = d1.prepare(`${RETRIES} WHERE seq > ?1 ORDER BY seq LIMIT ?2`).bind(seq, limit);
  return (await retryOnce(() => query.all<LoggedRetry>())).results;
}

/** The retries whose post has come, the longest waiting first. */
export async function retriesToPost(d1: D1Database, nowMs: number, limit: number): Promise<LoggedRetry[]> {
  const query = d1.prepare(`${RETRIES} WHERE post_at <= ?1 ORDER BY post_at LIMIT ?2`).bind(nowMs, limit);
  return (await retryOnce(() => query.all<LoggedRetry>())).results;
}

/** Trying again is harmless. */
export async function recordPosts(d1: D1Database, posts: readonly Post[]): Promise<void> {
  if (posts.length === 0) return;
  const rows = JSON.stringify(posts.map(({ id, tries, postAtMs }) => [id, tries, postAtMs]));
  await retryOnce(() => d1.prepare(RECORD_POSTS).bind(rows).run());
}

function askedRow({ send, openedId }: Asked): unknown[] {
  const mailed = send.address === null ? null : normalAddress(send.address);
  return [
    send.key,
    mailed,
    openedId,
    mailed === null ? null : hashedSubject(addressSubject(mailed)),
    hashedSubject(personSubject(send.person)),
  ];
}
