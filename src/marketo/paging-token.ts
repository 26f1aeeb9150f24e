/**
 * Paging tokens: signed cursors. Guarantees that a token works for the client that it was given to and for one list,
 * for ever, on any Worker with the same TOKEN_KEYS, and that no other text does.
 */
import { ok, type Result, refused } from "../platform/result.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";

/**
 * "page": the log, by [seq read up to, ms since 1970 UTC to read from]. "exports": a client's jobs, by [number of the
 * last].
 */
type List = "page" | "exports";

export function signPagingToken(keys: TokenKeys, list: List, client: string, position: readonly number[]): string {
  return signText(keys, list, [...position, client].join(" "));
}

export function verifyPagingToken(
  keys: TokenKeys,
  list: List,
  client: string,
  token: string,
): Result<readonly number[], "forged"> {
  const verified = verifyText(keys, list, token);
  if (!verified.ok) return verified;
  const parts = verified.value.split(" ");
  return parts.pop() === client ? ok(parts.map(Number)) : refused("forged");
}
