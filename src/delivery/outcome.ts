/**
 * The outcomes of a send: every source is translated into this vocabulary first. Deferred and complained are not
 * events of the log: a deferral changes nothing, a complaint unsubscribes. What a person decides about their
 * subscription is reported like an outcome of the mail that it was about.
 */
import type { Bounce } from "../events/bounce.ts";
import type { Send } from "../events/send-key.ts";

export { type Bounce, type BounceCategory, CATEGORY } from "../events/bounce.ts";

export type Outcome =
  | { readonly type: "sent" }
  | { readonly type: "delivered" }
  | { readonly type: "bounced"; readonly bounce: Bounce }
  /** The server refused for now, and the mail system tries again by itself. */
  | { readonly type: "deferred" }
  | { readonly type: "complained" }
  /** At the provider's own unsubscribe page, or as the sender learned otherwise. */
  | { readonly type: "unsubscribed"; readonly cause: "provider" | "sender" }
  /** As the sender learned. */
  | { readonly type: "subscribed" }
  /** At a provider that names the address and no mail. */
  | { readonly type: "addressOptedOut"; readonly provider: string; readonly cause: "provider" | "complaint" }
  /** Its own pixel was loaded, by what it calls a bot. It is no Opened: it says of which program one is a bot's. */
  | { readonly type: "automatedOpen"; readonly provider: string; readonly userAgent: string };

/** The outcomes that are nothing but their type. */
export const OUTCOME = {
  sent: { type: "sent" },
  delivered: { type: "delivered" },
  deferred: { type: "deferred" },
  complained: { type: "complained" },
  unsubscribed: { type: "unsubscribed", cause: "provider" },
} as const satisfies Record<string, Outcome>;

/** What a source reports about one send to one recipient, before its send is known. */
export interface Report {
  readonly outcome: Outcome;
  /** Possible message tokens, the likeliest first; untrusted until verified. */
  readonly tokens: readonly string[];
  /** The address that was mailed, as the source spells it. */
  readonly address?: string | undefined;
  /** When it happened, ms since 1970 UTC; undefined when the source does not say. */
  readonly atMs?: number | undefined;
  /**
   * The source's own id of the event, the same in each repetition, e.g. "sendgrid:<sg_event_id>": soft
   * bounces of one send are different events only when these differ.
   */
  readonly sourceId: string;
}

/** A report whose send is known. */
export type SendReport = Omit<Report, "tokens"> & { readonly send: Send };
