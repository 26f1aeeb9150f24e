/**
 * Random digits in bulk: one draw from the system serves many copies, since each draw costs as much as two tokens.
 * Guarantees that no digit is given out twice; gives up keeping those not yet given out from code that shares the process.
 */

/** Bytes to a draw; `getRandomValues` grants 65,536. */
const DRAW_BYTES = 4096;
const ID_BYTES = 8;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const drawn = new Uint8Array(DRAW_BYTES);
// Drawn when first needed: a Worker has no randomness before its first request.
let next = DRAW_BYTES;

/** 16 lowercase hexadecimal digits that nobody can guess. */
export function randomDigits(): string {
  if (next === DRAW_BYTES) {
    crypto.getRandomValues(drawn);
    next = 0;
  }
  let digits = "";
  for (const end = next + ID_BYTES; next < end; next++) digits += HEX[drawn[next] ?? 0];
  return digits;
}
