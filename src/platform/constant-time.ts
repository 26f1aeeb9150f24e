/** Comparing secrets in a time that tells nothing of them. */
import { timingSafeEqual } from "node:crypto";
import { sha256 } from "./sha256.ts";

/** Whether two texts are the same. Compares their digests, so that not even the lengths are told. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}
