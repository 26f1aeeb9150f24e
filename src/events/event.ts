/**
 * The events of the log. Type ids are Marketo's activity type ids, so that programs for its API read this log
 * unchanged; "subscribed", "suppressionRemoved" and "retry" have none, and take theirs from the range of custom
 * activities.
 */
import type { Link, Message } from "../tokens/claims.ts";
import type { HardBounce, SoftBounce } from "./bounce.ts";
import type { Send } from "./send-key.ts";

interface EventTypeEntry {
  /** Marketo's activity type id, or Waxseal's own. */
  readonly id: number;
  /** For people to read. */
  readonly name: string;
}

/** Every type of event that the log holds. */
export const EVENT_TYPES = {
  sent: { id: 6, name: "Sent" },
  delivered: { id: 7, name: "Delivered" },
  hardBounced: { id: 8, name: "Hard Bounced" },
  unsubscribed: { id: 9, name: "Unsubscribed" },
  opened: { id: 10, name: "Opened" },
  clicked: { id: 11, name: "Clicked" },
  softBounced: { id: 27, name: "Soft Bounced" },
  subscribed: { id: 100_001, name: "Subscribed again" },
  suppressionRemoved: { id: 100_002, name: "Suppression removed" },
  /** A soft-bounced send is due again. */
  retry: { id: 100_003, name: "Retry due" },
} as const satisfies Record<string, EventTypeEntry> & Record<LogEvent["type"], EventTypeEntry>;

/** The field of a decision's detail that says that it took the place of another one within the hour. */
export const REPLACES = "replaces";

/**
 * The type of a row whose event was filtered after it was in the log, or changed nothing: a complaint of somebody who
 * had unsubscribed, a Subscribed of somebody who had not. The row stays, of a filtered event without what it held, so
 * that the event does not come back when it is reported again. Readers of the log do not see it.
 */
export const FILTERED_TYPE_ID = 0;

/** Types of rows of what people decide about their subscription: the index `events_decisions` has these alone. */
export const DECISION_TYPE_IDS = [FILTERED_TYPE_ID, EVENT_TYPES.unsubscribed.id, EVENT_TYPES.subscribed.id] as const;

export type EventType = keyof typeof EVENT_TYPES;

const TYPES: ReadonlyMap<number, EventType> = new Map(
  (Object.keys(EVENT_TYPES) as EventType[]).map((type) => [EVENT_TYPES[type].id, type]),
);

/** The type of a type id: 10 → "opened"; undefined for FILTERED_TYPE_ID, and for a type of a later version. */
export function eventTypeOf(typeId: number): EventType | undefined {
  return TYPES.get(typeId);
}

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.values(EVENT_TYPES).map(({ id, name }) => [id, name] as const),
  [FILTERED_TYPE_ID, "Filtered"],
]);

/** The display name of a type id: 10 → "Opened". */
export function eventName(typeId: number): string {
  return NAMES.get(typeId) ?? `Type ${typeId}`;
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

/**
 * By the page's form, by one click in a mail client (RFC 8058), by a spam complaint (RFC 5965), at the provider's own
 * unsubscribe page, or by what the sender learned otherwise.
 */
export type Unsubscribed = RequestedUnsubscribed | ReportedUnsubscribed;

export interface RequestedUnsubscribed extends EventBase {
  readonly type: "unsubscribed";
  readonly cause: "form" | "one_click";
  readonly request: SubscriptionRequest;
}

export interface ReportedUnsubscribed extends EventBase {
  readonly type: "unsubscribed";
  readonly cause: "complaint" | "provider" | "sender";
  /** As in `SendEventBase`. */
  readonly reportedAtMs?: number | undefined;
}

/** A person who had unsubscribed subscribes again: on the page, or by what the sender learned otherwise. */
export type Subscribed = RequestedSubscribed | ReportedSubscribed;

export interface RequestedSubscribed extends EventBase {
  readonly type: "subscribed";
  readonly request: SubscriptionRequest;
}

export interface ReportedSubscribed extends EventBase {
  readonly type: "subscribed";
  readonly by: "sender";
  /** Who lifted their opt-out and why, when it was lifted by hand. */
  readonly who?: string;
  readonly why?: string;
  /** As in `SendEventBase`. */
  readonly reportedAtMs?: number | undefined;
}

/** What somebody else reports of a person's subscription, with a time of its own. */
export type ReportedDecision = ReportedUnsubscribed | ReportedSubscribed;

/**
 * The email and the campaign of an event that is about no mail in particular, and the person of a removal that is about
 * nobody who is known. Nobody's id: those have a character at least.
 */
export const NO_ID = "";

/** An event of one send. */
interface SendEventBase extends EventBase {
  readonly message: Send;
  /** The recipient's address, trimmed and in lower case. */
  readonly address?: string | undefined;
  /** The time that was reported, where it cannot be believed; `atMs` is then when the report arrived. */
  readonly reportedAtMs?: number | undefined;
  /** Nobody reported the time; `atMs` is when the report arrived. */
  readonly isUntimed?: true;
}

export interface Sent extends SendEventBase {
  readonly type: "sent";
  /** Nobody has reported it: an outcome of the send implies it. */
  readonly isImplied?: boolean;
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
