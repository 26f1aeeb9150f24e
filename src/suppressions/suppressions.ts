/**
 * Who must not be mailed. An address's suppressions decide, whoever has it; a person's own count while no address of theirs
 * is known, and when they are blocked, which is for a day and for the person. Those of people who were erased are found by the hash
 * of whom they are of.
 */

import { normalAddress } from "../events/address.ts";
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { retryOnce } from "../platform/errors.ts";
import { addressSubject, hashedSubject, personSubject, restoreSuppressions } from "./subject.ts";

export type SuppressionReason = "unsubscribed" | "invalid" | "blocked";

export interface Suppression {
  readonly reason: SuppressionReason;
  /** ms since 1970 UTC. */
  readonly sinceMs: number;
  /** ms since 1970 UTC; undefined: for ever. */
  readonly untilMs: number | undefined;
  /** "form", "one_click", "complaint", "erased", or what the mail server said. */
  readonly cause: string;
}

/** A person, an address, or both: then the address counts, and not the one that is known of the person. */
export interface Recipient {
  readonly person?: string | undefined;
  readonly address?: string | undefined;
}

/** Longer than that no suppression of reason "blocked" lasts (the seed: "no email for 24 hours"). */
export const BLOCKED_MS = 24 * 60 * 60 * 1000;

/** ?1 [person, address, hash of the person's subject, hash of the address's], ?2 now. */
const SUPPRESSED = `WITH asked AS MATERIALIZED (
  SELECT value.key AS seq, value.value->>0 AS person, coalesce(value.value->>1, people.address) AS address,
    value.value->>2 AS hashed_person, value.value->>3 AS hashed_address
  FROM json_each(?1) AS value LEFT JOIN people ON people.person = value.value->>0
), subjects AS (
  SELECT seq, 'address:' || address AS subject, NULL AS only_reason FROM asked WHERE address IS NOT NULL
  UNION ALL
  SELECT seq, hashed_address, NULL FROM asked WHERE hashed_address IS NOT NULL
  UNION ALL
  SELECT seq, 'person:' || person, iif(address IS NULL, NULL, 'blocked') FROM asked WHERE person IS NOT NULL
  UNION ALL
  SELECT seq, hashed_person, iif(address IS NULL, NULL, 'blocked') FROM asked WHERE hashed_person IS NOT NULL
)
SELECT seq, reason, min(since) AS since, cause, max(until) AS until
FROM subjects JOIN suppressions USING (subject)
WHERE (only_reason IS NULL OR reason = only_reason) AND (until IS NULL OR until > ?2)
GROUP BY seq, reason ORDER BY seq, reason`;

interface Row {
  readonly seq: number;
  readonly reason: SuppressionReason;
  readonly since: number;
  readonly cause: string;
  readonly until: number | null;
}

/** The statement that `suppressionsIn` reads, for a transaction. */
export function suppressionsStatement(
  d1: D1Database,
  recipients: readonly Recipient[],
  nowMs: number,
): D1PreparedStatement {
  const asked = recipients.map(({ person = null, address }) => {
    const normal = address === undefined ? null : normalAddress(address);
    return [
      person,
      normal,
      person === null ? null : hashedSubject(personSubject(person)),
      normal === null ? null : hashedSubject(addressSubject(normal)),
    ];
  });
  return d1.prepare(SUPPRESSED).bind(JSON.stringify(asked), nowMs);
}

/** The suppressions of each recipient, in the order asked; none: they may be mailed. */
export function suppressionsIn(
  result: D1Result<unknown> | undefined,
  count: number,
): readonly Suppression[][] {
  const found: Suppression[][] = Array.from({ length: count }, () => []);
  for (const { seq, reason, since, cause, until } of (result?.results ?? []) as Row[]) {
    found[seq]?.push({ reason, sinceMs: since, untilMs: until ?? undefined, cause });
  }
  return found;
}

/** Throws D1's error when it can't be read. */
export async function suppressionsOf(
  d1: D1Database,
  recipients: readonly Recipient[],
  nowMs: number,
): Promise<readonly Suppression[][]> {
  const result = await retryOnce(() => suppressionsStatement(d1, recipients, nowMs).all());
  return suppressionsIn(result, recipients.length);
}

/**
 * ?1 [event, person, address or null, reason, since, until or null, cause, id of the Sent] of hard bounces. Who mailed knows where
 * to, whatever address the person has by now: without an address in the bounce it is that of the Sent.
 */
const HARD = `WITH told AS (
  SELECT value->>0 AS event, value->>1 AS person, value->>3 AS reason, value->>4 AS since, value->>5 AS until, value->>6 AS cause,
    coalesce(value->>2, (SELECT detail->>'address' FROM events WHERE id = value->>7)) AS address
  FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = value->>0))`;

/** An address that only its bounce told of: without it, the person's suppression would pass on to their next address. */
const INSERT_ADDRESS = `${HARD}
INSERT INTO people (person, address) SELECT person, address FROM told WHERE address IS NOT NULL ON CONFLICT DO NOTHING`;

