/**
 * A call's parameters, where Marketo's clients put them: the query, or, because a URI may have 8 KB at most, the form
 * body of a POST, whose URI or body says `_method=GET`. The body of a GET is ignored.
 */
import type { HonoRequest } from "hono";
import { readForm } from "../http/body.ts";
import { timeOf } from "../http/time.ts";
import { type MarketoCode, MarketoError } from "./envelope.ts";

const MAX_PAGE_SIZE = 300;

interface Call {
  readonly req: HonoRequest;
}

/** @throws {MarketoError} 605 for a POST without `_method=GET`, 612 for a body that is not a form */
export async function readParameters(call: Call): Promise<URLSearchParams> {
  const parameters = await parametersOfRead(call);
  if (parameters === undefined) throw new MarketoError("612");
  return parameters;
}

/**
 * For reads whose answer is the same for all parameters: they may come in any body (lookups by several keys are JSON).
 * @throws {MarketoError} 605 for a POST without `_method=GET`
 */
export async function requireRead(call: Call): Promise<void> {
  await parametersOfRead(call);
}

/** Undefined for a body that is not a form. */
async function parametersOfRead({ req }: Call): Promise<URLSearchParams | undefined> {
  const query = new URL(req.url).searchParams;
  if (req.method === "GET" || req.method === "HEAD") return query;
  if (req.method !== "POST") throw new MarketoError("605");
  const form = (await readForm(req)) ?? (await emptyForm(req));
  if (!isGet(query) && !(form !== undefined && isGet(form))) throw new MarketoError("605");
  for (const [name, value] of query) form?.append(name, value);
  return form;
}

/** A POST without a body needs no Content-Type. */
async function emptyForm(req: HonoRequest): Promise<URLSearchParams | undefined> {
  return (await req.arrayBuffer()).byteLength === 0 ? new URLSearchParams() : undefined;
}

/** The id in a path that ends with it: "/rest/v1/lead/7.json" → "7". */
export function idInPath({ req }: Call): string {
  return (req.param("file") ?? "").replace(/\.json$/, "");
}

/** Whether parameters say that a POST is a GET. */
export function isGet(parameters: URLSearchParams): boolean {
  return parameters.get("_method")?.toUpperCase() === "GET";
}

/** What a list may hold. */
export interface ListRule<T> {
  /** A value of the list; undefined when it is wrong. */
  readonly read: (text: string) => T | undefined;
  /** What is said of a wrong value, after the parameter's name. */
  readonly rule: string;
  /** Default: any number. */
  readonly maxValues?: number;
}

/**
 * The values of a list, separated by commas, repeated, or both; each once, empty ones dropped. Undefined without the
 * parameter.
 * @throws {MarketoError} 701 for an empty list, 1001 for a wrong value, 1003 for too many
 */
export function listParameter<T>(parameters: URLSearchParams, name: string, list: ListRule<T>): T[] | undefined {
  if (!parameters.has(name)) return undefined;
  const texts = required(parameters, name).split(",");
  const values = [...new Set(texts.map((text) => text.trim()))].filter(Boolean).map((text) => {
    const value = list.read(text);
    if (value === undefined) throw invalidValue(text, `${name} ${list.rule}`);
    return value;
  });
  const { maxValues = values.length } = list;
  if (values.length <= maxValues) return values;
  throw new MarketoError("1003", `${name} may name ${maxValues}, not ${values.length}`);
}

/** Rows in a page at most, 1 to 300. Default: 300. Throws MarketoError 701 or 1001. */
export function batchSizeOf(parameters: URLSearchParams): number {
  return wholeParameter(parameters, "batchSize", { min: 1, max: MAX_PAGE_SIZE, byDefault: MAX_PAGE_SIZE });
}

/** @throws {MarketoError} 701 when it is empty, 1001 when it is none from `min` to `max` */
export function wholeParameter(
  parameters: URLSearchParams,
  name: string,
  { min, max, byDefault }: { readonly min: number; readonly max: number; readonly byDefault: number },
): number {
  if (!parameters.has(name)) return byDefault;
  const text = required(parameters, name);
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw invalidValue(text, `${name} must be ${min} to ${max}`);
}

/** @throws {MarketoError} 1002 when the parameter is missing, 701 when it is empty */
export function required(parameters: URLSearchParams, name: string): string {
  const values = parameters.getAll(name);
  if (values.length === 0) throw missingValue(name);
  const value = values.join(",").trim();
  if (value.replaceAll(",", "") === "") throw new MarketoError("701", `${name} cannot be blank`);
  return value;
}

/** A time, ms since 1970 UTC. Throws MarketoError 704 with the `name` of the parameter or field. */
export function dateOfParameter(name: string, text: string): number {
  const ms = timeOf(text);
  if (ms !== undefined) return ms;
  const form = "must be like 2026-01-16T23:32:19Z, with its zone, or a date";
  throw new MarketoError("704", `Invalid date format: ${name} '${excerpt(text)}' ${form}`);
}

export function missingValue(name: string): MarketoError {
  return new MarketoError("1002", `Missing value for required parameter '${name}'`);
}

export function invalidValue(value: unknown, rule: string, code: MarketoCode = "1001"): MarketoError {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return new MarketoError(code, `Invalid value '${excerpt(text)}': ${rule}`);
}

/** A request's text, short enough to quote in an error. */
export function excerpt(text: string): string {
  return text.slice(0, 64).toWellFormed();
}
