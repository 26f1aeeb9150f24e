/** The columns of an extract (AdobeDocs, rest-api/bulk-activity-extract). */
import { type ActivityRow, activityDate, attributesOf } from "../activity.ts";

/** Each column's cell: a text, or null without a value. */
const CELLS = {
  marketoGUID: ({ id }) => id,
  leadId: ({ person }) => person,
  activityDate: ({ at }) => activityDate(at),
  activityTypeId: ({ type }) => String(type),
  campaignId: ({ campaign }) => campaign,
  primaryAttributeValueId: ({ email }) => email,
  primaryAttributeValue: ({ email, emailName }) => emailName ?? email,
  attributes: (row) => onOneLine(JSON.stringify(attributesOf(row))),
  actionResult: () => null,
} as const satisfies Readonly<Record<string, (row: ActivityRow) => string | null>>;

export type Field = keyof typeof CELLS;

/** The columns that a request may name. */
export const FIELDS = Object.keys(CELLS) as readonly Field[];

/** The columns of a file whose request names no fields, in this order. */
export const COLUMNS = FIELDS.filter((field) => field !== "actionResult");

export function cellText(row: ActivityRow, field: Field): string | null {
  return CELLS[field](row);
}

/** Escapes three characters that end a line for some readers; JSON.stringify escapes the others. */
function onOneLine(json: string): string {
  return json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
