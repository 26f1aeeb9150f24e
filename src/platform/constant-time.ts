/** Comparison of secrets in constant time. */
import { timingSafeEqual } from "node:crypto";
import { sha256 } from "./sha256.ts";

/** Whether two texts are the same. Compares their digests, so that the time does not depend on their lengths either. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}
