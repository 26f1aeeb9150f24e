/**
 * Base64url without padding (RFC 4648 §5) by the runtime's Buffer, in Node and in Workers. Decoding is strict: bytes
 * have one spelling, so unused bits must be zero, which Buffer alone does not check.
 */
import { Buffer } from "node:buffer";

const OTHER_CHARACTER = /[^\w-]/;

/** Encodes the first `length` bytes. */
export function encodeBase64url(bytes: Uint8Array, length: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("base64url");
}

/**
 * Decodes the base64url characters at the start of `text`, up to the first other character, into `out`.
 * @returns the number of bytes written, or undefined when the characters are not canonical or the bytes do not fit
 */
export function decodeBase64url(text: string, out: Uint8Array): number | undefined {
  const end = text.search(OTHER_CHARACTER);
  const encoded = end === -1 ? text : text.slice(0, end);
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.length > out.length || bytes.toString("base64url") !== encoded) return undefined;
  out.set(bytes);
  return bytes.length;
}
