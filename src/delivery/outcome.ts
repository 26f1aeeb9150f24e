/**
 * What may become of a send: the one vocabulary into which every source is translated before anything acts on it.
 * Deferred and complained are no events of their own: a deferral changes nothing, a complaint unsubscribes.
 */
import type { Bounce } from "../events/bounce.ts";

export type { Bounce, BounceCategory } from "../events/bounce.ts";

export type Outcome =
  | { readonly type: "sent" }
  | { readonly type: "delivered" }
  | { readonly type: "bounced"; readonly bounce: Bounce }
  /** The server asked to come again, and the mail system does so by itself. */
  | { readonly type: "deferred" }
  | { readonly type: "complained" };

/** What one source tells of one send to one recipient, before it is known whether it is one of ours. */
export interface Report {
  readonly outcome: Outcome;
  /** Message tokens that the source carried, likeliest first. Nothing is trusted of them but what opens. */
  readonly tokens: readonly string[];
  /** The address that was mailed, as the source spells it. */
  readonly address?: string | undefined;
  /** When it happened, ms since 1970 UTC; undefined when the source does not say. */
  readonly atMs?: number | undefined;
  /**
   * The source's own name for this occurrence, the same whenever it tells of it again, e.g. "sendgrid:<sg_event_id>": two
   * soft bounces of one send are two only when these differ.
   */
  readonly occurrence: string;
}
