/**
 * A call's parameters, from where Marketo's clients put them: the query, or, because a URI may not pass 8 KB, the form body of a
 * POST whose URI says `_method=GET`. What a GET carries as a body is not read.
 */
import type { HonoRequest } from "hono";
import { MarketoError } from "./envelope.ts";

/** Throws 605 for a POST that does not say `_method=GET`, 612 for a body that is no form. */
export async function readParameters({ req }: { readonly req: HonoRequest }): Promise<URLSearchParams> {
  const query = new URL(req.url).searchParams;
  if (req.method === "GET" || req.method === "HEAD") return query;
  if (req.method !== "POST" || query.get("_method")?.toUpperCase() !== "GET") throw new MarketoError("605");
  if (!/^application\/x-www-form-urlencoded\b/i.test(req.header("Content-Type") ?? ""))
    throw new MarketoError("612");
  // Not text(): the runtime warns that a form is none.
  const parameters = new URLSearchParams(new TextDecoder().decode(await req.arrayBuffer()));
  for (const [name, value] of query) parameters.append(name, value);
  return parameters;
}

/** The values of a list, joined by commas or repeated or both; empty ones are dropped. */
export function listOf(parameters: URLSearchParams, name: string): string[] {
  return parameters
    .getAll(name)
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");
}
