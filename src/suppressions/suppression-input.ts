/** One suppression of POST /v1/suppressions, checked: what to add, or which field is wrong and why. */
import * as v from "valibot";
import { normalAddress } from "../events/address.ts";
import { failureIn } from "../http/body.ts";
import type { ApiFailure } from "../http/errors.ts";
import {
  Address,
  addressNamed,
  fields,
  hasTwoAddresses,
  Line,
  orWrong,
  PersonId,
  TimeField,
  TWO_ADDRESSES,
} from "../http/schemas.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { isCalendarTime, MAX_CLOCK_SKEW_MS } from "../platform/timestamp.ts";
import type { SuppressionToAdd } from "./add.ts";
import { BLOCKED_MS } from "./bounced.ts";
import { type PersonOrAddress, SUPPRESSION_REASONS } from "./suppressions.ts";

export const MAX_ADDED = 1_000;

/** For people to read: a cause, who decided it, why. */
export const Words = v.pipe(
  Line,
  v.trim(),
  v.minLength(1, "must not be empty"),
  v.maxLength(500, "must have at most 500 characters"),
);

export const SuppressionFields = {
  person: v.optional(PersonId),
  address: v.optional(Address),
  reason: v.optional(v.picklist(SUPPRESSION_REASONS, 'must be "unsubscribed", "invalid" or "blocked"')),
  cause: v.optional(Words),
  who: v.optional(Words),
  at: v.optional(TimeField),
  until: v.optional(TimeField),
};
const Suppression = fields(SuppressionFields);
type Suppression = v.InferOutput<typeof Suppression>;

/** What is beside the list of an import. */
export type SuppressionDefaults = Omit<Suppression, "person" | "address">;

/** An entry whose fields are right by themselves, or one that is wrong: it refuses none of the others. */
export const EntryOrWrong = orWrong(Suppression);
type EntryOrWrong = v.InferOutput<typeof EntryOrWrong>;

/** Nobody has an older list of recipients, but some count in seconds. */
const EARLIEST_MS = Date.parse("1990-01-01T00:00:00.000Z");

/** The cause where none is given: the sender has reported it. */
const BY_SENDER = "sender";

/** The recipient that is named, whichever way. */
export function namedBy({ person, address }: Pick<Suppression, "person" | "address">): PersonOrAddress {
  return { person: person?.id, address: addressNamed({ person, address }) };
}

/**
 * An entry of an import.
 * @param path the entry's in the body: "suppressions.3"
 */
export function readEntry(
  entry: EntryOrWrong,
  path: string,
  defaults: SuppressionDefaults,
  nowMs: number,
): Result<SuppressionToAdd, ApiFailure> {
  if ("raw" in entry) return refused(failureIn(Suppression, entry.raw, path));
  return readAddition({ ...defaults, ...entry.input }, path, nowMs);
}

/** @param path the suppression's in the body; undefined: it is the body */
export function readAddition(
  given: Suppression,
  path: string | undefined,
  nowMs: number,
): Result<SuppressionToAdd, ApiFailure> {
  const { reason, cause = BY_SENDER, who, at, until } = given;
  const { person, address } = namedBy(given);
  const wrong = (field: keyof Suppression, message: string, code = "invalid_field") => {
    const named = path === undefined ? field : `${path}.${field}`;
    return refused<ApiFailure>({ status: 400, code, message: `${named} ${message}`, field: named });
  };
  if (person === undefined && address === undefined)
    return wrong("address", "is missing, and so is person", "missing_field");
  if (hasTwoAddresses(given)) return wrong("address", TWO_ADDRESSES);
  if (reason === undefined) return wrong("reason", "is missing", "missing_field");
  if (at !== undefined && !isCalendarTime(at)) return wrong("at", "has a year of more than four digits");
  if (until !== undefined && !isCalendarTime(until)) return wrong("until", "has a year of more than four digits");
  if (at !== undefined && at > nowMs + MAX_CLOCK_SKEW_MS) return wrong("at", "is in the future");
  if (at !== undefined && at < EARLIEST_MS) return wrong("at", "is before 1990: a number is milliseconds since 1970");
  const atMs = at ?? nowMs;
  if (until !== undefined && reason !== "blocked") return wrong("until", `belongs to "blocked": "${reason}" lasts`);
  if (until !== undefined && until <= atMs) return wrong("until", "must be later than it begins");
  return ok({
    person,
    address: address === undefined ? undefined : normalAddress(address),
    reason,
    cause,
    who,
    atMs,
    isTimed: at !== undefined,
    untilMs: reason === "blocked" ? (until ?? atMs + BLOCKED_MS) : undefined,
  });
}
