/** The columns of an extract (AdobeDocs, rest-api/bulk-activity-extract). */
import { type ActivityRow, activityDate, attributesOf } from "../activity.ts";

/** The columns of a file whose request names no fields, in this order. */
export const COLUMNS = [
  "marketoGUID",
  "leadId",
  "activityDate",
  "activityTypeId",
  "campaignId",
  "primaryAttributeValueId",
  "primaryAttributeValue",
  "attributes",
] as const;

/** The columns that a request may name. */
export const FIELDS = [...COLUMNS, "actionResult"] as const;

export type Field = (typeof FIELDS)[number];

export function isField(value: unknown): value is Field {
  return FIELDS.some((field) => field === value);
}

/** A cell's text; null without a value. */
export function cellText(row: ActivityRow, field: Field): string | null {
  switch (field) {
    case "marketoGUID":
      return row.id;
    case "leadId":
      return row.person;
    case "activityDate":
      return activityDate(row.at);
    case "activityTypeId":
      return String(row.type);
    case "campaignId":
      return row.campaign;
    case "primaryAttributeValueId":
      return row.email;
    case "primaryAttributeValue":
      return row.emailName ?? row.email;
    case "attributes":
      return onOneLine(JSON.stringify(attributesOf(row)));
    case "actionResult":
      return null;
  }
}

/** Escapes three characters that end a line for some readers; JSON.stringify escapes the others. */
function onOneLine(json: string): string {
  return json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
