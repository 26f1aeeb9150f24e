/**
 * A token's authenticator: HMAC-SHA256 (RFC 2104) cut to 128 bits, as RFC 2104 §5 allows. From @noble/hashes, because its state can be
 * copied: a key is padded once and each token continues a copy, in Node at a thirteenth of what `node:crypto` takes.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** Bytes that `macInto` writes: the whole HMAC. Callers cut it to `MAC_BYTES`. */
export const HMAC_BYTES = 32;

/** Bytes of the authenticator at the end of a token. */
export const MAC_BYTES = 16;

/** An HMAC that has taken in its key and perhaps the front of a message. Never finished itself, only its copies. */
export interface MacState {
  clone(): MacState;
  update(bytes: Uint8Array): MacState;
  digestInto(out: Uint8Array): void;
}

/** The state of one use: its own key, so that a token of one use is none of another (domain separation). */
export function macState(secret: Uint8Array, use: string): MacState {
  const key = hmac(sha256, secret, new TextEncoder().encode(`waxseal/1/${use}`));
  return hmac.create(sha256, key);
}

/** The state after `front` as well; `state` itself stays as it was. */
export function continueMac(state: MacState, front: Uint8Array): MacState {
  return state.clone().update(front);
}

/** Writes the HMAC over what `state` has taken in and then `bytes` to `out`, `HMAC_BYTES` long. */
export function macInto(state: MacState, bytes: Uint8Array, out: Uint8Array): void {
  state.clone().update(bytes).digestInto(out);
}

/** Whether `bytes` from `at` on are the first `MAC_BYTES` of `mac`, in constant time. */
export function isMac(mac: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i++) difference |= (mac[i] ?? 0) ^ (bytes[at + i] ?? 0);
  return difference === 0;
}
