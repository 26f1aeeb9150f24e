/**
 * Whether sends still need a retry, and the transaction that records the retries that are due. Decided in SQL, from
 * the log and the suppressions at that moment, so that nothing can happen between a decision and what follows from
 * it.
 */
import type { Settings } from "../config/settings.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { openedId } from "../events/opened-id.ts";
import { RECORDED_NOW } from "../events/recorded.ts";
import { events, people, retries, softBouncedSends } from "../events/schema.ts";
import { RETRY } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { columnName, columnNames, runBatch, type Sql, sql } from "../platform/sql.ts";
import { suppressedSql } from "../suppressions/index.ts";
import { attemptOf, type DueSlot, MAX_RETRY_AGE_MS } from "./schedule.ts";
import { type DueSend, hasOutcome, MAILED_ADDRESS, type SendRow } from "./store.ts";

/** "ended": the send needs no further retry. "blocked": its recipient must not be mailed for now. */
export type RetryDecision = "due" | "ended" | "blocked";

/**
 * The common table expression `decisions`, with the columns entry, key, slot, due_at and decision. `suppressed` is
 * 1 for a recipient who must not be mailed, 0 for one who is only blocked for a while, otherwise null. An Opened
 * counts when a person opened after the first attempt, in this campaign: the same email may have been sent before,
 * and scanners load pixels before the mailbox has the mail.
 */
function decisionsSql(sends: readonly SendRow[], checks: readonly unknown[], nowMs: number): Sql {
  const recipients = sends.map(({ person, address }) => ({ person, mailed: address ?? undefined }));
  return sql`WITH ${suppressedSql(recipients, nowMs)}, checks AS MATERIALIZED (
    SELECT entry.key AS nth, entry.value AS entry, ${softBouncedSends.key} AS key,
      ${softBouncedSends.campaign} AS campaign, ${softBouncedSends.firstAt} AS first_at,
      ${softBouncedSends.slot} AS slot, ${softBouncedSends.dueAt} AS due_at
    FROM json_each(${JSON.stringify(checks)}) AS entry
    JOIN ${softBouncedSends} ON ${softBouncedSends.key} = entry.value->>'key'
  ), suppressed AS MATERIALIZED (
    SELECT checks.*, (SELECT max(reason <> 'blocked') FROM found WHERE found.nth = checks.nth) AS suppressed
    FROM checks
  ), decisions AS MATERIALIZED (
    SELECT *, CASE
      WHEN suppressed = 1 OR first_at + ${MAX_RETRY_AGE_MS} < ${nowMs} OR ${hasOutcome(sql`key`)}
        OR EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = entry->>'openedId'
          AND ${events.at} >= first_at AND ${events.campaign} = suppressed.campaign AND NOT ${events.isBot})
      THEN 'ended' WHEN suppressed = 0 THEN 'blocked' ELSE 'due' END AS decision
    FROM suppressed)`;
}

/** Decides for each send now, by key. */
export async function retryDecisions(
  d1: D1Database,
  sends: readonly SendRow[],
  opensPer: Settings["opensPer"],
  nowMs: number,
): Promise<ReadonlyMap<string, RetryDecision>> {
  if (sends.length === 0) return new Map();
  const checks = sends.map((send) => checkOf(send, opensPer));
  const decisions = decisionsSql(sends, checks, nowMs);
  const statement = sql`${decisions} SELECT key, decision FROM decisions`.prepare(d1);
  const { results } = await retryOnce(() => statement.all<{ key: string; decision: RetryDecision }>());
  return new Map(results.map(({ key, decision }) => [key, decision]));
}

/**
 * Inserts the retries of slots that are due, each as an event of the log, too, advances the schedules, and ends those
 * of sends that need no further retry, in one transaction. Repeating it is harmless.
 */
export async function recordDueRetries(
  d1: D1Database,
  sends: readonly (DueSend & { readonly due: DueSlot })[],
  { opensPer, nowMs }: Pick<Settings, "opensPer"> & { readonly nowMs: number },
): Promise<void> {
  const checks = sends.map((send) => ({
    ...checkOf(send, opensPer),
    slot: send.slot,
    due: send.due,
    attempt: attemptOf(send.due.slot),
  }));
  const decisions = decisionsSql(sends, checks, nowMs);
  const insertRetries = sql`${decisions}
    INSERT INTO ${retries} (${columnNames(retries.id, retries.key, retries.slot, retries.dueAt)})
    SELECT key || '-' || (entry->>'$.due.slot'), key, entry->>'$.due.slot', entry->>'$.due.dueAtMs'
    FROM decisions
    WHERE decision = 'due' AND slot = entry->>'slot' AND due_at <= ${nowMs}
    ON CONFLICT (${columnName(retries.id)}) DO NOTHING`;
  const logRetries = insertEvents(JSON.stringify(checks), nowMs);
  const advanceSchedules = sql`${decisions}
    UPDATE ${softBouncedSends}
    SET ${columnName(softBouncedSends.slot)} = (entry->>'$.due.slot') + 1,
      ${columnName(softBouncedSends.dueAt)} = CASE decision WHEN 'ended' THEN NULL ELSE entry->>'$.due.nextDueAtMs' END
    FROM decisions
    WHERE ${softBouncedSends.key} = decisions.key
    AND ${softBouncedSends.slot} = entry->>'slot' AND ${softBouncedSends.dueAt} <= ${nowMs}`;
  await retryOnce(() => runBatch(d1, [insertRetries, logRetries, advanceSchedules]));
}

/** Inserts the events of the retries that were just inserted. `checks`: a JSON array of due slots, as checked. */
function insertEvents(checks: string, nowMs: number): Sql {
  const { id, type, at, email, person, campaign, send, detail } = events;
  // json_patch leaves out what is null.
  const details = sql`json_patch(json_patch('{}', json_object('address', coalesce(${people.address}, ${MAILED_ADDRESS}),
    'attempt', entry.value->>'attempt', 'firstAttemptAt', ${softBouncedSends.firstAt})), ${softBouncedSends.bounce})`;
  return sql`INSERT INTO ${events}
      (${columnNames(events.recordedAt, id, type, at, email, person, campaign, send, detail)})
    SELECT ${RECORDED_NOW}, ${RETRY} || ${retries.id}, ${EVENT_TYPES.retry.id}, ${retries.dueAt},
      ${softBouncedSends.email}, ${softBouncedSends.person}, ${softBouncedSends.campaign}, ${softBouncedSends.send},
      ${details}
    FROM json_each(${checks}) AS entry
    CROSS JOIN ${softBouncedSends} ON ${softBouncedSends.key} = entry.value->>'key'
    CROSS JOIN ${retries} ON ${retries.id} = ${softBouncedSends.key} || '-' || (entry.value->>'$.due.slot')
    LEFT JOIN ${people} ON ${people.person} = ${softBouncedSends.person}
    WHERE ${softBouncedSends.slot} = entry.value->>'slot' AND ${softBouncedSends.dueAt} <= ${nowMs}
    ORDER BY ${retries.seq} ON CONFLICT DO NOTHING`;
}

function checkOf(send: SendRow, opensPer: Settings["opensPer"]) {
  return { key: send.key, openedId: openedId(send, opensPer) };
}
