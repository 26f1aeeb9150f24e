/**
 * Base64url without padding (RFC 4648 §5) by the runtime's Buffer, in Node and in Workers. Decoding is strict: one spelling for each run
 * of bytes, so unused bits must be zero, which Buffer alone does not check.
 */
import { Buffer } from "node:buffer";

const FOREIGN = /[^\w-]/;

/** The text of the first `length` bytes. */
export function encodeBase64url(bytes: Uint8Array, length: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("base64url");
}

/**
 * Decodes the base64url characters that `text` begins with, up to the first foreign one, into `out`. The number of bytes
 * written; `undefined` when the run is no canonical base64url or does not fit.
 */
export function decodeBase64url(text: string, out: Uint8Array): number | undefined {
  const foreignAt = text.search(FOREIGN);
  const run = foreignAt === -1 ? text : text.slice(0, foreignAt);
  const bytes = Buffer.from(run, "base64url");
  if (bytes.length > out.length || bytes.toString("base64url") !== run) return undefined;
  out.set(bytes);
  return bytes.length;
}
