/**
 * Verifies tokens. Guarantees that only tokens that a key of the list signed for the same use are accepted, in one
 * spelling but for the ends that mail clients cut off, and that no claim is read before the HMAC is verified. Tokens
 * never expire: links in old emails must keep working. The byte layout is in docs/tokens.md.
 */
import { hasBytesAt } from "../platform/constant-time.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { ADDRESS_MAC_BYTES, readAddressForm } from "./address-form.ts";
import { decodeBase64url } from "./base64url.ts";
import type { Message, TokenClaims, TokenUse } from "./claims.ts";
import { parseDestination } from "./destination.ts";
import { type ReadPosition, readId, readPersonId } from "./id-form.ts";
import type { TokenKeys } from "./keys.ts";
import { HEADER_BYTES, MAX_TOKEN_BYTES, USE_NUMBERS, VERSION } from "./layout.ts";
import { HMAC_BYTES, MAC_BYTES } from "./mac.ts";

/**
 * Why a token is rejected; for logs, not for recipients. `too_long`: rejected unread. `malformed`: not canonical
 * base64url, or too short. `unknown_version`, `wrong_use`, `unknown_key`: by its own first two bytes. `forged`: the
 * HMAC is wrong, whatever was changed. `invalid_claims`: signed with a key of the list by software that breaks the
 * layout.
 */
export type TokenRejection =
  | "too_long"
  | "malformed"
  | "unknown_version"
  | "wrong_use"
  | "unknown_key"
  | "forged"
  | "invalid_claims";

const TOKEN = /^[A-Za-z0-9_-]*/;

/** Above the longest token (22,218 characters) and what mail clients append to it. */
const MAX_TEXT_LENGTH = 24_576;

/**
 * What mail clients leave out of a link at its end, by what they leave of the last four characters: Thunderbird and
 * Android "-", readers of Markdown also "_". A token can end so only where its last four are whole, because the unused
 * bits of shorter ones are zero.
 */
const LOST_ENDINGS: readonly (readonly string[])[] = [[], [], ["--", "-_", "_-", "__"], ["-", "_"]];

// Shared, because everything here is synchronous, and 16 KB for each click would be garbage.
const bytes = new Uint8Array(MAX_TOKEN_BYTES);
const mac = new Uint8Array(HMAC_BYTES);
// A byte order mark is kept: destinations are returned byte for byte.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// Each reads claims that must fill `bytes` exactly from the position to `end`.
const READERS: {
  readonly [U in TokenUse]: (position: ReadPosition, end: number) => TokenClaims[U] | undefined;
} = {
  open: readMessage,
  click: readClick,
  unsubscribe: readMessage,
  message: readMessageAndSend,
  optout: readMessage,
};

/**
 * Verifies a token and returns its claims.
 * @param keys see `parseTokenKeys`; any key of the list may have signed it
 * @param use what the token must be for: "open", "click", "unsubscribe", "optout" or "message"
 * @param text the token. From the first character outside of base64url's alphabet on it is ignored: mail clients append
 *   `)`, `>`, `.` and more to a link, and a pixel ends in `.gif`. One or two characters `-` or `_` at its end may be
 *   missing, which they leave out of a link. A message token, which is in no link, may have the form that it has in an
 *   address (`addressForm`), in any case.
 * @returns the claims, or why the token is rejected; it never throws
 * @example
 * const verified = verifyToken(keys, "message", token);
 * if (verified.ok) console.log(verified.value.send);
 */
export function verifyToken<U extends TokenUse>(
  keys: TokenKeys,
  use: U,
  text: string,
): Result<TokenClaims[U], TokenRejection> {
  if (text.length > MAX_TEXT_LENGTH) return refused("too_long");
  const verified = verifyWhole(keys, use, text);
  if (use === "message" || verified.ok || (verified.reason !== "forged" && verified.reason !== "malformed"))
    return verified;
  const [token = ""] = TOKEN.exec(text) ?? [];
  for (const ending of LOST_ENDINGS[token.length % 4] ?? []) {
    const mended = verifyWhole(keys, use, token + ending);
    if (mended.ok) return mended;
  }
  return verified;
}

function verifyWhole<U extends TokenUse>(
  keys: TokenKeys,
  use: U,
  text: string,
): Result<TokenClaims[U], TokenRejection> {
  const length = decodeBase64url(text, bytes);
  const verified = length === undefined ? refused("malformed") : verifyBytes(keys, use, length, MAC_BYTES);
  if (verified.ok || use !== "message") return verified;
  const inAddress = verifyBytes(keys, use, readAddressForm(text, bytes) ?? 0, ADDRESS_MAC_BYTES);
  return inAddress.ok ? inAddress : verified;
}

/** Verifies the first `length` of `bytes`, whose HMAC was cut to `macBytes`. */
function verifyBytes<U extends TokenUse>(
  keys: TokenKeys,
  use: U,
  length: number,
  macBytes: number,
): Result<TokenClaims[U], TokenRejection> {
  if (length < HEADER_BYTES + macBytes) return refused("malformed");
  const [first = 0, keyId] = bytes;
  if (first >> 4 !== VERSION) return refused("unknown_version");
  if ((first & 15) !== USE_NUMBERS[use]) return refused("wrong_use");
  const key = keys.all.find((each) => each.id === keyId);
  if (key === undefined) return refused("unknown_key");
  const end = length - macBytes;
  key.mac(use).digestInto(bytes.subarray(0, end), mac);
  if (!hasBytesAt(bytes, end, mac, macBytes)) return refused("forged");
  const claims: TokenClaims[U] | undefined = READERS[use]({ at: HEADER_BYTES }, end);
  return claims === undefined ? refused("invalid_claims") : ok(claims);
}

function readMessage(position: ReadPosition, end: number): Message | undefined {
  const message = readIds(position, end);
  return position.at === end ? message : undefined;
}

function readMessageAndSend(position: ReadPosition, end: number): TokenClaims["message"] | undefined {
  const message = readIds(position, end);
  const send = readId(bytes, position, end);
  return message === undefined || send === undefined || position.at !== end ? undefined : { ...message, send };
}

function readClick(position: ReadPosition, end: number): TokenClaims["click"] | undefined {
  const id = readId(bytes, position, end);
  // The last byte holds the length of the three ids before it; the destination lies between them and the link's id.
  const stop = end - 1;
  const start = stop - (bytes[stop] ?? 0);
  if (id === undefined || start < position.at) return undefined;
  const url = readDestination(position.at, start);
  position.at = start;
  const message = readMessage(position, stop);
  return url === undefined || message === undefined ? undefined : { ...message, link: { id, url } };
}

function readIds(position: ReadPosition, end: number): Message | undefined {
  const email = readId(bytes, position, end);
  const person = readPersonId(bytes, position, end);
  const campaign = readId(bytes, position, end);
  return email === undefined || person === undefined || campaign === undefined
    ? undefined
    : { email, person, campaign };
}

function readDestination(start: number, end: number): string | undefined {
  try {
    const url = parseDestination(utf8.decode(bytes.subarray(start, end)));
    return url.ok ? url.value : undefined;
  } catch {
    // Not UTF-8: the signing software broke the layout.
    return undefined;
  }
}
