/**
 * Paging tokens: how far a client has read the log, and since when. Guarantees that a token works for the client that
 * it was given to, for ever, on any Worker with the same TOKEN_KEYS, and that no other text does.
 */
import { ok, type Result, refused } from "../platform/result.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";

export interface ReadingPosition {
  /** The client has read up to here. */
  readonly seq: number;
  /** The client reads what happened at this time or later; ms since 1970 UTC. */
  readonly sinceMs: number;
}

export function signPagingToken(keys: TokenKeys, client: string, { seq, sinceMs }: ReadingPosition): string {
  return signNumbers(keys, "page", client, [seq, sinceMs]);
}

export function verifyPagingToken(
  keys: TokenKeys,
  client: string,
  token: string,
): Result<ReadingPosition, "forged"> {
  const numbers = verifyNumbers(keys, "page", client, token);
  if (!numbers.ok) return numbers;
  const [seq = 0, sinceMs = 0] = numbers.value;
  return ok({ seq, sinceMs });
}

/** @param after the number of the last job of the list's page */
export function signExportsCursor(keys: TokenKeys, client: string, after: number): string {
  return signNumbers(keys, "exports", client, [after]);
}

export function verifyExportsCursor(
  keys: TokenKeys,
  client: string,
  token: string,
): Result<number, "forged"> {
  const numbers = verifyNumbers(keys, "exports", client, token);
  return numbers.ok ? ok(numbers.value[0] ?? 0) : numbers;
}

type Use = "page" | "exports";

function signNumbers(keys: TokenKeys, use: Use, client: string, numbers: readonly number[]): string {
  return signText(keys, use, [...numbers, client].join(" "));
}

function verifyNumbers(
  keys: TokenKeys,
  use: Use,
  client: string,
  token: string,
): Result<readonly number[], "forged"> {
  const verified = verifyText(keys, use, token);
  if (!verified.ok) return verified;
  const parts = verified.value.split(" ");
  return parts.pop() === client ? ok(parts.map(Number)) : refused("forged");
}
