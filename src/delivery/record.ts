/**
 * From reports to the log. Guarantees that a report has no effect unless a message token of this Worker names its
 * send. Whoever holds a genuine token can report on that one send only. The one exception is an opt-out that a provider
 * reports of an address: it suppresses the address, and is no event of the log, as it is about no mail.
 */
import type { LogStores } from "../archive/index.ts";
import type { Settings } from "../config/settings.ts";
import { normalAddress } from "../events/address.ts";
import { type Bounce, isHard } from "../events/bounce.ts";
import type { OutcomeEvent, ReportedDecision } from "../events/event.ts";
import { isBelievable } from "../events/reported-time.ts";
import {
  complainedId,
  deliveredId,
  hardBouncedId,
  reportedDecisionId,
  type Send,
  sendKey,
  sentId,
  softBouncedId,
} from "../events/send-key.ts";
import { INSERT_DEADLINE_MS, withDeadline } from "../platform/timeout.ts";
import { ensureRetryAlarm, type RetryClockEnv } from "../retries/index.ts";
import { addSuppressions, type SuppressionToAdd } from "../suppressions/index.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { verifyToken } from "../tokens/verify.ts";
import { storeAutomatedOpens } from "./automated-opens.ts";
import type { DecisionReport } from "./decision-reports.ts";
import { insertOutcomes } from "./insert-outcomes.ts";
import type { Report, SendReport } from "./outcome.ts";

export interface Recorded {
  /** Reports of our sends, and opt-outs of addresses, repeated ones included. */
  readonly recorded: number;
  /** Reports without a valid message token. */
  readonly ignored: number;
}

export type OutcomeSinks = LogStores & RetryClockEnv;

/** D1 takes a text of 2 MB; each has some 400 bytes. */
const REPORTS_PER_TRANSACTION = 1_000;
/** Each takes about a millisecond of D1, which other writes wait for. */
const DECISIONS_PER_TRANSACTION = 100;
/** Details in the log, in UTF-16 units. */
const MAX_DETAILS_CHARS = 1_000;
const MAX_SUBCATEGORY_CHARS = 64;
/** RFC 5321 §4.5.3.1: 64 octets of local part, "@" and 255 of domain. */
const MAX_ADDRESS_CHARS = 320;

/** Resolves when committed; throws when the commit is uncertain. Repeating it is harmless. */
export async function recordReports(
  reports: readonly Report[],
  settings: Settings,
  sinks: OutcomeSinks,
  nowMs: number,
): Promise<Recorded> {
  const sendNamedBy = verifiedOnce(settings.tokenKeys);
  const ours = reports.flatMap((report) => {
    const send = report.outcome.type === "addressOptedOut" ? undefined : firstOf(report.tokens, sendNamedBy);
    return send === undefined ? [] : [{ ...report, send }];
  });
  for (let from = 0; from < ours.length; from += REPORTS_PER_TRANSACTION)
    await recordSendReports(ours.slice(from, from + REPORTS_PER_TRANSACTION), settings, sinks, nowMs);
  const storing = storeAutomatedOpens(sinks, ours, settings.bots, nowMs);
  await withDeadline(storing, INSERT_DEADLINE_MS, "D1");
  const optOuts = reports.flatMap((report) => addressOptOut(report, nowMs) ?? []);
  if (optOuts.length > 0) await withDeadline(addSuppressions(sinks.DB, optOuts, nowMs), INSERT_DEADLINE_MS, "D1");
  const recorded = ours.length + optOuts.length;
  return { recorded, ignored: reports.length - recorded };
}

/** Counts by its time: whoever subscribed again after it is not suppressed. */
function addressOptOut(report: Report, nowMs: number): SuppressionToAdd | undefined {
  const { outcome } = report;
  const address = addressOf(report);
  if (outcome.type !== "addressOptedOut" || address === undefined) return undefined;
  const { atMs, isUntimed, reportedAtMs } = timesOf(report, nowMs);
  const isTimed = isUntimed !== true && reportedAtMs === undefined;
  const subject = { person: undefined, address, reason: "unsubscribed", untilMs: undefined } as const;
  return { ...subject, cause: outcome.cause, who: outcome.provider, atMs, isTimed };
}

/** Like `recordReports`, for senders, who may name any send. */
export async function recordSendReports(
  reports: readonly SendReport[],
  { retryHours }: Pick<Settings, "retryHours">,
  sinks: OutcomeSinks,
  nowMs: number,
): Promise<void> {
  const events: OutcomeEvent[] = [];
  for (const report of reports) {
    const event = eventOf(report, nowMs);
    if (event !== undefined) events.push(event);
  }
  const decisions = decisionsOf(reports, nowMs);
  const first = { events, decisions: decisions.slice(0, DECISIONS_PER_TRANSACTION) };
  const inserted = insertOutcomes(sinks, first, { retryHours, nowMs });
  const nextDueAtMs = await withDeadline(inserted, INSERT_DEADLINE_MS, "D1");
  if (nextDueAtMs !== undefined) await ensureRetryAlarm(sinks, nextDueAtMs);
  for (let from = DECISIONS_PER_TRANSACTION; from < decisions.length; from += DECISIONS_PER_TRANSACTION) {
    const more = { events: [], decisions: decisions.slice(from, from + DECISIONS_PER_TRANSACTION) };
    await withDeadline(insertOutcomes(sinks, more, { retryHours, nowMs }), INSERT_DEADLINE_MS, "D1");
  }
}

