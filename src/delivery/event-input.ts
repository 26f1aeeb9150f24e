/** One event of POST /v1/events, checked: the report that it is, or which field is wrong and why. */
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { isHard } from "../events/bounce.ts";
import type { Send } from "../events/send-key.ts";
import { failureOf } from "../http/body.ts";
import type { ApiFailure } from "../http/errors.ts";
import { Address, fields, Id, isAddress, Line } from "../http/schemas.ts";
import { instantOf } from "../http/time.ts";
import { parseId } from "../tokens/id.ts";
import { verifyToken } from "../tokens/verify.ts";
import { categoryOf } from "./classify.ts";
import type { BounceCategory, Outcome } from "./outcome.ts";
import type { SendReport } from "./record.ts";

/** Clocks differ. */
const FUTURE_MS = 5 * 60 * 1000;
const YEAR_2000_MS = 946_684_800_000;

/** ms since 1970; NaN for what is no time, or none with a zone. */
function msOf(time: unknown): number {
  if (Number.isSafeInteger(time)) return Number(time);
  return (typeof time === "string" ? instantOf(time) : undefined) ?? Number.NaN;
}

const Time = v.pipe(
  v.custom<string | number>(
    (time) => !Number.isNaN(msOf(time)),
    'must be a time with its zone, like "2026-11-20T09:30:00.000Z", or milliseconds since 1970',
  ),
  v.transform((time) => msOf(time)),
  v.check((ms) => isCredible(ms), "must lie between the year 2000 and now"),
);

function isCredible(ms: number): boolean {
  return ms >= YEAR_2000_MS && ms <= Date.now() + FUTURE_MS;
}

const CATEGORIES = [1, 2, 3, 4, 9] as const;

const Event = fields({
  type: v.picklist(
    ["sent", "delivered", "hard_bounced", "soft_bounced"],
    'must be "sent", "delivered", "hard_bounced" or "soft_bounced"',
  ),
  message: v.optional(v.string()),
  email: v.optional(Id),
  person: v.optional(Id),
  campaign: v.optional(Id),
  send: v.optional(Id),
  address: v.optional(Address),
  at: v.optional(Time),
  category: v.optional(v.picklist(CATEGORIES, "must be 1, 2, 3, 4 or 9")),
  subcategory: v.optional(
    v.union([v.pipe(v.number(), v.safeInteger(), v.transform(String)), v.pipe(Line, v.maxLength(64))]),
  ),
  details: v.optional(v.string()),
  status: v.optional(v.pipe(v.string(), v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'must be like "5.1.1"'))),
});
type Event = v.InferOutput<typeof Event>;

/** A field that is wrong, in words of its own. */
class WrongField extends Error {
  readonly field: string;
  readonly code: ApiFailure["code"];

  constructor(field: string, message: string, code: ApiFailure["code"] = "invalid_field") {
    super(message);
    this.field = field;
    this.code = code;
  }
}

export interface Refusal {
  readonly error: Pick<ApiFailure, "code" | "message" | "field">;
}

/** Empty without a time: whoever records it knows which attempt runs. */
function occurrenceAt(atMs: number | undefined): string {
  return atMs === undefined ? "" : `at:${atMs}`;
}

const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  "type",
  "email",
  "person",
  "campaign",
  "send",
  "address",
  "at",
]);

/**
 * A right Sent or Delivered that names its send by ids. Most are, and the schema would cost more than all else that is done for
 * one; whatever else comes is left to it.
 */
export function plainReport(event: unknown): SendReport | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  for (const field in event) if (!PLAIN_FIELDS.has(field)) return undefined;
  const named = event as Readonly<Record<string, unknown>>;
  const { type, address, at } = named;
  if (type !== "sent" && type !== "delivered") return undefined;
  const email = parseId(named.email);
  const person = parseId(named.person);
  const campaign = parseId(named.campaign);
  const send = parseId(named.send);
  if (email === undefined || person === undefined || campaign === undefined) return undefined;
  if (send === undefined && named.send !== undefined) return undefined;
  if (address !== undefined && !isAddress(address)) return undefined;
  const atMs = at === undefined ? undefined : msOf(at);
  if (atMs !== undefined && !isCredible(atMs)) return undefined;
  return {
    send: { email, person, campaign, send },
    outcome: { type },
    address,
    atMs,
    occurrence: occurrenceAt(atMs),
  };
}

/** `at`: the path of the event in the body. */
export function reportOf(event: unknown, at: string, settings: Settings): SendReport | Refusal {
  const read = v.safeParse(Event, event, { abortEarly: true });
  if (!read.success) {
    const { code, message, field = at } = failureOf(read.issues[0], at);
    return { error: { code, message, field } };
  }
  try {
    const { address, at: atMs } = read.output;
    const report = { send: sendOf(read.output, settings), outcome: outcomeOf(read.output) };
    return { ...report, address, atMs, occurrence: occurrenceAt(atMs) };
  } catch (error) {
    if (!(error instanceof WrongField)) throw error;
    const field = `${at}.${error.field}`;
    return { error: { code: error.code, message: `${field} ${error.message}`, field } };
  }
}

function sendOf({ message, email, person, campaign, send }: Event, { tokenKeys }: Settings): Send {
  if (message !== undefined) {
    if ([email, person, campaign, send].some((id) => id !== undefined))
      throw new WrongField("message", "stands for email, person, campaign and send: give one or the other");
    const claims = verifyToken(tokenKeys, "message", message);
    if (claims.ok) return claims.value;
    throw new WrongField("message", `is no message token of this Worker (${claims.reason})`);
  }
  if (email === undefined) throw new WrongField("email", "is missing, and so is message", "missing_field");
  if (person === undefined) throw new WrongField("person", "is missing", "missing_field");
  if (campaign === undefined) throw new WrongField("campaign", "is missing", "missing_field");
  return { email, person, campaign, send };
}

function outcomeOf(event: Event): Outcome {
  const { type, category, subcategory, details, status } = event;
  if (type === "sent" || type === "delivered") {
    const odd = (["category", "subcategory", "details", "status"] as const).find(
      (field) => event[field] !== undefined,
    );
    if (odd !== undefined) throw new WrongField(odd, `belongs to a bounce, not to ${type}`);
    return { type };
  }
  const read = category ?? categoryOf({ status, details });
  return {
    type: "bounced",
    bounce: { category: checked(type, category, read), subcategory, details, status },
  };
}

/** Whoever says "hard" without a category that says why suspends the person for a day, not for ever. */
function checked(
  type: "hard_bounced" | "soft_bounced",
  said: BounceCategory | undefined,
  read: BounceCategory,
): BounceCategory {
  if (isHard({ category: read }) === (type === "hard_bounced")) return read;
  if (said === undefined) return type === "hard_bounced" ? 1 : 9;
  const right = type === "hard_bounced" ? "1 or 2" : "3, 4 or 9";
  throw new WrongField("category", `must be ${right} with ${type}`);
}
