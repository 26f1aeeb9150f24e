/**
 * The columns of an extract (AdobeDocs, rest-api/bulk-activity-extract). Guarantees that a spreadsheet that opens the
 * file evaluates none of the texts that others wrote, and that programs read ids and attributes as they are.
 */
import { withoutFormula } from "../../platform/csv.ts";
import {
  type ActivityRow,
  type AttributeValue,
  activityAtMs,
  activityDate,
  attributesOf,
  leadIdOf,
} from "../activity.ts";

/** Each column's cell: a text, or null without a value. */
const CELLS = {
  marketoGUID: ({ id }) => id,
  leadId: ({ person }) => (leadIdOf(person) === null ? null : person),
  activityDate: (row) => activityDate(activityAtMs(row)),
  activityTypeId: ({ type }) => String(type),
  campaignId: ({ campaign }) => campaign,
  primaryAttributeValueId: ({ email }) => email,
  primaryAttributeValue: ({ email, emailName }) => (emailName === null ? email : withoutFormula(emailName)),
  attributes: (row) => forOneCell(JSON.stringify(asObject(attributesOf(row)))),
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

function asObject(attributes: readonly AttributeValue[]) {
  return Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
}

/** What ends a line for some readers, and what begins a formula behind a separator or a quote. */
const UNFIT_FOR_CELLS = /[\u0085\u2028\u2029]|(?<=[",;])[=+\-@＝＋－＠]/g;

/**
 * JSON that stays in one cell. A spreadsheet of another country splits a line at its own separator, and takes the text
 * behind it for a cell: so characters that would make it a formula are escaped, which JSON readers undo.
 * `JSON.stringify` escapes tabs and line feeds.
 */
function forOneCell(json: string): string {
  return json.replace(UNFIT_FOR_CELLS, (unfit) => `\\u${unfit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
