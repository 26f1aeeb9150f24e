/**
 * Random ids in bulk: one draw from the system serves many copies, since each draw costs as much as two tokens. Guarantees
 * that no digit is given out twice; gives up keeping those not yet given out from code that shares the process.
 */

const SEND_BYTES = 8;
/** Bytes to a draw, so many whole sends; `getRandomValues` grants 65,536. */
const DRAW_BYTES = 512 * SEND_BYTES;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const drawn = new Uint8Array(DRAW_BYTES);
// Drawn when first needed: a Worker has no randomness before its first request.
let next = DRAW_BYTES;

/** Names a sending: 16 lowercase hexadecimal digits that nobody can guess. */
export function newSend(): string {
  if (next === DRAW_BYTES) {
    crypto.getRandomValues(drawn);
    next = 0;
  }
  let digits = "";
  for (const end = next + SEND_BYTES; next < end; next++) digits += HEX[drawn[next] ?? 0];
  return digits;
}
