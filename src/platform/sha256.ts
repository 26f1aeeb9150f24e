/** SHA-256 by the runtime (`node:crypto`, in Node and in Workers). */
import { createHash } from "node:crypto";

/** The digest in 32 bytes; a text is encoded in UTF-8. */
export function sha256(data: string | Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}

/** The digest as 64 lowercase hexadecimal digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
