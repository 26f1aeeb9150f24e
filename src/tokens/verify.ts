/**
 * Token to claims. Guarantees that only what a key of the list sealed for this very use is accepted, in one spelling, and
 * that nothing is read out of a token before its authenticator holds. A token never expires: a redirect that stops
 * working angers people. The byte layout is in docs/tokens.md.
 */
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeBase64url } from "./base64url.ts";
import type { Message, TokenClaims, TokenUse } from "./claims.ts";
import { destinationFault } from "./destination.ts";
import { type Cursor, readId } from "./id-form.ts";
import type { TokenKeys } from "./keys.ts";
import { HEADER_BYTES, MAX_TOKEN_BYTES, USE_NUMBERS, VERSION } from "./layout.ts";
import { HMAC_BYTES, isMac, MAC_BYTES } from "./mac.ts";

/**
 * Why a token is refused; for the log, never for the recipient. `too_long`: refused unread. `malformed`: no canonical
 * base64url, or too short. `unknown_version`, `wrong_use`, `unknown_key`: what it says of itself. `forged`: the
 * authenticator does not hold, whatever was changed. `invalid_claims`: sealed with our key by something that breaks the
 * layout.
 */
export type TokenRefusal =
  | "too_long"
  | "malformed"
  | "unknown_version"
  | "wrong_use"
  | "unknown_key"
  | "forged"
  | "invalid_claims";

/** Above the longest token (22,218 characters) and what may be glued behind it. */
const MAX_TEXT_LENGTH = 24_576;

// One for all: everything here is synchronous, and a fresh 16 KB for each click would be the garbage collector's.
const bytes = new Uint8Array(MAX_TOKEN_BYTES);
const mac = new Uint8Array(HMAC_BYTES);
// A byte order mark is a character like any other: destinations come back byte for byte.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// Each reads the claims that must fill `bytes` exactly from the cursor to `end`.
const READERS: { readonly [U in TokenUse]: (cursor: Cursor, end: number) => TokenClaims[U] | undefined } = {
  open: readMessage,
  click: readClick,
  unsubscribe: readMessage,
  message: readMessageAndSend,
};

/**
 * Opens what stands in a path where a token belongs. From the first character that is not of base64url's alphabet on,
 * `text` is ignored: mail clients glue `)`, `>`, `.` and worse behind a link, and a pixel ends in `.gif`.
 */
export function verifyToken<U extends TokenUse>(
  keys: TokenKeys,
  use: U,
  text: string,
): Result<TokenClaims[U], TokenRefusal> {
  if (text.length > MAX_TEXT_LENGTH) return refused("too_long");
  const length = decodeBase64url(text, bytes);
  if (length === undefined || length < HEADER_BYTES + MAC_BYTES) return refused("malformed");
  const [first = 0, keyId] = bytes;
  if (first >> 4 !== VERSION) return refused("unknown_version");
  if ((first & 15) !== USE_NUMBERS[use]) return refused("wrong_use");
  const key = keys.all.find((each) => each.id === keyId);
  if (key === undefined) return refused("unknown_key");
  const end = length - MAC_BYTES;
  key.mac(use).digestInto(bytes.subarray(0, end), mac);
  if (!isMac(mac, bytes, end)) return refused("forged");
  const claims: TokenClaims[U] | undefined = READERS[use]({ at: HEADER_BYTES }, end);
  return claims === undefined ? refused("invalid_claims") : ok(claims);
}

function readMessage(cursor: Cursor, end: number): Message | undefined {
  const message = readIds(cursor, end);
  return cursor.at === end ? message : undefined;
}

function readMessageAndSend(cursor: Cursor, end: number): TokenClaims["message"] | undefined {
  const message = readIds(cursor, end);
  const send = readId(bytes, cursor, end);
  return message === undefined || send === undefined || cursor.at !== end ? undefined : { ...message, send };
}

function readClick(cursor: Cursor, end: number): TokenClaims["click"] | undefined {
  const id = readId(bytes, cursor, end);
  // The last byte says how long the recipient's ids before it are; the destination is what lies between.
  const stop = end - 1;
  const start = stop - (bytes[stop] ?? 0);
  if (id === undefined || start < cursor.at) return undefined;
  const url = readDestination(cursor.at, start);
  cursor.at = start;
  const message = readMessage(cursor, stop);
  return url === undefined || message === undefined ? undefined : { ...message, link: { id, url } };
}

function readIds(cursor: Cursor, end: number): Message | undefined {
  const email = readId(bytes, cursor, end);
  const person = readId(bytes, cursor, end);
  const campaign = readId(bytes, cursor, end);
  return email === undefined || person === undefined || campaign === undefined
    ? undefined
    : { email, person, campaign };
}

function readDestination(start: number, end: number): string | undefined {
  try {
    const url = utf8.decode(bytes.subarray(start, end));
    return destinationFault(url) === undefined ? url : undefined;
  } catch {
    // Not UTF-8: whoever sealed it did not keep to the layout.
    return undefined;
  }
}
