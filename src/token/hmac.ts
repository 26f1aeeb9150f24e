/**
 * HMAC-SHA256 (RFC 2104) by @noble/hashes. A key's padded state is made once and copied for each token; so is the state after a template's
 * front. In the Worker's bundle src/runtime.ts stands in its place.
 */
import { type _HMAC, hmac } from "@noble/hashes/hmac.js";
import { type _SHA256, sha256 } from "@noble/hashes/sha2.js";

/** Bytes that `macInto` writes: the whole SHA-256, the cut is the caller's. */
export const HMAC_BYTES = 32;

/** An HMAC that has taken in its key and perhaps the front of a message. Never finished itself, only its copies. */
export type MacState = _HMAC<_SHA256>;

// One copy for all: everything here is synchronous, and a fresh one costs as much as the HMAC itself.
const scratch: MacState = hmac.create(sha256, new Uint8Array(HMAC_BYTES));

/** The state of one use: its own key, so that a token of one use is none of another (domain separation). */
export function macState(secret: Uint8Array, use: string): MacState {
  const key = hmac(sha256, secret, new TextEncoder().encode(`waxseal/1/${use}`));
  return hmac.create(sha256, key);
}

/** The state after `front` as well; `state` itself stays as it was. */
export function continueMac(state: MacState, front: Uint8Array): MacState {
  return front.length === 0 ? state : state.clone().update(front);
}

/**
 * Writes the HMAC over what `state` has taken in and then `bytes` to `out`, `HMAC_BYTES` long. The inner and the outer
 * hash one after the other (RFC 2104 §2), because finishing the HMAC as one object would wipe and fill its copy each time: a
 * tenth of the whole.
 */
export function macInto(state: MacState, bytes: Uint8Array, out: Uint8Array): void {
  state.iHash._cloneInto(scratch.iHash).update(bytes).digestInto(out);
  state.oHash._cloneInto(scratch.oHash).update(out).digestInto(out);
}
