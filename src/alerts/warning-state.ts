/** When a warning is told: docs/design/operating.md. Pure, with the time passed in. */
import { ALERT_DELAYS_MS } from "./post.ts";

const HOUR_MS = 3_600_000;
/** For so long it must have been so: two looks, a minute apart. */
const SETTLED_MS = 30_000;

export interface WarningState {
  /** Whether something was wrong at the last look that knew. */
  readonly isWrong: boolean;
  /** Since when that is so. */
  readonly sinceMs: number;
  /** What is wrong, or was last. */
  readonly text: string;
  /** What the last accepted post said. */
  readonly toldIsWrong: boolean;
  /** Of that post; 0: there was none. */
  readonly toldAtMs: number;
  /** Posts since then that were not accepted. */
  readonly tries: number;
  /** None is tried before. */
  readonly nextAtMs: number;
}

export const NEVER_WRONG: WarningState = {
  ...{ isWrong: false, sinceMs: 0, text: "", toldIsWrong: false, toldAtMs: 0, tries: 0, nextAtMs: 0 },
};

/** @param found sentences; none: it is well; undefined: it is unknown, and nothing changes */
export function seen(before: WarningState, found: readonly string[] | undefined, nowMs: number): WarningState {
  if (found === undefined) return before;
  const isWrong = found.length > 0;
  const text = isWrong ? found.join(" ") : before.text;
  if (isWrong === before.isWrong) return text === before.text ? before : { ...before, text };
  return { ...before, isWrong, text, sinceMs: nowMs, tries: 0, nextAtMs: 0 };
}

/** Whether it is to be told. */
export function isToBeTold(state: WarningState, nowMs: number): boolean {
  const { isWrong, toldIsWrong, sinceMs, toldAtMs, nextAtMs } = state;
  return isWrong !== toldIsWrong && nowMs >= Math.max(sinceMs + SETTLED_MS, toldAtMs + HOUR_MS, nextAtMs);
}

export function told(state: WarningState, nowMs: number): WarningState {
  return { ...state, toldIsWrong: state.isWrong, toldAtMs: nowMs, tries: 0, nextAtMs: 0 };
}

export function notAccepted(state: WarningState, nowMs: number): WarningState {
  const delayMs = ALERT_DELAYS_MS[state.tries] ?? HOUR_MS;
  return { ...state, tries: state.tries + 1, nextAtMs: nowMs + delayMs };
}
