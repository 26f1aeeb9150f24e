/**
 * Outcomes of sends, into D1: events, suppressions and schedules of retries, in one transaction.
 *
 * Guarantees that an outcome that is reported again changes nothing: everything beside an event happens only when
 * the event is new. So the statements that check this stand before the one that inserts it. And that each send with
 * an outcome has a Sent.
 */
import type { OutcomeEvent, SoftBounced, Unsubscribed } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { sendKey } from "../events/send-key.ts";
import { insertStatements } from "../ingest/insert.ts";
import { retryOnce } from "../platform/errors.ts";
import {
  type Attempt,
  type Earliest,
  earliestStatement,
  moveSchedules,
  type SoftBouncedSend,
  scheduleStatements,
} from "../retries/index.ts";
import { suppressBounced, unsubscription } from "../suppressions/index.ts";
import { suppressAddresses, suppressionsOf, type UnaddressedBounce, unaddressedBounces } from "./hard-bounces.ts";
import { addressSents, impliedSents, moveImpliedSents } from "./implied-sent.ts";

export interface Complaint {
  readonly event: Unsubscribed;
  /** The address that complained, trimmed and in lower case. */
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
 * Resolves when committed, to when the retry clock's alarm must be set at the latest, in ms since 1970; undefined
 * when nothing was scheduled. Throws D1's error when the commit is uncertain; repeating it is harmless.
 */
export async function insertOutcomes(
  d1: D1Database,
  { events: reported, complaints }: Outcomes,
  times: RetryTimes,
): Promise<number | undefined> {
  const events = firstOfEach(reported);
  const outcomes = events.filter(({ type }) => type !== "sent");
  const sents = events.filter(({ type }) => type === "sent");
  const hard = events.filter((event) => event.type === "hardBounced");
  const soft = events.filter((event) => event.type === "softBounced");
  const addressed = events.filter(({ address }) => address !== undefined);
  const knownSents = [...moveImpliedSents(outcomes), ...addressSents(addressed)];
  const schedules = [
    ...scheduleStatements(d1, soft.map(softBouncedSend), times),
    ...moveSchedules(d1, [...sents, ...soft].map(attempt), times),
  ];
  const statements = [
    ...(hard.length === 0 ? [] : await suppressBounced(d1, suppressionsOf(hard, addressed))),
    ...knownSents.map((statement) => statement.prepare(d1)),
    ...insertStatements(d1, withImpliedSents(sents, outcomes).map(rowOf)),
    ...(addressed.length === 0 ? [] : [unaddressedBounces(addressed).prepare(d1)]),
    ...complaints.flatMap(({ event, address }) => unsubscription(d1, event, address ?? null)),
    ...schedules,
    ...(schedules.length === 0 ? [] : [earliestStatement(d1)]),
  ];
  const [only] = statements;
  if (only === undefined) return undefined;
  const results = await retryOnce<readonly D1Result<Earliest | UnaddressedBounce>[]>(async () =>
    statements.length === 1 ? [await only.run<never>()] : await d1.batch<Earliest | UnaddressedBounce>(statements),
  );
  const rows = results.flatMap((result) => result.results);
  await suppressAddresses(
    d1,
    rows.filter((row) => "address" in row),
  );
  const isMoved = results.slice(-1 - schedules.length, -1).some(({ meta }) => meta.changes > 0);
  // Also of a soft bounce that is reported again: the clock may not have been reached the first time.
  if (soft.length === 0 && !isMoved) return undefined;
  return rows.find((row) => "dueAt" in row)?.dueAt ?? undefined;
}

/** An event that is reported twice at the same time counts as it is reported first. */
function firstOfEach(reported: readonly OutcomeEvent[]): OutcomeEvent[] {
  const byId = new Map<string, OutcomeEvent>();
  for (const event of reported) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()];
}

/** A Sent that is reported at the same time counts instead of the implied one. */
function withImpliedSents(sents: readonly OutcomeEvent[], outcomes: readonly OutcomeEvent[]): OutcomeEvent[] {
  const reported = new Set(sents.map(({ id }) => id));
  const implied = impliedSents(outcomes).filter(({ id }) => !reported.has(id));
  return [...sents, ...implied, ...outcomes];
}

function softBouncedSend({ message, address, atMs, bounce }: SoftBounced): SoftBouncedSend {
  return { key: sendKey(message), message, address, atMs, bounce };
}

function attempt({ message, atMs }: OutcomeEvent): Attempt {
  return { key: sendKey(message), atMs };
}
