/** When a warning is posted: docs/design/operating.md. Pure, with the time passed in. */
import { HOUR_MS } from "../platform/durations.ts";
import { ALERT_DELAYS_MS } from "./post.ts";

/** For so long it must have been so: two checks, a minute apart. */
const SETTLED_MS = 30_000;

export interface WarningState {
  /** Whether something was wrong at the last check that could say. */
  readonly isWrong: boolean;
  /** Since when that is so. */
  readonly sinceMs: number;
  /** What is wrong, or was last. */
  readonly text: string;
  /** What the last accepted post said. */
  readonly postedIsWrong: boolean;
  /** The time of that post; 0: there was none. */
  readonly postedAtMs: number;
  /** Posts since then that were not accepted. */
  readonly tries: number;
  /** None is tried before. */
  readonly nextAtMs: number;
}

export const NEVER_WRONG: WarningState = {
  ...{ isWrong: false, sinceMs: 0, text: "", postedIsWrong: false, postedAtMs: 0, tries: 0, nextAtMs: 0 },
};

/** @param found sentences; none: it is healthy; undefined: that is unknown, and nothing changes */
export function seen(before: WarningState, found: readonly string[] | undefined, nowMs: number): WarningState {
  if (found === undefined) return before;
  const isWrong = found.length > 0;
  const text = isWrong ? found.join(" ") : before.text;
  if (isWrong === before.isWrong) return text === before.text ? before : { ...before, text };
  return { ...before, isWrong, text, sinceMs: nowMs, tries: 0, nextAtMs: 0 };
}

/**
 * The state of lost events, which is never over, and which each isolate knows its own of. What was lost before the last
 * accepted post is in that post.
 * @param latestLossAtMs undefined: the isolate has lost none, and nothing changes
 */
export function seenLoss(before: WarningState, latestLossAtMs: number | undefined, text: string): WarningState {
  const isToPost = before.isWrong && !before.postedIsWrong;
  if (isToPost || latestLossAtMs === undefined || latestLossAtMs <= before.postedAtMs) return before;
  const loss = { isWrong: true, postedIsWrong: false, sinceMs: latestLossAtMs, text };
  return { ...before, ...loss, tries: 0, nextAtMs: 0 };
}

/** Whether a post is due. */
export function isPostDue(state: WarningState, nowMs: number): boolean {
  const { isWrong, postedIsWrong, sinceMs, postedAtMs, nextAtMs } = state;
  return isWrong !== postedIsWrong && nowMs >= Math.max(sinceMs + SETTLED_MS, postedAtMs + HOUR_MS, nextAtMs);
}

export function accepted(state: WarningState, nowMs: number): WarningState {
  return { ...state, postedIsWrong: state.isWrong, postedAtMs: nowMs, tries: 0, nextAtMs: 0 };
}

export function notAccepted(state: WarningState, nowMs: number): WarningState {
  const delayMs = ALERT_DELAYS_MS[state.tries] ?? HOUR_MS;
  return { ...state, tries: state.tries + 1, nextAtMs: nowMs + delayMs };
}
