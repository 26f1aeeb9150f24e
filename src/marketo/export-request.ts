/**
 * What a job is asked for, checked (AdobeDocs, rest-api/bulk-activity-extract). Guarantees that a file holds what its request says: what is
 * not understood is refused, by the name of its field, and nothing is left out silently. A field that is null is not there: clients send it.
 */
import { ACTIVITY_TYPE_IDS } from "./activity-types.ts";
import { MarketoError } from "./envelope.ts";
import { COLUMNS, FIELDS, type Field, isField } from "./extract/columns.ts";
import { FORMATS, type Format, isFormat } from "./extract/delimited.ts";
import type { ExportRequest } from "./extract/job.ts";
import { dateOf, shown } from "./parameters.ts";

const LONGEST_RANGE_MS = 31 * 86_400_000;
const LONGEST_HEADER = 255;
/** A line break in a header would be one in the file. */
const HEADER = /^[^\p{Cc}\p{Cs}]+$/u;

type Fields = Readonly<Record<string, unknown>>;

/** Throws MarketoError, 609 for what is no JSON. */
export function exportRequestOf(body: string): ExportRequest {
  const request = objectOf("the body", parsed(body));
  const { format, fields, columnHeaderNames, filter, ...others } = request;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new MarketoError("1003", `There is no field '${shown(other)}'`);
  const chosen = fieldsOf(fields);
  const headers = headersOf(columnHeaderNames, chosen);
  return {
    format: formatOf(format),
    columns: chosen.map((field) => ({ field, header: headers.get(field) ?? field })),
    ...filterOf(objectOf("filter", filter)),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new MarketoError("609");
  }
}

function formatOf(format: unknown): Format {
  if (isAbsent(format)) return "CSV";
  if (isFormat(format)) return format;
  throw new MarketoError("1001", `${invalid(format)}: format must be one of ${Object.keys(FORMATS).join()}`);
}

function fieldsOf(fields: unknown): readonly Field[] {
  if (isAbsent(fields)) return COLUMNS;
  const chosen = listOf("fields", fields).map((field) => {
    if (isField(field)) return field;
    throw new MarketoError("1003", `${invalid(field)}: fields may name ${FIELDS.join()}`);
  });
  const retryOnce = chosen.find((field, index) => chosen.indexOf(field) !== index);
  if (retryOnce !== undefined) throw new MarketoError("1003", `fields names '${retryOnce}' more than once`);
  return chosen;
}

function headersOf(columnHeaderNames: unknown, chosen: readonly Field[]): ReadonlyMap<Field, string> {
  const headers = new Map<Field, string>();
  if (isAbsent(columnHeaderNames)) return headers;
  for (const [name, header] of Object.entries(objectOf("columnHeaderNames", columnHeaderNames))) {
    const field = chosen.find((each) => each === name);
    if (field === undefined)
      throw new MarketoError(
        "1003",
        `columnHeaderNames names '${shown(name)}', which is no column of this file`,
      );
    if (typeof header !== "string" || header.length > LONGEST_HEADER || !HEADER.test(header)) {
      const form = `one line of 1 to ${LONGEST_HEADER} characters`;
      throw new MarketoError("1001", `${invalid(header)}: columnHeaderNames.${name} must be ${form}`);
    }
    headers.set(field, header);
  }
  return headers;
}

function filterOf(filter: Fields): Pick<ExportRequest, "fromMs" | "untilMs" | "types"> {
  const { createdAt, activityTypeIds, ...others } = filter;
  const other = Object.keys(others).find((name) => !isAbsent(others[name]));
  if (other !== undefined) {
    const known = "an extract of activities is filtered by createdAt and activityTypeIds";
    throw new MarketoError("1035", `Unsupported filter type '${shown(other)}': ${known}`);
  }
  return { ...rangeOf(objectOf("filter.createdAt", createdAt)), types: typesOf(activityTypeIds) };
}

/** Both ends are of it (AdobeDocs), and an activity's date is shown to the second: so the last second is of it, whole. */
function rangeOf({ startAt, endAt }: Fields) {
  const fromMs = fieldDate("filter.createdAt.startAt", startAt);
  const endMs = fieldDate("filter.createdAt.endAt", endAt);
  if (endMs < fromMs) throw new MarketoError("1003", "filter.createdAt: endAt is before startAt");
  if (endMs - fromMs > LONGEST_RANGE_MS)
    throw new MarketoError("1003", "filter.createdAt: from startAt to endAt may be 31 days, not more");
  return { fromMs, untilMs: (Math.floor(endMs / 1_000) + 1) * 1_000 };
}

function fieldDate(name: string, value: unknown): number {
  if (isAbsent(value)) throw missing(name);
  if (typeof value !== "string") throw new MarketoError("1001", `${invalid(value)}: ${name} must be a date`);
  if (value.trim() === "") throw new MarketoError("701", `${name} cannot be blank`);
  return dateOf(name, value);
}

function typesOf(activityTypeIds: unknown): readonly number[] {
  if (isAbsent(activityTypeIds)) return [...ACTIVITY_TYPE_IDS];
  return listOf("filter.activityTypeIds", activityTypeIds).map((type) => {
    if (typeof type === "number" && ACTIVITY_TYPE_IDS.has(type)) return type;
    throw new MarketoError("1001", `${invalid(type)}: filter.activityTypeIds has no such activity type`);
  });
}

/** 1002 without it, 1001 when it is something else. */
function objectOf(name: string, value: unknown): Fields {
  if (isAbsent(value)) throw missing(name);
  if (typeof value === "object" && !Array.isArray(value)) return value as Fields;
  throw new MarketoError("1001", `${invalid(value)}: ${name} must be an object`);
}

function listOf(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new MarketoError("1001", `${invalid(value)}: ${name} must be an array`);
  if (value.length === 0) throw new MarketoError("701", `${name} cannot be blank`);
  return value;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function missing(name: string): MarketoError {
  return new MarketoError("1002", `Missing value for required parameter '${name}'`);
}

function invalid(value: unknown): string {
  return `Invalid value '${shown(typeof value === "string" ? value : JSON.stringify(value))}'`;
}
