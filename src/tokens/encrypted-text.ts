/**
 * Encrypted texts: what the API hands out and gets back, and who holds it must not read. Guarantees that only texts
 * that a key of the list encrypted for the same use are accepted, in one spelling, and that nothing but the length of a
 * text can be told from its encryption. The same text is encrypted to the same: two of them can be compared.
 *
 * An encrypted text is base64url of the key's id in one byte, a synthetic IV of 16, and the text in UTF-8 under a
 * stream. The IV is the HMAC of the text, and authenticates it, as in SIV (RFC 5297 §2); the stream is the HMACs of the
 * IV with a counter behind it.
 */
import { hasBytesAt } from "../platform/constant-time.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import type { TokenKey, TokenKeys } from "./keys.ts";
import { HMAC_BYTES, MAC_BYTES } from "./mac.ts";

/** A longer one is not looked at. */
const MAX_ENCRYPTED_LENGTH = 1_024;
/** The key's id and the IV. */
const START = 1 + MAC_BYTES;
const MAX_TEXT_BYTES = (MAX_ENCRYPTED_LENGTH / 4) * 3 - START;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encrypts `text`, of at most 751 bytes in UTF-8, with the first key.
 * @throws for a longer text
 */
export function encryptText(keys: TokenKeys, use: string, text: string): string {
  const [key] = keys.all;
  const plain = new TextEncoder().encode(text);
  if (plain.length > MAX_TEXT_BYTES) throw new Error(`a text of ${plain.length} bytes is too long to be encrypted`);
  const iv = ivOf(key, use, plain);
  const bytes = new Uint8Array(START + plain.length);
  bytes[0] = key.id;
  bytes.set(iv, 1);
  bytes.set(underStream(key, use, iv, plain), START);
  return encodeBase64url(bytes);
}

/** Returns the text of an encrypted text, which must have nothing behind it. */
export function decryptText(keys: TokenKeys, use: string, encrypted: string): Result<string, "forged"> {
  if (encrypted.length > MAX_ENCRYPTED_LENGTH || !BASE64URL.test(encrypted)) return refused("forged");
  const bytes = new Uint8Array(encrypted.length);
  const length = decodeBase64url(encrypted, bytes);
  if (length === undefined || length < START) return refused("forged");
  const key = keys.all.find(({ id }) => id === bytes[0]);
  if (key === undefined) return refused("forged");
  const plain = underStream(key, use, bytes.subarray(1, START), bytes.subarray(START, length));
  if (!hasBytesAt(bytes, 1, ivOf(key, use, plain), MAC_BYTES)) return refused("forged");
  return ok(TEXT.decode(plain));
}

function ivOf(key: TokenKey, use: string, plain: Uint8Array): Uint8Array {
  const mac = new Uint8Array(HMAC_BYTES);
  key.mac(`text/${use}/iv`).digestInto(plain, mac);
  return mac.subarray(0, MAC_BYTES);
}

/** Encrypts, and decrypts. */
function underStream(key: TokenKey, use: string, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const counted = new Uint8Array(MAC_BYTES + 1);
  counted.set(iv);
  const block = new Uint8Array(HMAC_BYTES);
  for (const [index, byte] of bytes.entries()) {
    const place = index % HMAC_BYTES;
    if (place === 0) {
      counted[MAC_BYTES] = index / HMAC_BYTES;
      key.mac(`text/${use}/stream`).digestInto(counted, block);
    }
    result[index] = byte ^ (block[place] ?? 0);
  }
  return result;
}
