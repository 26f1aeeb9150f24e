/**
 * The log's events as Marketo's activity types. Names, descriptions and attributes are Marketo's own (AdobeDocs,
 * rest-api/activities), attributes that never have a value here included. "Subscribe Email" and "Remove Suppression"
 * are not Marketo's; they have ids in the range of custom activities.
 */
import { EVENT_TYPES } from "../events/event.ts";

export interface Attribute {
  readonly name: string;
  readonly dataType: "boolean" | "integer" | "string" | "text";
}

export interface ActivityType {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly primaryAttribute: Attribute;
  readonly attributes: readonly Attribute[];
}

/** @param lists "name:dataType", separated by commas */
function attributes(...lists: readonly string[]): Attribute[] {
  return lists
    .flatMap((list) => list.split(", "))
    .map((attribute) => {
      const [name = "", dataType] = attribute.split(":");
      return { name, dataType: dataType as Attribute["dataType"] };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const SEND =
  "Campaign Run ID:integer, Choice Number:integer, Has Predictive:boolean, Step ID:integer, Test Variant:integer";
const BOUNCE = "Category:string, Details:string, Email:string, Subcategory:string";
const VISITOR =
  "Bot Activity Pattern:string, Device:string, Is Bot Activity:boolean, Is Mobile Device:boolean, " +
  "Platform:string, User Agent:string";
const REQUEST =
  "Client IP Address:string, Form Fields:text, Query Parameters:string, Referrer URL:string, User Agent:string";

const MAILING_ID: Attribute = { name: "Mailing ID", dataType: "integer" };

function type(id: number, name: string, description: string, ...lists: readonly string[]): ActivityType {
  return { id, name, description, primaryAttribute: MAILING_ID, attributes: attributes(...lists) };
}

export const ACTIVITY_TYPES: readonly ActivityType[] = [
  type(EVENT_TYPES.sent.id, "Send Email", "Send Marketo Email to a person", SEND),
  type(EVENT_TYPES.delivered.id, "Email Delivered", "Marketo Email is delivered to a lead/contact", SEND),
  type(EVENT_TYPES.hardBounced.id, "Email Bounced", "Marketo Email is bounced for a lead", SEND, BOUNCE),
  type(
    EVENT_TYPES.unsubscribed.id,
    "Unsubscribe Email",
    "Person unsubscribed from Marketo Emails",
    "Campaign Run ID:integer, Has Predictive:boolean, Test Variant:integer, Webform ID:integer, Webpage ID:integer",
    REQUEST,
  ),
  type(EVENT_TYPES.opened.id, "Open Email", "User opens Marketo Email", SEND, VISITOR),
  type(
    EVENT_TYPES.clicked.id,
    "Click Email",
    "User clicks on a link in a Marketo Email",
    "Campaign Run ID:integer, Choice Number:integer, Is Predictive:boolean, Link:string, Link ID:string, " +
      "Step ID:integer, Test Variant:integer",
    VISITOR,
  ),
  type(EVENT_TYPES.softBounced.id, "Email Bounced Soft", "Marketo Email is bounced soft for a lead", SEND, BOUNCE),
  type(EVENT_TYPES.subscribed.id, "Subscribe Email", "Person subscribed again after unsubscribing", REQUEST),
  type(
    EVENT_TYPES.suppressionRemoved.id,
    "Remove Suppression",
    "An invalid address may be mailed again",
    "By:string, Email:string, Why:string",
  ),
];

export const ACTIVITY_TYPE_IDS: ReadonlySet<number> = new Set(ACTIVITY_TYPES.map(({ id }) => id));
