/**
 * What people have decided, into D1. A send has one complaint, however often it is reported: of several times the
 * earliest counts, whichever is reported first.
 */
import type { ReportedDecision, ReportedUnsubscribed } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { isOneOf, sql } from "../platform/sql.ts";
import { reportedDecision, withdrawnComplaint } from "../suppressions/index.ts";

/** What a person has decided, and where from. */
export interface DecisionReport {
  readonly event: ReportedDecision;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
}

/**
 * The statements that log decisions, for a transaction.
 * @throws D1's error when it cannot be asked for complaints that are known
 */
export async function decisionStatements(
  d1: D1Database,
  decisions: readonly DecisionReport[],
): Promise<D1PreparedStatement[]> {
  const loggedAtMs = await timesOf(
    d1,
    decisions.flatMap(({ event }) => (isComplaint(event) ? [event.id] : [])),
  );
  return decisions.flatMap(({ event, address }) => {
    const statements = reportedDecision(d1, event, address ?? null);
    if (!isComplaint(event)) return statements;
    const knownAtMs = loggedAtMs.get(event.id);
    if (knownAtMs === undefined || event.atMs < knownAtMs) loggedAtMs.set(event.id, event.atMs);
    const isEarlier = knownAtMs !== undefined && event.atMs < knownAtMs;
    return isEarlier ? [...withdrawnComplaint(d1, event, knownAtMs), ...statements] : statements;
  });
}

function isComplaint(event: ReportedDecision): event is ReportedUnsubscribed {
  return event.type === "unsubscribed" && event.cause === "complaint";
}

/** When events happened that are in the log, by id. */
async function timesOf(d1: D1Database, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const query = sql`SELECT ${events.id}, ${events.at} FROM ${events} WHERE ${isOneOf(events.uniqueId, ids)}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<{ id: string; at: number }>());
  return new Map(results.map(({ id, at }) => [id, at]));
}
