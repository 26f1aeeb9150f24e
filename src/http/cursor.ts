/**
 * Cursors of lists: signed positions. Guarantees that a cursor works for the list that gave it, for ever, on any
 * Worker with the same TOKEN_KEYS, and that no other text does.
 */
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";
import { ApiError } from "./errors.ts";

/**
 * The `next` of a page.
 * @param list names the list that the cursor is for, like "suppressions"
 * @param position where the next page begins, at most 300 bytes in UTF-8
 */
export function signCursor(keys: TokenKeys, list: string, position: string): string {
  return signText(keys, `cursor/${list}`, position);
}

/**
 * The position of a cursor; undefined without one, for the first page.
 * @throws {ApiError} 400 for a text that no key of ours has signed for this list
 */
export function readCursor(keys: TokenKeys, list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const position = verifyText(keys, `cursor/${list}`, cursor);
  if (position.ok) return position.value;
  const message = 'cursor must be the "next" of a page of this list, unchanged.';
  throw new ApiError({ status: 400, code: "invalid_field", message, field: "cursor" });
}
