/**
 * The vocabulary of the log. Type ids are Marketo's activity type ids, so that programs written for its API read this
 * log unchanged; "subscribed" and "reset" have none there and take theirs from the range that Marketo leaves to custom
 * activities.
 */
import type { Link, Message } from "../tokens/claims.ts";
import type { HardBounce, SoftBounce } from "./bounce.ts";
import type { Send } from "./send-key.ts";

export const EVENT_TYPE_IDS = {
  sent: 6,
  delivered: 7,
  hardBounced: 8,
  unsubscribed: 9,
  opened: 10,
  clicked: 11,
  softBounced: 27,
  subscribed: 100_001,
  reset: 100_002,
} as const;

export type EventType = keyof typeof EVENT_TYPE_IDS;

const NAMES: Readonly<Record<number, string>> = {
  6: "Sent",
  7: "Delivered",
  8: "Hard Bounced",
  9: "Unsubscribed",
  10: "Opened",
  11: "Clicked",
  27: "Soft Bounced",
  100001: "Subscribed again",
  100002: "Address reset",
};

/** The name that people read for a type id: 10 → "Opened". */
export function eventName(typeId: number): string {
  return NAMES[typeId] ?? `Type ${typeId}`;
}

/** Who loaded a pixel or a link, as far as the request tells. */
export interface Visitor {
  /** The User-Agent header, cut to 512 characters; empty when there was none. */
  readonly userAgent: string;
  /** Which pattern marked it as a machine; absent for a person. */
  readonly botPattern?: string | undefined;
}

interface Happened {
  /** Unique in the log for ever: writing the same id again adds nothing. */
  readonly id: string;
  /** When it happened, in milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly message: Message;
}

export interface Opened extends Happened {
  readonly type: "opened";
  readonly visitor: Visitor;
}

export interface Clicked extends Happened {
  readonly type: "clicked";
  readonly visitor: Visitor;
  readonly link: Link;
}

/** What the request that changed a subscription carried along; empty texts are left out of the log. */
export interface SubscriptionRequest {
  readonly userAgent: string;
  readonly clientIp: string;
  readonly referrer: string;
  /** The query string without its question mark. */
  readonly query: string;
  readonly formFields: Readonly<Record<string, string>>;
}

/**
 * By the page's form, by their mail client (RFC 8058), or by complaining of spam to their mailbox provider (RFC 5965).
 */
export type Unsubscribed = Happened & { readonly type: "unsubscribed" } & (
    | { readonly cause: "form" | "one_click"; readonly request: SubscriptionRequest }
    | { readonly cause: "complaint" }
  );

/** The way back: a person who had unsubscribed subscribes again. */
export interface Subscribed extends Happened {
  readonly type: "subscribed";
  readonly request: SubscriptionRequest;
}

/** What happened to one send. */
interface SendHappened extends Happened {
  readonly message: Send;
  /** The address that was mailed, trimmed and in lower case. */
  readonly address?: string | undefined;
}

export interface Sent extends SendHappened {
  readonly type: "sent";
}

export interface Delivered extends SendHappened {
  readonly type: "delivered";
}

export interface HardBounced extends SendHappened {
  readonly type: "hardBounced";
  readonly bounce: HardBounce;
}

export interface SoftBounced extends SendHappened {
  readonly type: "softBounced";
  readonly bounce: SoftBounce;
}

export type OutcomeEvent = Sent | Delivered | HardBounced | SoftBounced;

export type LogEvent = Opened | Clicked | Unsubscribed | Subscribed | OutcomeEvent;
