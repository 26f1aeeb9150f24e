/**
 * The events of the log. Type ids are Marketo's activity type ids, so that programs for its API read this log
 * unchanged; "subscribed" and "reset" have none, and take theirs from the range of custom activities.
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

/** The display name of a type id: 10 → "Opened". */
export function eventName(typeId: number): string {
  return NAMES[typeId] ?? `Type ${typeId}`;
}

/** The client that loaded a pixel or a link. */
export interface Visitor {
  /** The User-Agent header, cut to 512 characters; empty when there was none. */
  readonly userAgent: string;
  /** The pattern that classified it as a bot; absent for a person. */
  readonly botPattern?: string | undefined;
}

interface EventBase {
  /** Unique in the log for ever: writing the same id again adds nothing. */
  readonly id: string;
  /** When it happened, in milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly message: Message;
}

export interface Opened extends EventBase {
  readonly type: "opened";
  readonly visitor: Visitor;
}

export interface Clicked extends EventBase {
  readonly type: "clicked";
  readonly visitor: Visitor;
  readonly link: Link;
}

/** The request that changed a subscription. Empty texts are left out of the log. */
export interface SubscriptionRequest {
  readonly userAgent: string;
  readonly clientIp: string;
  readonly referrer: string;
  /** The query string without its question mark. */
  readonly query: string;
  readonly formFields: Readonly<Record<string, string>>;
}

/** By the page's form, by one click in a mail client (RFC 8058), or by a spam complaint (RFC 5965). */
export type Unsubscribed = EventBase & { readonly type: "unsubscribed" } & (
    | { readonly cause: "form" | "one_click"; readonly request: SubscriptionRequest }
    | { readonly cause: "complaint" }
  );

/** A person who had unsubscribed subscribes again. */
export interface Subscribed extends EventBase {
  readonly type: "subscribed";
  readonly request: SubscriptionRequest;
}

/** An event of one send. */
interface SendEventBase extends EventBase {
  readonly message: Send;
  /** The recipient's address, trimmed and in lower case. */
  readonly address?: string | undefined;
}

export interface Sent extends SendEventBase {
  readonly type: "sent";
}

export interface Delivered extends SendEventBase {
  readonly type: "delivered";
}

export interface HardBounced extends SendEventBase {
  readonly type: "hardBounced";
  readonly bounce: HardBounce;
}

export interface SoftBounced extends SendEventBase {
  readonly type: "softBounced";
  readonly bounce: SoftBounce;
}

export type OutcomeEvent = Sent | Delivered | HardBounced | SoftBounced;

export type LogEvent = Opened | Clicked | Unsubscribed | Subscribed | OutcomeEvent;
