/**
 * Checks the request for an extract (AdobeDocs, rest-api/bulk-activity-extract). Guarantees that a file holds what its
 * request says: a filter that is not known is refused by its name; and that a checked request is short, however long
 * the body was. A null field counts as missing, because clients send it; one beside Marketo's own is ignored, because
 * programs send what they note for themselves.
 */
import { DAY_MS } from "../platform/durations.ts";
import { ACTIVITY_TYPE_IDS, activityTypeOf } from "./activity-types.ts";
import { MarketoError } from "./envelope.ts";
import { COLUMNS, FIELDS, type Field } from "./extract/columns.ts";
import { FORMATS, type Format, isFormat } from "./extract/delimited.ts";
import type { ExtractRequest } from "./extract/job.ts";
import { dateOfParameter, excerpt, invalidValue, missingValue } from "./parameters.ts";

/** A request that names every field, header and type has 10 KB at most. */
const MAX_REQUEST_CHARS = 64 * 1024;
const MAX_PERIOD_MS = 31 * DAY_MS;
const MAX_HEADER_LENGTH = 255;
/** Without line breaks, which would break the file's first line. */
const HEADER = /^[^\p{Cc}\p{Cs}]+$/u;

type Fields = Readonly<Record<string, unknown>>;

/** @throws {MarketoError} 609 for a body that is not JSON, another code for a wrong field */
export function extractRequestOf(body: string): ExtractRequest {
  if (body.length > MAX_REQUEST_CHARS) throw new MarketoError("1003", "The request is over 64 KiB");
  const request = objectOf("the body", parsed(body));
  const { format, fields, columnHeaderNames, filter } = request;
  const columns = columnsOf(fieldsOf(fields), columnHeaderNames);
  return { format: formatOf(format), columns, ...filterOf(objectOf("filter", filter)) };
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
  throw invalidValue(format, `format must be one of ${Object.keys(FORMATS).join()}`);
}

function fieldsOf(fields: unknown): readonly Field[] {
  const names = isAbsent(fields) ? [] : arrayOf("fields", fields);
  if (names.length === 0) return COLUMNS;
  const chosen = names.map((name) => {
    const field = FIELDS.find((each) => each === name);
    if (field !== undefined) return field;
    throw invalidValue(name, `fields may name ${FIELDS.join()}`, "1003");
  });
  const repeated = chosen.find((field, index) => chosen.indexOf(field) !== index);
  if (repeated !== undefined) throw new MarketoError("1003", `fields names '${repeated}' more than once`);
  return chosen;
}

function columnsOf(chosen: readonly Field[], columnHeaderNames: unknown): ExtractRequest["columns"] {
  if (isAbsent(columnHeaderNames)) return chosen.map((field) => ({ field, header: field }));
  const headers = objectOf("columnHeaderNames", columnHeaderNames);
  const other = Object.keys(headers).find((name) => !chosen.some((field) => field === name));
  if (other !== undefined) {
    const known = "which is no column of this file";
    throw new MarketoError("1003", `columnHeaderNames names '${excerpt(other)}', ${known}`);
  }
  return chosen.map((field) => ({ field, header: headerOf(field, headers[field] ?? field) }));
}

function headerOf(field: Field, header: unknown): string {
  if (typeof header === "string" && header.length <= MAX_HEADER_LENGTH && HEADER.test(header)) return header;
  const form = `one line of 1 to ${MAX_HEADER_LENGTH} characters`;
  throw invalidValue(header, `columnHeaderNames.${field} must be ${form}`);
}

function filterOf(filter: Fields): Pick<ExtractRequest, "fromMs" | "untilMs" | "types"> {
  const { createdAt, activityTypeIds, ...others } = filter;
  const other = Object.keys(others).find((name) => !isAbsent(others[name]));
  if (other !== undefined) {
    const known = "an extract of activities is filtered by createdAt and activityTypeIds";
    throw new MarketoError("1035", `Unsupported filter type '${excerpt(other)}': ${known}`);
  }
  return { ...periodOf(objectOf("filter.createdAt", createdAt)), types: typesOf(activityTypeIds) };
}

/** Includes both ends (AdobeDocs). An activity's date has whole seconds, so the last second is included whole. */
function periodOf({ startAt, endAt }: Fields) {
  const fromMs = fieldDate("filter.createdAt.startAt", startAt);
  const endAtMs = fieldDate("filter.createdAt.endAt", endAt);
  if (endAtMs < fromMs) throw new MarketoError("1003", "filter.createdAt: endAt is before startAt");
  if (endAtMs - fromMs > MAX_PERIOD_MS)
    throw new MarketoError("1003", "filter.createdAt: from startAt to endAt may be 31 days, not more");
  return { fromMs, untilMs: (Math.floor(endAtMs / 1_000) + 1) * 1_000 };
}

function fieldDate(name: string, value: unknown): number {
  if (isAbsent(value)) throw missingValue(name);
  if (typeof value !== "string") throw invalidValue(value, `${name} must be a date`);
  if (value.trim() === "") throw new MarketoError("701", `${name} cannot be blank`);
  return dateOfParameter(name, value);
}

function typesOf(activityTypeIds: unknown): readonly number[] {
  if (isAbsent(activityTypeIds)) return [...ACTIVITY_TYPE_IDS];
  const types = listOf("filter.activityTypeIds", activityTypeIds).map((value) => {
    const type = activityTypeOf(value);
    if (type !== undefined) return type;
    throw invalidValue(value, "filter.activityTypeIds takes numbers of activity types");
  });
  // Other types have no rows.
  return [...new Set(types)].filter((type) => ACTIVITY_TYPE_IDS.has(type));
}

/** @throws {MarketoError} 1002 when the field is missing, 1001 when it is not an object */
function objectOf(name: string, value: unknown): Fields {
  if (isAbsent(value)) throw missingValue(name);
  if (typeof value === "object" && !Array.isArray(value)) return value as Fields;
  throw invalidValue(value, `${name} must be an object`);
}

function arrayOf(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidValue(value, `${name} must be an array`);
}

function listOf(name: string, given: unknown): readonly unknown[] {
  const value = arrayOf(name, given);
  if (value.length === 0) throw new MarketoError("701", `${name} cannot be blank`);
  return value;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
