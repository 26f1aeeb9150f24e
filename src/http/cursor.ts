/**
 * Cursors of lists: encrypted positions, because a position may be a person's id or address, and a cursor is in
 * URLs, which proxies log. Guarantees that a cursor works for the list that gave it, for ever, on any Worker with the
 * same TOKEN_KEYS, and that no other text does.
 */
import { sha256Hex } from "../platform/sha256.ts";
import { decryptText, encryptText } from "../tokens/encrypted-text.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { ApiError } from "./errors.ts";

/**
 * The `next` of a page.
 * @param list names the list that the cursor is for, like "suppressions"; it may hold what the list is filtered by
 * @param position where the next page begins, at most 5,900 bytes in UTF-8
 */
export function encryptCursor(keys: TokenKeys, list: string, position: string): string {
  return encryptText(keys, "cursor", `${listMark(list)}${position}`);
}

/**
 * Sixteen characters. No list is a `use` of its own: keys keep an HMAC state for each use, and there are as many lists
 * as emails.
 */
function listMark(list: string): string {
  return sha256Hex(list).slice(0, 16);
}

const IN_QUERY = { field: "cursor", rule: 'must be the "next" of a page of this list, unchanged' } as const;

/**
 * The position of a cursor; undefined without one, for the first page.
 * @param options `field`: where the request has it; `rule`: what it must be there
 * @throws {ApiError} 400 for a text that no key of ours has encrypted for this list
 */
export function readCursor(
  keys: TokenKeys,
  list: string,
  cursor: string | undefined,
  { field, rule }: { readonly field: string; readonly rule: string } = IN_QUERY,
): string | undefined {
  if (cursor === undefined) return undefined;
  const text = decryptText(keys, "cursor", cursor);
  const mark = listMark(list);
  if (text.ok && text.value.startsWith(mark)) return text.value.slice(mark.length);
  throw new ApiError({ status: 400, code: "invalid_field", message: `${field} ${rule}.`, field });
}