/** Which send a token names, if any. Reports of one mail to many recipients have the same tokens. */
function verifiedOnce(keys: TokenKeys): (token: string) => Send | undefined {
  const sends = new Map<string, Send | undefined>();
  return (token) => {
    if (sends.has(token)) return sends.get(token);
    const claims = verifyToken(keys, "message", token);
    const send = claims.ok ? claims.value : undefined;
    sends.set(token, send);
    return send;
  };
}

function firstOf(tokens: readonly string[], sendNamedBy: (token: string) => Send | undefined): Send | undefined {
  for (const token of tokens) {
    const send = sendNamedBy(token);
    if (send !== undefined) return send;
  }
  return undefined;
}

function eventOf(report: SendReport, nowMs: number): OutcomeEvent | undefined {
  const { outcome, send: message } = report;
  const key = sendKey(message);
  const facts = { message, address: addressOf(report), ...timesOf(report, nowMs) };
  switch (outcome.type) {
    case "sent":
      return { type: "sent", id: sentId(key), ...facts };
    case "delivered":
      return { type: "delivered", id: deliveredId(key), ...facts };
    case "bounced": {
      const bounce = shortened(outcome.bounce);
      if (isHard(bounce)) return { type: "hardBounced", id: hardBouncedId(key), ...facts, bounce };
      return { type: "softBounced", id: softBouncedId(key, report.sourceId), ...facts, bounce };
    }
    case "deferred":
    case "complained":
    case "unsubscribed":
    case "subscribed":
    case "addressOptedOut":
    case "automatedOpen":
      return undefined;
  }
}

/** Those of a person that have no time are a millisecond apart, because the last in the order of the request holds. */
function decisionsOf(reports: readonly SendReport[], nowMs: number): DecisionReport[] {
  const nextMs = new Map<string, number>();
  return reports.flatMap((report) => {
    const { person } = report.send;
    const personNowMs = nextMs.get(person) ?? nowMs;
    const event = decisionOf(report, personNowMs);
    if (event === undefined) return [];
    if (event.atMs === personNowMs) nextMs.set(person, personNowMs + 1);
    return [{ event, address: addressOf(report) }];
  });
}

function decisionOf(report: SendReport, nowMs: number): ReportedDecision | undefined {
  const { outcome, send } = report;
  // What is reported without a time happens now, each time it is reported.
  const sourceId = report.sourceId === "" ? `reported:${nowMs}` : report.sourceId;
  const { email, person, campaign } = send;
  const facts = { message: { email, person, campaign }, ...timesOf(report, nowMs) };
  const key = sendKey(send);
  switch (outcome.type) {
    case "complained":
      return { type: "unsubscribed", cause: "complaint", id: complainedId(key), ...facts };
    case "unsubscribed": {
      const id = reportedDecisionId(outcome.type, key, sourceId);
      return { type: "unsubscribed", cause: outcome.cause, id, ...facts };
    }
    case "subscribed":
      return { type: "subscribed", by: "sender", id: reportedDecisionId(outcome.type, key, sourceId), ...facts };
    default:
      return undefined;
  }
}

/** When it happened: as reported where that can be, else when the report arrived. */
function timesOf(
  { atMs }: Pick<Report, "atMs">,
  nowMs: number,
): Pick<OutcomeEvent, "atMs" | "reportedAtMs" | "isUntimed"> {
  if (atMs === undefined || !Number.isFinite(atMs)) return { atMs: nowMs, isUntimed: true };
  return isBelievable(atMs, nowMs) ? { atMs } : { atMs: nowMs, reportedAtMs: atMs };
}

function addressOf({ address }: Pick<Report, "address">): string | undefined {
  if (address === undefined || address.length > MAX_ADDRESS_CHARS || !address.isWellFormed()) return undefined;
  return normalAddress(address);
}

function shortened(bounce: Bounce): Bounce {
  const details = cut(bounce.details, MAX_DETAILS_CHARS);
  const subcategory = cut(bounce.subcategory, MAX_SUBCATEGORY_CHARS);
  return { ...bounce, details, subcategory };
}

/** D1 cannot store half a surrogate pair, which a cut may leave. */
function cut(text: string | undefined, maxChars: number): string | undefined {
  return text?.slice(0, maxChars).toWellFormed();
}
