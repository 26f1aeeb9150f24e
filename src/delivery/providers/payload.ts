/**
 * Reading providers' JSON. A field that is missing or of another type than documented reads as undefined: providers
 * add and change fields without notice, and an event must not be lost over an optional one.
 */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import { categoryOf, statusOf } from "../classify.ts";
import { type Bounce, type BounceCategory, CATEGORY, type Outcome, type Report } from "../outcome.ts";
import type { Provider, WebhookReports } from "./provider.ts";

/** The name of the message token among the sender's own data that a provider hands back. */
export const TOKEN_NAME = "waxseal";

/** A text; undefined when missing or empty. */
export const OptionalText = v.fallback(v.optional(v.pipe(v.string(), v.minLength(1))), undefined);
export const OptionalNumberOrText = v.fallback(v.optional(v.union([v.number(), v.string()])), undefined);
/** A list; empty when it or one of its items cannot be read. */
export const ListOf = <Item extends v.GenericSchema>(item: Item) => v.fallback(v.array(item), []);
/** An object of optional fields, or undefined. */
export const OptionalFields = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.fallback(v.optional(v.object(entries)), undefined);

/** Headers as providers hand them back: a list of names and values. */
export const HeaderList = ListOf(v.object({ name: v.string(), value: v.string() }));

/** The values of one header, by its lower-case name. */
export function headerValues(headers: v.InferOutput<typeof HeaderList>, name: string): string[] {
  return headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value.trim());
}

/** The part before the "@" of a Message-ID, with or without its angle brackets. */
export function messageIdToken(messageId: string | undefined): string | undefined {
  return /^\s*<?([^<>@\s]+)@/.exec(messageId ?? "")?.[1];
}

/** The candidates without undefined and duplicates. */
export function distinctTokens(...candidates: readonly (string | undefined)[]): string[] {
  return [...new Set(candidates.filter((token) => token !== undefined))];
}

/** The address in `Marie <marie@example.com>`. */
export function bareAddress(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim();
}

/** ISO 8601 → ms since 1970; undefined when it is no time. */
export function isoMs(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

/** Unix seconds, with or without a fraction → ms since 1970. */
export function secondsMs(seconds: number | string | undefined): number | undefined {
  const ms = Math.round(Number(seconds) * 1000);
  return seconds === undefined || seconds === "" || Number.isNaN(ms) ? undefined : ms;
}

/** What the provider says about a bounce. */
export interface BounceFacts {
  readonly subcategory?: string | undefined;
  /** Enhanced status code. When the provider gives none, the one in `details` counts. */
  readonly status?: string | undefined;
  readonly replyCode?: string | undefined;
  /** What the recipient's server said. Not the provider's own prose: that describes the kind, not the case. */
  readonly details?: string | undefined;
}

/**
 * The category where the provider names the kind of a bounce but not its reason: the server's words decide, and the
 * kind where they are unclear. "permanent" without a reason is 1 (blocked), because 2 (invalid recipient) never
 * ends. "temporary" is never 2.
 */
export function categoryByKind(kind: "permanent" | "temporary", facts: BounceFacts): BounceCategory {
  const category = categoryOf({ ...facts, status: enhancedStatus(facts.status) });
  if (kind === "permanent") return category === CATEGORY.unclear ? CATEGORY.blocked : category;
  return category === CATEGORY.invalidRecipient ? CATEGORY.unclear : category;
}

export function bounced(category: BounceCategory, facts: BounceFacts): Outcome {
  const { subcategory, details } = facts;
  const status = statusOf(enhancedStatus(facts.status), details ?? "");
  const bounce: Bounce = { category, subcategory, status, details };
  return { type: "bounced", bounce };
}

/** An enhanced status code; undefined for anything else that a provider puts there. */
function enhancedStatus(status: string | undefined): string | undefined {
  return /^[245]\.\d{1,3}\.\d{1,3}$/.exec(status ?? "")?.[0];
}

export const SENT: Outcome = { type: "sent" };
export const DELIVERED: Outcome = { type: "delivered" };
export const DEFERRED: Outcome = { type: "deferred" };
export const COMPLAINED: Outcome = { type: "complained" };

/** What the reports of one event have in common. */
export type EventFacts = Omit<Report, "outcome">;

/** A provider's `read`: it translates payloads that match `schema` and refuses others. */
export function reader<Schema extends v.GenericSchema>(
  schema: Schema,
  read: (payload: v.InferOutput<Schema>) => WebhookReports,
): Provider["read"] {
  return (payload) => {
    const parsed = v.safeParse(schema, payload);
    return parsed.success ? ok(read(parsed.output)) : refused("unknown_shape");
  };
}

/** The reports of a webhook of one event, which is ignored when it has no outcome. */
export function oneEvent(outcomes: readonly Outcome[], facts: EventFacts): WebhookReports {
  return { reports: reportsOf(outcomes, facts), ignored: outcomes.length === 0 ? 1 : 0 };
}

/** One report for each outcome of one event. */
export function reportsOf(outcomes: readonly Outcome[], facts: EventFacts): Report[] {
  return outcomes.map((outcome) => ({ ...facts, outcome }));
}
