/** Comparing secrets in a time that tells nothing of them. */
import { createHash, timingSafeEqual } from "node:crypto";

/** Whether two texts are the same. Compares their digests, so that not even the lengths are told. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
