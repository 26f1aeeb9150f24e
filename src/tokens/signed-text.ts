/**
 * Signed texts: access tokens and sessions, which the API issues and later gets back. Guarantees that only texts that a
 * key of the list signed for the same use are accepted, in one spelling. Gives up secrecy: the text can be read.
 *
 * A signed text is base64url of the key's id in one byte, the text in UTF-8, and the HMAC over both, cut to 128 bits.
 */
import { hasBytesAt } from "../platform/constant-time.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import type { TokenKeys } from "./keys.ts";
import { HMAC_BYTES, MAC_BYTES } from "./mac.ts";

/** A longer one is not looked at. */
const MAX_SIGNED_TEXT_LENGTH = 1_024;
/** Bytes of the longest text that is signed. */
const MAX_TEXT_BYTES = (MAX_SIGNED_TEXT_LENGTH / 4) * 3 - 1 - MAC_BYTES;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
/** A byte order mark in front is part of the text. */
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Signs `text`, of at most 751 bytes in UTF-8, with the first key.
 * @throws for a longer text, which would be refused when it comes back
 */
export function signText(keys: TokenKeys, use: string, text: string): string {
  const [key] = keys.all;
  const claims = new TextEncoder().encode(text);
  if (claims.length > MAX_TEXT_BYTES) throw new Error(`a text of ${claims.length} bytes is too long to be signed`);
  const end = 1 + claims.length;
  const bytes = new Uint8Array(end + HMAC_BYTES);
  bytes[0] = key.id;
  bytes.set(claims, 1);
  key.mac(`text/${use}`).digestInto(bytes.subarray(0, end), bytes.subarray(end));
  return encodeBase64url(bytes, end + MAC_BYTES);
}

/** Returns the text of a signed text. Unlike a token, it must have nothing behind it. */
export function verifyText(keys: TokenKeys, use: string, signedText: string): Result<string, "forged"> {
  if (signedText.length > MAX_SIGNED_TEXT_LENGTH || !BASE64URL.test(signedText)) return refused("forged");
  const bytes = new Uint8Array(signedText.length);
  const length = decodeBase64url(signedText, bytes);
  if (length === undefined || length <= MAC_BYTES) return refused("forged");
  const key = keys.all.find(({ id }) => id === bytes[0]);
  if (key === undefined) return refused("forged");
  const end = length - MAC_BYTES;
  const mac = new Uint8Array(HMAC_BYTES);
  key.mac(`text/${use}`).digestInto(bytes.subarray(0, end), mac);
  if (!hasBytesAt(bytes, end, mac, MAC_BYTES)) return refused("forged");
  return ok(TEXT.decode(bytes.subarray(1, end)));
}
