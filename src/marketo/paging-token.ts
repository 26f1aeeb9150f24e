/**
 * Paging tokens: encrypted cursors, because one may hold a person's id, and is in URLs. Guarantees that a token
 * works for the client that it was given to and for one list, for ever, on any Worker with the same TOKEN_KEYS, and
 * that no other text does.
 */
import type { Context } from "hono";
import { configured } from "../http/configured.ts";
import { decryptText, encryptText } from "../tokens/encrypted-text.ts";
import type { MarketoEnv } from "./calls.ts";
import { MarketoError } from "./envelope.ts";
import { required } from "./parameters.ts";

/**
 * "page": the log, by [seq read up to, ms since 1970 UTC to read from]. "extracts": a client's jobs, by [number of the
 * last]. "leads", "campaigns": by [id of the last].
 */
type List = "page" | "extracts" | "leads" | "campaigns";

/** The token of a position, for the client that calls. */
export function encryptPagingToken(
  context: Context<MarketoEnv>,
  list: List,
  position: readonly (string | number)[],
): string {
  const text = [...position, context.get("client")].join(" ");
  return encryptText(configured(context.env).tokenKeys, list, text);
}

/** @throws {MarketoError} 1001 for a token that was not made for this client and this list */
export function decryptPagingToken(context: Context<MarketoEnv>, list: List, token: string): readonly string[] {
  const decrypted = decryptText(configured(context.env).tokenKeys, list, token);
  const parts = decrypted.ok ? decrypted.value.split(" ") : [];
  if (parts.pop() === context.get("client")) return parts;
  throw new MarketoError("1001", "Invalid value: nextPageToken is none that this client was given here");
}

/**
 * The position that a call's `nextPageToken` names; undefined without one.
 * @throws {MarketoError} 701 for an empty one, 1001 as `decryptPagingToken`
 */
export function pagingPosition(
  context: Context<MarketoEnv>,
  list: List,
  parameters: URLSearchParams,
): readonly string[] | undefined {
  if (!parameters.has("nextPageToken")) return undefined;
  return decryptPagingToken(context, list, required(parameters, "nextPageToken"));
}
