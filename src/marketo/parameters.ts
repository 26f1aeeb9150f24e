/**
 * A call's parameters, from where Marketo's clients put them: the query, or, because a URI may not pass 8 KB, the form body of a
 * POST whose URI says `_method=GET`. What a GET carries as a body is not read.
 */
import type { HonoRequest } from "hono";
import { readForm } from "../http/form.ts";
import { timeOf } from "../http/time.ts";
import { MarketoError } from "./envelope.ts";

const MOST_IN_A_PAGE = 300;

/** Throws 605 for a POST that does not say `_method=GET`, 612 for a body that is no form. */
export async function readParameters({ req }: { readonly req: HonoRequest }): Promise<URLSearchParams> {
  const query = new URL(req.url).searchParams;
  if (req.method === "GET" || req.method === "HEAD") return query;
  if (req.method !== "POST" || query.get("_method")?.toUpperCase() !== "GET") throw new MarketoError("605");
  const form = await readForm(req);
  if (form === undefined) throw new MarketoError("612");
  for (const [name, value] of query) form.append(name, value);
  return form;
}

/** The values of a list, joined by commas or repeated or both; empty ones are dropped. */
export function listOf(parameters: URLSearchParams, name: string): string[] {
  return parameters
    .getAll(name)
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** How many a page may hold: 1 to 300, 300 when it is not said. Throws 701 and 1001. */
export function batchSizeOf(parameters: URLSearchParams): number {
  if (!parameters.has("batchSize")) return MOST_IN_A_PAGE;
  const text = required(parameters, "batchSize");
  const size = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (size >= 1 && size <= MOST_IN_A_PAGE) return size;
  throw new MarketoError("1001", `Invalid value '${shown(text)}': batchSize must be 1 to ${MOST_IN_A_PAGE}`);
}

/** 1002 when the parameter is not there, 701 when it is and says nothing. */
export function required(parameters: URLSearchParams, name: string): string {
  const values = parameters.getAll(name);
  if (values.length === 0) throw new MarketoError("1002", `Missing value for required parameter '${name}'`);
  const value = values.join(",").trim();
  if (value.replaceAll(",", "") === "") throw new MarketoError("701", `${name} cannot be blank`);
  return value;
}

/** ms since 1970. Throws 704, with the name of the parameter or field. */
export function dateOf(name: string, text: string): number {
  const ms = timeOf(text);
  if (ms !== undefined) return ms;
  const form = "must be like 2026-01-16T23:32:19Z, with its zone, or a date";
  throw new MarketoError("704", `Invalid date format: ${name} '${shown(text)}' ${form}`);
}

/** What was sent, short enough to send back. */
export function shown(text: string): string {
  return text.slice(0, 64).toWellFormed();
}
