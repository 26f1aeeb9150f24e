/** What happens to messages, as the slow model takes it, and what became of one. */
import type { BotMethod } from "../../src/bots/bot.ts";

export const DAY_MS = 86_400_000;

/** `campaign` and `person` distinguish messages; all are of one email. */
export interface SlowMessage {
  readonly campaign: string;
  readonly person: string;
}

export interface SlowVisit extends SlowMessage {
  /** Unique. Of a load, that of its Opened is `opened` and more. */
  readonly id: string;
  readonly atMs: number;
  readonly agent: string;
  /** The method by which the edge marked it. */
  readonly edge: BotMethod | undefined;
  /** Undefined: a load of the pixel. */
  readonly link: string | undefined;
}

export interface SlowOutcome extends SlowMessage {
  readonly type: "sent" | "delivered" | "hardBounced" | "softBounced";
  readonly send: string;
  readonly atMs: number;
  readonly category?: 1 | 2;
}

/** An outcome with all times that were told of it. */
export type ToldOutcome = SlowOutcome & { readonly toldMs: readonly number[] };

/** Which attempt a soft bounce is of, so that different times may be told of one. */
export function attemptOf(atMs: number): number {
  return Math.floor(atMs / 1_000) % 3;
}

/** Of a message that nobody opened. */
export function outcomeOf(outcomes: readonly SlowOutcome[], visits: readonly SlowVisit[], nowMs: number): string {
  const timesOf = (type: string) => outcomes.filter((each) => each.type === type).map(({ atMs }) => atMs);
  const [soft, delivered] = [Math.max(...timesOf("softBounced")), Math.max(...timesOf("delivered"))];
  if (timesOf("hardBounced").length > 0) return "hardBounced";
  if (soft > delivered) return "softBounced";
  if (delivered > Number.NEGATIVE_INFINITY) return "delivered";
  const sent = timesOf("sent");
  const since = Math.min(...(sent.length > 0 ? sent : [...outcomes, ...visits].map(({ atMs }) => atMs)));
  return since > nowMs - 3 * DAY_MS ? "pending" : "noResponse";
}
