/**
 * What may become of a send: the one vocabulary into which every source is translated before anything acts on it.
 * Deferred and complained are no events of their own: a deferral changes nothing, a complaint unsubscribes.
 */

/** Why a mail server refused, in Marketo's numbers. */
export type BounceCategory = HardCategory | SoftCategory;
/** Permanent. 1: refused as spam, blocked by policy. 2: there is no such mailbox. */
export type HardCategory = 1 | 2;
/** Worth trying again. 3: full, throttled, timed out. 4: DNS, routing, administration. 9: unclear. */
export type SoftCategory = 3 | 4 | 9;

export interface Bounce {
  readonly category: BounceCategory;
  /** The source's own finer word, e.g. SES "General", Postmark "HardBounce", Mailgun "suppress-bounce". */
  readonly subcategory?: string | undefined;
  /** Enhanced status code (RFC 3463), e.g. "5.1.1". */
  readonly status?: string | undefined;
  /** What the server said, e.g. "550 5.1.1 no such user". */
  readonly details?: string | undefined;
}

export type Outcome =
  | { readonly type: "sent" }
  | { readonly type: "delivered" }
  | { readonly type: "bounced"; readonly bounce: Bounce }
  /** The server asked to come again, and the mail system does so by itself. */
  | { readonly type: "deferred" }
  | { readonly type: "complained" };

/** Whether a bounce is hard: its category alone says so. */
export function isHard(category: BounceCategory): category is HardCategory {
  return category === 1 || category === 2;
}

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
