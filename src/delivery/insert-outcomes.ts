/**
 * What became of sends, into D1: events, suppressions, the schedules of retries, all of them or none, in one transaction.
 *
 * Guarantees that what is told again changes nothing: everything beside an event happens only when the event is news. So the
 * statements that ask whether it is stand in front of the one that inserts it.
 */
import type { Bounce } from "../events/bounce.ts";
import type { HardBounced, OutcomeEvent, SoftBounced, Unsubscribed } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { insertStatements } from "../ingest/insert.ts";
import { retryOnce } from "../platform/errors.ts";
import { nextDue, scheduleRetries } from "../retries/store.ts";
import { unsubscription } from "../suppressions/subscriptions.ts";
import { suppressBounced } from "../suppressions/suppressions.ts";

export interface Complaint {
  readonly event: Unsubscribed;
  /** Where they complained from, trimmed and in lower case. */
  readonly address: string | undefined;
}

export interface Outcomes {
  readonly events: readonly OutcomeEvent[];
  readonly complaints: readonly Complaint[];
}

export interface RetryTimes {
  readonly retryHours: readonly number[];
  readonly nowMs: number;
}

/**
 * Resolves when committed, with the time at which the retry clock must wake at the latest, in ms since 1970; undefined when
 * nothing was scheduled. Throws D1's error when they may not have been committed; trying again is harmless.
 */
export async function insertOutcomes(
  d1: D1Database,
  { events, complaints }: Outcomes,
  times: RetryTimes,
): Promise<number | undefined> {
  const hard = events.filter((event) => event.type === "hardBounced");
  const soft = events.filter((event) => event.type === "softBounced");
  const statements = [
    ...(hard.length === 0 ? [] : await suppressBounced(d1, hard.map(suppressed))),
    ...insertStatements(d1, events.map(rowOf)),
    ...complaints.flatMap(({ event, address }) => unsubscription(d1, event, address ?? null)),
    ...(soft.length === 0 ? [] : [...scheduleRetries(d1, soft.map(scheduled), times), nextDue(d1)]),
  ];
  const [only] = statements;
  if (only === undefined) return undefined;
  const results = await retryOnce<readonly D1Result<unknown>[]>(async () =>
    statements.length === 1 ? [await only.run()] : await d1.batch(statements),
  );
  if (soft.length === 0) return undefined;
  const { dueAt } = Object(results.at(-1)?.results[0]) as { dueAt?: unknown };
  return typeof dueAt === "number" ? dueAt : undefined;
}

function suppressed({ id, message, address, atMs, bounce }: HardBounced) {
  const reason = bounce.category === 1 ? ("blocked" as const) : ("invalid" as const);
  const sent = sentId(sendKey(message));
  return { event: id, sent, person: message.person, address, reason, sinceMs: atMs, cause: causeOf(bounce) };
}

function scheduled({ message, address, atMs, bounce }: SoftBounced) {
  return { key: sendKey(message), message, address, atMs, bounce };
}

const CAUSE_KEPT = 200;

/** What the server said, for people to read. */
function causeOf({ status, details, subcategory, category }: Bounce): string {
  const words = details ?? subcategory ?? `bounce of category ${category}`;
  const named = status === undefined || words.includes(status) ? words : `${status} ${words}`;
  return named.slice(0, CAUSE_KEPT);
}

/** The attempt that each send is at, by its key: 1 the first; without an entry: the first too. */
export async function attemptsOf(
  d1: D1Database,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const query = d1
    .prepare("SELECT key, slot FROM soft_bounced_sends WHERE key IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(keys));
  const { results } = await retryOnce(() => query.all<{ key: string; slot: number }>());
  return new Map(results.map(({ key, slot }) => [key, slot + 1]));
}
