/**
 * From reports to the log. Guarantees that a report does nothing unless a message token of ours names its send: a forged one,
 * or a mail that is none of ours, is ignored. Whoever holds a genuine token can report on that one send alone.
 */
import type { Settings } from "../config/settings.ts";
import { normalAddress } from "../events/address.ts";
import { type Bounce, isHard } from "../events/bounce.ts";
import type { OutcomeEvent } from "../events/event.ts";
import {
  complainedId,
  deliveredId,
  hardBouncedId,
  type Send,
  sendKey,
  sentId,
  softBouncedId,
} from "../events/send-key.ts";
import { RETRY_CLOCK_NAME } from "../retries/schedule.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { verifyToken } from "../tokens/verify.ts";
import { type Complaint, insertOutcomes } from "./insert-outcomes.ts";
import type { Report } from "./outcome.ts";

/** A report whose send is known. */
export type SendReport = Omit<Report, "tokens"> & { readonly send: Send };

export interface Recorded {
  /** Reports of our sends, told before or not. */
  readonly recorded: number;
  /** Reports of nothing that is ours. */
  readonly ignored: number;
}

export type OutcomeSinks = Pick<Env, "DB" | "RETRIES">;

/** Of details in the log, in UTF-16 units. */
const DETAILS_KEPT = 1_000;

/** Resolves when committed; throws when it is not sure to be. Trying again is harmless. */
export async function recordReports(
  reports: readonly Report[],
  settings: Settings,
  sinks: OutcomeSinks,
  nowMs: number,
): Promise<Recorded> {
  const ours = reports.flatMap((report) => {
    const send = sendOf(report.tokens, settings.tokenKeys);
    return send === undefined ? [] : [{ ...report, send }];
  });
  await recordSendReports(ours, settings, sinks, nowMs);
  return { recorded: ours.length, ignored: reports.length - ours.length };
}

/** As `recordReports`, of sends that whoever reports may name. */
export async function recordSendReports(
  reports: readonly SendReport[],
  { retryHours }: Pick<Settings, "retryHours">,
  { DB, RETRIES }: OutcomeSinks,
  nowMs: number,
): Promise<void> {
  const events: OutcomeEvent[] = [];
  const complaints: Complaint[] = [];
  for (const report of reports) {
    const event = eventOf(report, nowMs);
    if (event !== undefined) events.push(event);
    else if (report.outcome.type === "complained") complaints.push(complaintOf(report, nowMs));
  }
  const nextDueMs = await insertOutcomes(DB, { events, complaints }, { retryHours, nowMs });
  if (nextDueMs !== undefined) await RETRIES.getByName(RETRY_CLOCK_NAME).wake(nextDueMs);
}

function sendOf(tokens: readonly string[], keys: TokenKeys): Send | undefined {
  for (const token of tokens) {
    const claims = verifyToken(keys, "message", token);
    if (claims.ok) return claims.value;
  }
  return undefined;
}

function eventOf(report: SendReport, nowMs: number): OutcomeEvent | undefined {
  const { outcome, send: message, atMs = nowMs } = report;
  const key = sendKey(message);
  const address = addressOf(report);
  switch (outcome.type) {
    case "sent":
      return { type: "sent", id: sentId(key), atMs, message, address };
    case "delivered":
      return { type: "delivered", id: deliveredId(key), atMs, message, address };
    case "bounced": {
      const bounce = cut(outcome.bounce);
      if (isHard(bounce))
        return { type: "hardBounced", id: hardBouncedId(key), atMs, message, address, bounce };
      const id = softBouncedId(key, report.occurrence);
      return { type: "softBounced", id, atMs, message, address, bounce };
    }
    case "deferred":
    case "complained":
      return undefined;
  }
}

function complaintOf(report: SendReport, nowMs: number): Complaint {
  const { send, atMs = nowMs } = report;
  const { email, person, campaign } = send;
  const id = complainedId(sendKey(send));
  const message = { email, person, campaign };
  return {
    event: { type: "unsubscribed", cause: "complaint", id, atMs, message },
    address: addressOf(report),
  };
}

function addressOf({ address }: SendReport): string | undefined {
  return address === undefined ? undefined : normalAddress(address);
}

function cut(bounce: Bounce): Bounce {
  const { details } = bounce;
  return details === undefined
    ? bounce
    : { ...bounce, details: details.slice(0, DETAILS_KEPT).toWellFormed() };
}
