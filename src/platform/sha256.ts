/** SHA-256 by the runtime (`node:crypto`, in Node and in Workers). */
import { createHash } from "node:crypto";

/** The 32 bytes of the digest; a text is hashed in UTF-8. */
export function sha256(data: string | Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}

/** The digest as 64 lowercase hexadecimal digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
