/** Comparison of secrets and authenticators in constant time. */
import { timingSafeEqual } from "node:crypto";
import { sha256 } from "./sha256.ts";

/** Whether two texts are the same. Compares their digests, so that the time does not depend on their lengths either. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

/** Whether `bytes` has the first `count` bytes of `expected` from `at` on. For lengths that are no secret: no hash. */
export function hasBytesAt(bytes: Uint8Array, at: number, expected: Uint8Array, count: number): boolean {
  return timingSafeEqual(bytes.subarray(at, at + count), expected.subarray(0, count));
}
