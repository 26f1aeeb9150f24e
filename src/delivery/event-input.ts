/** One event of POST /v1/events, checked: its report, or which field is wrong and why. */
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { isHard } from "../events/bounce.ts";
import { NO_ID } from "../events/event.ts";
import type { KindOfName } from "../events/names.ts";
import type { Send } from "../events/send-key.ts";
import { failureIn } from "../http/body.ts";
import type { ApiFailure } from "../http/errors.ts";
import {
  Address,
  addressNamed,
  fields,
  hasTwoAddresses,
  Id,
  Line,
  NamedIdField,
  orWrong,
  PersonId,
  TimeField,
  TWO_ADDRESSES,
} from "../http/schemas.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { verifyToken } from "../tokens/verify.ts";
import { categoryOf } from "./classify.ts";
import type { SendReport } from "./outcome.ts";
import { type BounceCategory, CATEGORY, type Outcome } from "./outcome.ts";
import { readPartOf } from "./reply-limit.ts";

const TYPES = [
  ...["sent", "delivered", "hard_bounced", "soft_bounced"],
  ...["complained", "unsubscribed", "subscribed"],
] as const;

/** One event of POST /v1/events. */
export const EventInput = fields({
  type: v.picklist(TYPES, `must be ${TYPES.slice(0, -1).join(", ")} or ${TYPES.at(-1)}`),
  message: v.optional(v.string()),
  email: v.optional(NamedIdField),
  person: v.optional(PersonId),
  campaign: v.optional(NamedIdField),
  send: v.optional(Id),
  address: v.optional(Address),
  at: v.optional(TimeField),
  category: v.optional(v.picklist([1, 2, 3, 4, 9], "must be 1, 2, 3, 4 or 9")),
  subcategory: v.optional(
    v.union([v.pipe(v.number(), v.safeInteger(), v.transform(String)), v.pipe(Line, v.maxLength(64))]),
  ),
  details: v.optional(v.string()),
  status: v.optional(v.pipe(v.string(), v.regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'must be like "5.1.1"'))),
});
export type EventInput = v.InferOutput<typeof EventInput>;

/** An event that is right as far as its fields alone say, or one that is wrong: it refuses none of the others. */
export const EventOrWrong = orWrong(EventInput);
export type EventOrWrong = v.InferOutput<typeof EventOrWrong>;

/** Why an event is rejected. `field` is its path in the body, e.g. "events.3.type". */
export type EventRejection = Pick<ApiFailure, "code" | "message" | "field">;

/** A wrong field of an event, and a message that goes on after the field's name. */
interface WrongField {
  readonly field: keyof EventInput;
  readonly message: string;
  readonly code: ApiFailure["code"];
}

function wrong(field: keyof EventInput, message: string, code: ApiFailure["code"] = "invalid_field") {
  return refused<WrongField>({ field, message, code });
}

/**
 * Checks one event. `path` is its path in the body, e.g. "events.3". Without a time the report's `sourceId` is
 * empty: the caller knows which attempt is current.
 */
export function readEvent(event: EventOrWrong, path: string, settings: Settings): Result<SendReport, EventRejection> {
  if ("raw" in event) return refused(reasonOf(event.raw, path));
  const { at: atMs } = event.input;
  const send = sendOf(event.input, settings);
  if (!send.ok) return rejection(path, send.reason);
  const outcome = outcomeOf(event.input);
  if (!outcome.ok) return rejection(path, outcome.reason);
  const sourceId = atMs === undefined ? "" : `at:${atMs}`;
  if (hasTwoAddresses(event.input))
    return rejection(path, { field: "address", message: TWO_ADDRESSES, code: "invalid_field" });
  return ok({ send: send.value, outcome: outcome.value, address: addressNamed(event.input), atMs, sourceId });
}

/** The names that an event brings along. */
export function namesInEvent(event: EventOrWrong): KindOfName[] {
  if ("raw" in event) return [];
  const { email, campaign } = event.input;
  return [
    ...(email?.name === undefined ? [] : [{ kind: "email" as const, id: email.id, name: email.name }]),
    ...(campaign?.name === undefined ? [] : [{ kind: "campaign" as const, id: campaign.id, name: campaign.name }]),
  ];
}

function reasonOf(raw: unknown, path: string): EventRejection {
  const { code, message, field = path } = failureIn(EventInput, raw, path);
  return { code, message, field };
}

function rejection(path: string, { field, message, code }: WrongField) {
  const fieldPath = `${path}.${field}`;
  return refused<EventRejection>({ code, message: `${fieldPath} ${message}`, field: fieldPath });
}

const NO_PERSON =
  "is missing: name the person, or the mail by message. What is known of an address alone goes to /v1/suppressions";

function sendOf(
  { type, message, email, person, campaign, send }: EventInput,
  { tokenKeys }: Settings,
): Result<Send, WrongField> {
  if (message !== undefined) {
    if ([email, person, campaign, send].some((id) => id !== undefined))
      return wrong("message", "stands for email, person, campaign and send: give one or the other");
    const claims = verifyToken(tokenKeys, "message", message);
    return claims.ok ? claims : wrong("message", `is no message token of this Worker (${claims.reason})`);
  }
  const isAboutMail = email !== undefined || campaign !== undefined || send !== undefined;
  if (!isAboutMail && (type === "unsubscribed" || type === "subscribed")) {
    if (person !== undefined) return ok({ email: NO_ID, person: person.id, campaign: NO_ID });
    return wrong("person", NO_PERSON, "missing_field");
  }
  if (email === undefined) return wrong("email", "is missing, and so is message", "missing_field");
  if (person === undefined) return wrong("person", "is missing", "missing_field");
  if (campaign === undefined) return wrong("campaign", "is missing", "missing_field");
  return ok({ email: email.id, person: person.id, campaign: campaign.id, send });
}

const BOUNCE_FIELDS = ["category", "subcategory", "details", "status"] as const;

function outcomeOf(event: EventInput): Result<Outcome, WrongField> {
  const { type, subcategory, details, status } = event;
  if (type !== "hard_bounced" && type !== "soft_bounced") {
    const extra = BOUNCE_FIELDS.find((field) => event[field] !== undefined);
    if (extra !== undefined) return wrong(extra, `belongs to a bounce, not to ${type}`);
    if (type === "unsubscribed") return ok({ type, cause: "sender" });
    return ok({ type });
  }
  const category = bounceCategory(type, event);
  if (!category.ok) return category;
  return ok({ type: "bounced", bounce: { category: category.value, subcategory, details, status } });
}

/** Without a category that agrees, a hard bounce is 1 (blocked for a day), not 2 (invalid for ever). */
function bounceCategory(type: "hard_bounced" | "soft_bounced", event: EventInput): Result<BounceCategory, WrongField> {
  const { category: given, status, details } = event;
  const category = given ?? categoryOf({ status, recipient: addressNamed(event), ...readPartOf(details) });
  if (isHard({ category }) === (type === "hard_bounced")) return ok(category);
  if (given === undefined) {
    if (type === "hard_bounced") return ok(CATEGORY.blocked);
    // A server that puts mail off because of its sender throttles them.
    return ok(category === CATEGORY.blocked ? CATEGORY.temporary : CATEGORY.unclear);
  }
  const right = type === "hard_bounced" ? "1 or 2" : "3, 4 or 9";
  return wrong("category", `must be ${right} with ${type}`);
}
