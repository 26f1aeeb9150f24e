/** A token's authenticator: HMAC-SHA256 cut to 128 bits, as RFC 2104 §5 allows. */
import { HMAC_BYTES, HmacState, hmacSha256 } from "../platform/hmac.ts";

export { HMAC_BYTES, type HmacState };

/** Bytes of the authenticator at the end of a token. */
export const MAC_BYTES = 16;

/** The state of one use. Each use has its own key, so that a token of one is not valid for another. */
export function macState(secret: Uint8Array, use: string): HmacState {
  return HmacState.ofKey(hmacSha256(secret, `waxseal/1/${use}`));
}
