/**
 * Encrypted texts, such as cursors: the API hands them out and gets them back, and their holder cannot read them.
 * Guarantees that only what one of these keys encrypted for the same use is accepted, in one spelling, and that an
 * encrypted text shows nothing but the length of the text. Equal texts have equal encryptions, so that a URL with one
 * in it is always the same.
 *
 * Format: base64url of the key's id (one byte), the nonce, and AES-256-GCM (NIST SP 800-38D) of the text in UTF-8,
 * ciphertext and tag. The nonce is an HMAC of the text: no two texts share one.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import type { TokenKey, TokenKeys } from "./keys.ts";
import { HMAC_BYTES } from "./mac.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A longer one is not looked at. The longest cursor has an address of 254 characters beyond ASCII in it. */
const MAX_ENCRYPTED_LENGTH = 8_192;
/** The key's id and the nonce. */
const HEADER_BYTES = 1 + NONCE_BYTES;
const MAX_TEXT_BYTES = (MAX_ENCRYPTED_LENGTH / 4) * 3 - HEADER_BYTES - TAG_BYTES;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encrypts `text`, of at most 6,100 bytes in UTF-8, with the first key.
 * @throws for a longer text
 */
export function encryptText(keys: TokenKeys, use: string, text: string): string {
  const [key] = keys.all;
  const plain = new TextEncoder().encode(text);
  if (plain.length > MAX_TEXT_BYTES) throw new Error(`a text of ${plain.length} bytes is too long to be encrypted`);
  const nonce = digestOf(key, `text/${use}/nonce`, plain).subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, cipherKeyOf(key, use), nonce, { authTagLength: TAG_BYTES });
  const parts = [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return encodeBase64url(Uint8Array.from([key.id, ...parts.flatMap((part) => [...part])]));
}

/** Decrypts what `encryptText` returned for the same use, by the key that it names. */
export function decryptText(keys: TokenKeys, use: string, encrypted: string): Result<string, "forged"> {
  if (encrypted.length > MAX_ENCRYPTED_LENGTH || !BASE64URL.test(encrypted)) return refused("forged");
  const bytes = new Uint8Array(encrypted.length);
  const length = decodeBase64url(encrypted, bytes);
  if (length === undefined || length < HEADER_BYTES + TAG_BYTES) return refused("forged");
  const key = keys.all.find(({ id }) => id === bytes[0]);
  if (key === undefined) return refused("forged");
  const nonce = bytes.subarray(1, HEADER_BYTES);
  const decipher = createDecipheriv(CIPHER, cipherKeyOf(key, use), nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(length - TAG_BYTES, length));
  const plain = decipher.update(bytes.subarray(HEADER_BYTES, length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return refused("forged");
  }
  return ok(TEXT.decode(plain));
}

/** The AES key of a use. */
function cipherKeyOf(key: TokenKey, use: string): Uint8Array {
  return digestOf(key, `text/${use}/cipher`, new Uint8Array());
}

function digestOf(key: TokenKey, use: `text/${string}`, bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(HMAC_BYTES);
  key.mac(use).digestInto(bytes, digest);
  return digest;
}
