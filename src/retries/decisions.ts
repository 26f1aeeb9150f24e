/**
 * Whether sends still need a retry, and the transaction that records the retries that are due. Decided in SQL, from
 * the log and the suppressions at that moment, so that nothing can happen between a decision and what follows from
 * it.
 */
import type { Settings } from "../config/settings.ts";
import { normalAddress } from "../events/address.ts";
import { openedId } from "../events/opened-id.ts";
import { events, people, retries, softBouncedSends, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { columnName, columnNames, runBatch, type Sql, sql } from "../platform/sql.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/index.ts";
import { type DueSlot, MAX_RETRY_AGE_MS } from "./schedule.ts";
import { type DueSend, hasOutcome, type SendRow } from "./store.ts";

/** "ended": the send needs no further retry. "blocked": its recipient must not be mailed for now. */
export type RetryDecision = "due" | "ended" | "blocked";

/** The subjects of suppressions are these and an address or a person. */
const ADDRESS = addressSubject("");
const PERSON = personSubject("");

/**
 * The common table expression `decisions`, with the columns entry, key, slot, due_at and decision. `suppressed` is
 * 1 for a recipient who must not be mailed, 0 for one who is only blocked for a while, otherwise null. An Opened
 * counts when a person opened after the first attempt, in this campaign: the same email may have been sent before,
 * and scanners load pixels before the mailbox has the mail.
 */
function decisionsSql(checks: readonly unknown[], nowMs: number): Sql {
  return sql`WITH checks AS MATERIALIZED (
    SELECT value AS entry, value->>'key' AS key, value->>'mailed' AS mailed FROM json_each(${JSON.stringify(checks)})),
  found AS MATERIALIZED (
    SELECT checks.*, ${softBouncedSends.person} AS person, ${softBouncedSends.campaign} AS campaign,
      ${softBouncedSends.firstAt} AS first_at, ${softBouncedSends.slot} AS slot, ${softBouncedSends.dueAt} AS due_at,
      ${people.address} AS known, coalesce(${people.address}, checks.mailed) AS current_address
    FROM checks JOIN ${softBouncedSends} ON ${softBouncedSends.key} = checks.key
    LEFT JOIN ${people} ON ${people.person} = ${softBouncedSends.person}),
  recipients AS MATERIALIZED (
    SELECT found.*, (
      SELECT max(${suppressions.reason} <> 'blocked') FROM ${suppressions}
      WHERE ${suppressions.subject} IN (${ADDRESS} || current_address, ${PERSON} || found.person,
        iif(known IS NULL, entry->>'hashedAddress', NULL), entry->>'hashedPerson')
      AND (${suppressions.until} IS NULL OR ${suppressions.until} > ${nowMs})
      AND (${suppressions.subject} = ${ADDRESS} || current_address
        OR ${suppressions.reason} = 'blocked' OR known IS NULL)
    ) AS suppressed
    FROM found),
  decisions AS MATERIALIZED (
    SELECT recipients.*, CASE
      WHEN suppressed = 1 OR first_at + ${MAX_RETRY_AGE_MS} < ${nowMs} OR ${hasOutcome(sql`recipients.key`)}
        OR EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = recipients.entry->>'openedId'
          AND ${events.at} >= first_at AND ${events.campaign} = recipients.campaign AND NOT ${events.isBot})
      THEN 'ended' WHEN suppressed = 0 THEN 'blocked' ELSE 'due' END AS decision
    FROM recipients)`;
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
  const decisions = decisionsSql(checks, nowMs);
  const statement = sql`${decisions} SELECT key, decision FROM decisions`.prepare(d1);
  const { results } = await retryOnce(() => statement.all<{ key: string; decision: RetryDecision }>());
  return new Map(results.map(({ key, decision }) => [key, decision]));
}

/**
 * Inserts the retries of slots that are due, advances the schedules, and ends those of sends that need no further
 * retry, in one transaction. Repeating it is harmless.
 * @param postAtMs when to post the retries; null: they are not posted
 */
export async function recordDueRetries(
  d1: D1Database,
  sends: readonly (DueSend & { readonly due: DueSlot })[],
  {
    opensPer,
    postAtMs,
    nowMs,
  }: Pick<Settings, "opensPer"> & { readonly postAtMs: number | null; readonly nowMs: number },
): Promise<void> {
  const checks = sends.map((send) => ({ ...checkOf(send, opensPer), slot: send.slot, due: send.due }));
  const decisions = decisionsSql(checks, nowMs);
  const insertRetries = sql`${decisions}
    INSERT INTO ${retries} (${columnNames(retries.id, retries.key, retries.slot, retries.dueAt, retries.postAt)})
    SELECT key || '-' || (entry->>'$.due.slot'), key, entry->>'$.due.slot', entry->>'$.due.dueAtMs', ${postAtMs}
    FROM decisions
    WHERE decision = 'due' AND slot = entry->>'slot' AND due_at <= ${nowMs}
    ON CONFLICT (${columnName(retries.id)}) DO NOTHING`;
  const advanceSchedules = sql`${decisions}
    UPDATE ${softBouncedSends}
    SET ${columnName(softBouncedSends.slot)} = (entry->>'$.due.slot') + 1,
      ${columnName(softBouncedSends.dueAt)} = CASE decision WHEN 'ended' THEN NULL ELSE entry->>'$.due.nextDueAtMs' END
    FROM decisions
    WHERE ${softBouncedSends.key} = decisions.key
    AND ${softBouncedSends.slot} = entry->>'slot' AND ${softBouncedSends.dueAt} <= ${nowMs}`;
  await retryOnce(() => runBatch(d1, [insertRetries, advanceSchedules]));
}

function checkOf(send: SendRow, opensPer: Settings["opensPer"]) {
  const mailed = send.address === null ? null : normalAddress(send.address);
  return {
    key: send.key,
    mailed,
    openedId: openedId(send, opensPer),
    hashedAddress: mailed === null ? null : hashedSubject(addressSubject(mailed)),
    hashedPerson: hashedSubject(personSubject(send.person)),
  };
}
