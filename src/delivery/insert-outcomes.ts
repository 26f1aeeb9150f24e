/**
 * Outcomes of sends, into D1: events, suppressions and schedules of retries, in one transaction.
 *
 * Guarantees that an outcome that is reported again changes nothing: everything beside an event happens only when
 * the event is new. So the statements that check this stand before the one that inserts it. And that each send with
 * an outcome has a Sent.
 */
import { type Bounce, CATEGORY } from "../events/bounce.ts";
import type { HardBounced, OutcomeEvent, SoftBounced, Unsubscribed } from "../events/event.ts";
import { rowOf } from "../events/row.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { insertStatements } from "../ingest/insert.ts";
import { retryOnce } from "../platform/errors.ts";
import { type Earliest, earliestStatement, type SoftBouncedSend, scheduleStatements } from "../retries/index.ts";
import { suppressBounced, unsubscription } from "../suppressions/index.ts";
import { addressImpliedSents, impliedSents } from "./implied-sent.ts";

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
  { events, complaints }: Outcomes,
  times: RetryTimes,
): Promise<number | undefined> {
  const hard = events.filter((event) => event.type === "hardBounced");
  const soft = events.filter((event) => event.type === "softBounced");
  const addressedSents = events.filter((event) => event.type === "sent").filter(({ address }) => address !== undefined);
  const sentTo = new Map(addressedSents.map(({ id, address }) => [id, address]));
  const suppressing = hard.map((bounce) => suppressingBounce(bounce, sentTo));
  const statements = [
    ...(hard.length === 0 ? [] : await suppressBounced(d1, suppressing)),
    ...insertStatements(d1, withImpliedSents(events).map(rowOf)),
    ...(addressedSents.length === 0 ? [] : [addressImpliedSents(addressedSents).prepare(d1)]),
    ...complaints.flatMap(({ event, address }) => unsubscription(d1, event, address ?? null)),
    ...(soft.length === 0 ? [] : [...scheduleStatements(d1, soft.map(softBouncedSend), times), earliestStatement(d1)]),
  ];
  const [only] = statements;
  if (only === undefined) return undefined;
  const results = await retryOnce<readonly D1Result<Earliest>[]>(async () =>
    statements.length === 1 ? [await only.run<Earliest>()] : await d1.batch<Earliest>(statements),
  );
  if (soft.length === 0) return undefined;
  return results.at(-1)?.results[0]?.dueAt ?? undefined;
}

/** A Sent that is reported at the same time counts instead of the implied one. */
function withImpliedSents(events: readonly OutcomeEvent[]): OutcomeEvent[] {
  const sents = events.filter(({ type }) => type === "sent");
  const outcomes = events.filter(({ type }) => type !== "sent");
  const reported = new Set(sents.map(({ id }) => id));
  const implied = impliedSents(outcomes).filter(({ id }) => !reported.has(id));
  return [...sents, ...implied, ...outcomes];
}

/** @param sentTo the addresses of the Sents that are reported at the same time, by their ids */
function suppressingBounce(
  { id, message, address: named, atMs, bounce }: HardBounced,
  sentTo: ReadonlyMap<string, string | undefined>,
) {
  const reason = bounce.category === CATEGORY.blocked ? ("blocked" as const) : ("invalid" as const);
  const sent = sentId(sendKey(message));
  const address = named ?? sentTo.get(sent);
  return { event: id, sent, person: message.person, address, reason, sinceMs: atMs, cause: causeOf(bounce) };
}

function softBouncedSend({ message, address, atMs, bounce }: SoftBounced): SoftBouncedSend {
  return { key: sendKey(message), message, address, atMs, bounce };
}

const MAX_CAUSE_CHARS = 200;

/** What the server said, for people to read. */
function causeOf({ status, details, subcategory, category }: Bounce): string {
  const words = details ?? subcategory ?? `bounce of category ${category}`;
  const cause = status === undefined || words.includes(status) ? words : `${status} ${words}`;
  return cause.slice(0, MAX_CAUSE_CHARS);
}
