/**
 * When a softly bounced send is due again, and when its post is. Pure: times in, times out.
 *
 * A schedule is RETRY_HOURS, counted from the first attempt. Each of its slots hands out one retry; slots that passed while
 * nobody could look are one retry together, the latest.
 */

/** There is one clock, for all sends: the name of its Durable Object. */
export const RETRY_CLOCK_NAME = "retries";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A send is tried for 36 hours at most; the last hour is for a retry that is due at their end and handed out late. */
export const LATEST_RETRY_MS = 37 * HOUR_MS;

/** Pauses before each further post: those of the Standard Webhooks specification, as long as a retry is worth posting. */
const POST_PAUSES_MS = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS] as const;
/** What a receiver may ask for by Retry-After. */
const LONGEST_POST_PAUSE_MS = 120 * MINUTE_MS;

/** How long after the first attempt each slot comes, in ms. */
export function slotOffsets(hours: readonly number[]): number[] {
  return hours.map((hour) => Math.round(hour * HOUR_MS));
}

/** Where a send stands in its schedule. Times in ms since 1970 UTC. */
export interface Waiting {
  readonly firstAtMs: number;
  /** The slot that comes next, 0 the first. */
  readonly slot: number;
  readonly dueAtMs: number;
}

/** A slot that has come, and what comes after it. */
export interface Turn {
  readonly slot: number;
  readonly dueAtMs: number;
  /** null: it was the last. */
  readonly nextDueAtMs: number | null;
}

/** The latest slot that has come by `nowMs` for a send whose next one has. The setting may have changed since it was set. */
export function turnOf(
  { firstAtMs, slot, dueAtMs }: Waiting,
  offsets: readonly number[],
  nowMs: number,
): Turn {
  const come = offsets.filter((offset) => firstAtMs + offset <= nowMs);
  const latest = Math.max(slot, come.length - 1);
  const after = offsets[latest + 1];
  return {
    slot: latest,
    dueAtMs: latest === slot ? dueAtMs : firstAtMs + (come.at(-1) ?? 0),
    nextDueAtMs: after === undefined ? null : firstAtMs + after,
  };
}

/** Which try of the send a slot is; the first attempt was 1. */
export function attemptOf(slot: number): number {
  return slot + 2;
}

/**
 * When to post again what was posted `tries` times in vain; null: never. The receiver may ask for a longer pause. Up to a
 * tenth longer by chance, so that posts that failed together do not come together again.
 */
export function nextPostAt(tries: number, nowMs: number, askedPauseMs = 0): number | null {
  const pauseMs = POST_PAUSES_MS[tries - 1];
  if (pauseMs === undefined) return null;
  const longer = Math.max(pauseMs, Math.min(askedPauseMs, LONGEST_POST_PAUSE_MS));
  return nowMs + Math.round(longer * (1 + Math.random() / 10));
}
