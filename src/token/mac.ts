/**
 * A token's authenticator: HMAC-SHA256, cut to 128 bits as RFC 2104 §5 allows. Constant in time where a forger could measure: the
 * comparison.
 */
export { continueMac, HMAC_BYTES, type MacState, macInto, macState } from "./hmac.ts";

/** Bytes of the authenticator at the end of a token. */
export const MAC_BYTES = 16;

/** Whether `bytes` from `at` on are the first `MAC_BYTES` of `mac`; looks at all of them whatever it finds. */
export function isMac(mac: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i++) difference |= (mac[i] ?? 0) ^ (bytes[at + i] ?? 0);
  return difference === 0;
}
