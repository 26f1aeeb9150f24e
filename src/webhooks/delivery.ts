/** What is known of a post: its events, what was answered, and what follows. */
import type { PostedEvent } from "./message.ts";
import type { WebhookPost } from "./post.ts";

/** "live": as it was recorded; "replay": once more; "test": a sample. */
export type DeliveryKind = "live" | "replay" | "test";

export interface Delivery {
  readonly id: number;
  readonly kind: DeliveryKind;
  readonly webhookId: string;
  /** "email.opened"; "batch" */
  readonly type: string;
  readonly events: readonly PostedEvent[];
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly tries: number;
  readonly state: DeliveryState;
  /** The status of the last answer; null: there was none. */
  readonly status: number | null;
  /** The answer's first KB; without an answer, why. */
  readonly text: string;
  readonly durationMs: number;
  /** Null: it is not tried again. */
  readonly nextAtMs: number | null;
  /** When the first of its events was recorded. */
  readonly recordedAtMs: number;
}

export const DELIVERY_STATES = [
  "delivered",
  "waiting",
  "given_up",
  "skipped",
  "stopped",
  "filtered",
  "replaced",
  "failed",
  "deleted",
] as const;

/**
 * "waiting": it is tried again. "given_up": it is not, and its events were not accepted. "skipped": the sender has
 * skipped them. "stopped": its replay was. "filtered": it was to be tried again, but the filter passes its events no
 * more. "replaced": its events have changed, or come in another post. "failed": a sample.
 * "deleted": retention may have deleted events of these seqs before they were accepted.
 */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryQuery {
  /** Only those with a lower id. */
  readonly before: number | undefined;
  readonly state: DeliveryState | undefined;
  readonly limit: number;
}

/** What follows from a post. */
export interface NextTry {
  /** Null: it is not tried again. */
  readonly nextAtMs: number | null;
  /** It waits in the retry queue, and others go on. */
  readonly isRetried: boolean;
}

export const NO_TRY: NextTry = { nextAtMs: null, isRetried: false };

/** A stretch of the log: its first and its last seq. */
export interface SeqStretch {
  readonly from: number;
  readonly to: number;
}

export const NO_ANSWER_YET: WebhookPost = {
  type: "failed",
  status: undefined,
  text: "no answer yet",
  demandedMs: 0,
  durationMs: 0,
};

/** From the first of the events of a delivery to the last. */
export function stretchOf({ events }: Delivery): SeqStretch {
  return { from: events[0]?.seq ?? 0, to: events.at(-1)?.seq ?? 0 };
}

/** The state of a post behind a result. */
export function stateAfter({ type }: WebhookPost, nextAtMs: number | null): DeliveryState {
  if (type === "accepted") return "delivered";
  return nextAtMs === null ? "failed" : "waiting";
}