const SUPPRESS_BOUNCED = `${HARD}, whom AS (
  SELECT told.*, coalesce(told.address, people.address) AS mailed FROM told LEFT JOIN people USING (person))
INSERT INTO suppressions (subject, reason, since, cause, until, event)
SELECT 'address:' || mailed, reason, since, cause, until, event FROM whom WHERE mailed IS NOT NULL
UNION ALL
SELECT 'person:' || person, reason, since, cause, until, event FROM whom WHERE mailed IS NULL OR reason = 'blocked'
ON CONFLICT (subject, reason) DO UPDATE
SET since = excluded.since, cause = excluded.cause, until = excluded.until, event = excluded.event
WHERE excluded.until > suppressions.until`;

export interface HardBounce {
  readonly event: string;
  /** The id of the Sent that it undoes, logged or not. */
  readonly sent: string;
  readonly person: string;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
  readonly reason: "invalid" | "blocked";
  readonly sinceMs: number;
  readonly cause: string;
}

const SENT_TO = `SELECT detail->>'address' AS address FROM json_each(?1) AS sent CROSS JOIN events ON events.id = sent.value`;

/**
 * What hard bounces suppress, for a transaction: in front of the insert of their events, for those that are news. Throws D1's error when
 * it cannot be asked where those were sent that do not say so.
 */
export async function suppressBounced(
  d1: D1Database,
  bounces: readonly HardBounce[],
): Promise<D1PreparedStatement[]> {
  const silent = bounces.filter(({ address }) => address === undefined).map(({ sent }) => sent);
  const sentTo = d1.prepare(SENT_TO).bind(JSON.stringify(silent));
  const found = silent.length === 0 ? [] : (await sentTo.all<{ address: string | null }>()).results;
  const addresses = [...bounces, ...found].flatMap(({ address }) => address ?? []);
  const people = bounces.map(({ person }) => personSubject(person));
  const rows = JSON.stringify(
    bounces.map(({ event, sent, person, address, reason, sinceMs, cause }) => [
      event,
      person,
      address ?? null,
      reason,
      sinceMs,
      reason === "blocked" ? sinceMs + BLOCKED_MS : null,
      cause,
      sent,
    ]),
  );
  return [
    ...restoreSuppressions(d1, [...people, ...addresses.map(addressSubject)]),
    d1.prepare(INSERT_ADDRESS).bind(rows),
    d1.prepare(SUPPRESS_BOUNCED).bind(rows),
  ];
}

export interface Removal {
  /** Of the event, unique for ever. */
  readonly id: string;
  /** ms since 1970 UTC. */
  readonly atMs: number;
  readonly recipient: Recipient;
  /** Who removes it and why, for readers of the log. */
  readonly by: string;
  readonly why: string;
}

/** ?1 the person or null, ?2 the address or null; ?3, beside it, is the hash of whichever is given. */
const THEIR_SUBJECT = `coalesce('address:' || coalesce(?2, (SELECT address FROM people WHERE person = ?1)), 'person:' || ?1)`;

/** The event belongs to the send whose bounce it undoes; to none that is known when the bounce has left the log. */
const LOG_REMOVAL = `INSERT INTO events (id, type, at, email, person, campaign, send, detail)
SELECT ?4, ${EVENT_TYPE_IDS.reset}, ?5, coalesce(email, 'unknown'), coalesce(person, ?1, 'unknown'), coalesce(campaign, 'unknown'), send,
  json_object('by', ?6, 'why', ?7, 'address', iif(subject LIKE 'address:%', substr(subject, 9), NULL))
FROM suppressions LEFT JOIN events ON events.id = suppressions.event
WHERE subject IN (${THEIR_SUBJECT}, ?3) AND reason = 'invalid' ORDER BY events.id IS NULL LIMIT 1
ON CONFLICT (id) DO NOTHING`;

const REMOVE_INVALID = `DELETE FROM suppressions WHERE subject IN (${THEIR_SUBJECT}, ?3) AND reason = 'invalid'`;

/**
 * Takes an address off the list of invalid ones, and logs who did and why, in one transaction. False when it was not on it.
 * Throws D1's error when it may not be committed; trying again with the same id is harmless.
 */
export async function removeInvalid(
  d1: D1Database,
  { id, atMs, recipient, by, why }: Removal,
): Promise<boolean> {
  const { person = null, address } = recipient;
  const normal = address === undefined ? null : normalAddress(address);
  const subject = normal === null ? personSubject(person ?? "") : addressSubject(normal);
  const whom = [person, normal, hashedSubject(subject)];
  const results = await retryOnce(() =>
    d1.batch([
      d1.prepare(LOG_REMOVAL).bind(...whom, id, atMs, by, why),
      d1.prepare(REMOVE_INVALID).bind(...whom),
      d1.prepare("SELECT 1 FROM events WHERE id = ?1").bind(id),
    ]),
  );
  return (results.at(-1)?.results.length ?? 0) > 0;
}
