/**
 * The log's events as Marketo's activity types. Names, descriptions and attributes are Marketo's own (AdobeDocs,
 * rest-api/activities), attributes that never have a value here included. "Subscribe Email", "Remove Suppression" and
 * "Retry Email" are not Marketo's; they have ids in the range of custom activities.
 */
import { EVENT_TYPES } from "../events/event.ts";

export interface Attribute {
  readonly name: string;
  readonly dataType: "boolean" | "datetime" | "integer" | "string" | "text";
}

export interface ActivityType {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly primaryAttribute: Attribute;
  readonly attributes: readonly Attribute[];
}

function ofType(dataType: Attribute["dataType"], names: readonly string[]): Attribute[] {
  return names.map((name) => ({ name, dataType }));
}

const booleans = (...names: readonly string[]) => ofType("boolean", names);
const integers = (...names: readonly string[]) => ofType("integer", names);
const strings = (...names: readonly string[]) => ofType("string", names);
const texts = (...names: readonly string[]) => ofType("text", names);

const SEND = [
  ...integers("Campaign Run ID", "Choice Number", "Step ID", "Test Variant"),
  ...booleans("Has Predictive"),
];
const RUN = integers("Campaign Run ID");
const BOUNCE = strings("Category", "Details", "Email", "Subcategory");
const VISITOR = [
  ...strings("Bot Activity Pattern", "Device", "Platform", "User Agent"),
  ...booleans("Is Bot Activity", "Is Mobile Device"),
];
const REQUEST = [
  ...strings("Client IP Address", "Query Parameters", "Referrer URL", "User Agent"),
  ...texts("Form Fields"),
];

/** Not Marketo's, whose activities come in time and are of somebody. Programs read only what is described. */
const COMMON: readonly Attribute[] = [...ofType("datetime", ["Occurred At"]), ...strings("Pseudonym")];

const MAILING_ID: Attribute = { name: "Mailing ID", dataType: "integer" };

/** Marketo lists attributes by name. */
function type(
  id: number,
  name: string,
  description: string,
  ...groups: readonly (readonly Attribute[])[]
): ActivityType {
  const attributes = [...groups.flat(), ...COMMON].sort((one, other) => (one.name < other.name ? -1 : 1));
  return { id, name, description, primaryAttribute: MAILING_ID, attributes };
}

export const ACTIVITY_TYPES: readonly ActivityType[] = [
  type(EVENT_TYPES.sent.id, "Send Email", "Send Marketo Email to a person", SEND),
  type(EVENT_TYPES.delivered.id, "Email Delivered", "Marketo Email is delivered to a lead/contact", SEND),
  type(EVENT_TYPES.hardBounced.id, "Email Bounced", "Marketo Email is bounced for a lead", SEND, BOUNCE),
  type(
    EVENT_TYPES.unsubscribed.id,
    "Unsubscribe Email",
    "Person unsubscribed from Marketo Emails",
    integers("Campaign Run ID", "Test Variant", "Webform ID", "Webpage ID"),
    booleans("Has Predictive"),
    REQUEST,
  ),
  type(EVENT_TYPES.opened.id, "Open Email", "User opens Marketo Email", SEND, VISITOR),
  type(
    EVENT_TYPES.clicked.id,
    "Click Email",
    "User clicks on a link in a Marketo Email",
    integers("Campaign Run ID", "Choice Number", "Step ID", "Test Variant"),
    booleans("Is Predictive"),
    strings("Link", "Link ID"),
    VISITOR,
  ),
  type(EVENT_TYPES.softBounced.id, "Email Bounced Soft", "Marketo Email is bounced soft for a lead", SEND, BOUNCE),
  type(EVENT_TYPES.subscribed.id, "Subscribe Email", "Person subscribed again after unsubscribing", RUN, REQUEST),
  type(
    EVENT_TYPES.suppressionRemoved.id,
    "Remove Suppression",
    "A suppression of the person or of the address was removed",
    RUN,
    strings("Email", "Who", "Why"),
  ),
  type(
    EVENT_TYPES.retry.id,
    "Retry Email",
    "A send that bounced softly is due again",
    RUN,
    BOUNCE,
    integers("Attempt"),
  ),
];

export const ACTIVITY_TYPE_IDS: ReadonlySet<number> = new Set(ACTIVITY_TYPES.map(({ id }) => id));

/** A number that may be one of an activity type, of Marketo's many or of ours. */
export function activityTypeOf(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
