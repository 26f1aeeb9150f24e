/**
 * Reading providers' JSON. A field that is missing or of another type than documented reads as undefined: providers add and
 * change fields without asking, and an event must not be lost over one of its ornaments.
 */
import * as v from "valibot";
import { ok, type Result } from "../../platform/result.ts";
import { categoryOf, statusOf } from "../classify.ts";
import type { Bounce, BounceCategory, Outcome, Report } from "../outcome.ts";
import type { Reading } from "./provider.ts";

/** The name under which the message token travels in a provider's own-data channel. */
export const TOKEN_NAME = "waxseal";

/** A text, or undefined. Empty is undefined too. */
export const Text = v.fallback(v.optional(v.pipe(v.string(), v.minLength(1))), undefined);
export const NumberOrText = v.fallback(v.optional(v.union([v.number(), v.string()])), undefined);
/** A list of what can be read of it. */
export const List = <Item extends v.GenericSchema>(item: Item) => v.fallback(v.array(item), []);
/** An object of optional fields, or undefined. */
export const Fields = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.fallback(v.optional(v.object(entries)), undefined);

/** Headers as providers hand them back: a list of names and values. */
export const Headers = List(v.object({ name: v.string(), value: v.string() }));

/** The values of one header, by its lower-case name. */
export function headerValues(
  headers: readonly { readonly name: string; readonly value: string }[],
  name: string,
): string[] {
  return headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value.trim());
}

/** The part before the "@" of a Message-ID, with or without its angle brackets. */
export function messageIdToken(messageId: string | undefined): string | undefined {
  return /^\s*<?([^<>@\s]+)@/.exec(messageId ?? "")?.[1];
}

/** Without what is undefined, and each once. */
export function tokens(...candidates: readonly (string | undefined)[]): string[] {
  return [...new Set(candidates.filter((token) => token !== undefined))];
}

/** The address out of `Marie <marie@example.com>`. */
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

/** What the provider knows of a refusal. */
export interface Facts {
  readonly subcategory?: string | undefined;
  /** Enhanced status code. When the provider gives none, the one in `details` counts. */
  readonly status?: string | undefined;
  readonly replyCode?: string | undefined;
  /** What the recipient's server said. Not the provider's own prose: that is about the kind, not about the case. */
  readonly details?: string | undefined;
}

/**
 * The category where the provider names the kind of a refusal but not its reason: what the server said decides, and the kind
 * where the server said nothing clear. "permanent" without a reason is 1, never 2, which is for ever. "temporary" is never 2.
 */
export function gradedBy(kind: "permanent" | "temporary", facts: Facts): BounceCategory {
  const category = categoryOf({ ...facts, status: codeOf(facts.status) });
  if (kind === "permanent") return category === 9 ? 1 : category;
  return category === 2 ? 9 : category;
}

export function bounced(category: BounceCategory, facts: Facts): Outcome {
  const { subcategory, details } = facts;
  const bounce: Bounce = {
    category,
    subcategory,
    status: statusOf(codeOf(facts.status), details ?? ""),
    details,
  };
  return { type: "bounced", bounce };
}

/** An enhanced status code, and nothing else that a provider may put there. */
function codeOf(status: string | undefined): string | undefined {
  return /^[245]\.\d{1,3}\.\d{1,3}$/.exec(status ?? "")?.[0];
}

export const SENT: Outcome = { type: "sent" };
export const DELIVERED: Outcome = { type: "delivered" };
export const DEFERRED: Outcome = { type: "deferred" };
export const COMPLAINED: Outcome = { type: "complained" };

/** A webhook of one event: its reports, or nothing that says what became of a send. */
export function oneEvent(
  outcomes: readonly Outcome[],
  told: Omit<Report, "outcome">,
): Result<Reading, never> {
  return ok({ reports: reportsOf(outcomes, told), ignored: outcomes.length === 0 ? 1 : 0 });
}

/** One report for each of the outcomes of one occurrence. */
export function reportsOf(outcomes: readonly Outcome[], told: Omit<Report, "outcome">): Report[] {
  return outcomes.map((outcome) => ({ ...told, outcome }));
}
