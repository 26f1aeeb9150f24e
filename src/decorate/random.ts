/**
 * Random send ids. One draw from the system serves many, because a draw costs as much as two tokens. Guarantees that
 * no drawn byte is used twice. Gives up hiding the unused ones from code in the same process.
 */
import { Buffer } from "node:buffer";

const SEND_BYTES = 8;
/** Bytes a draw: whole send ids; `getRandomValues` grants at most 65,536. */
const DRAW_BYTES = 512 * SEND_BYTES;

const drawn = Buffer.alloc(DRAW_BYTES);
// Not drawn before it is needed: a Worker has no randomness outside a request.
let next = DRAW_BYTES;

/** A send id: 16 lowercase hexadecimal digits, random. */
export function newSend(): string {
  if (next === DRAW_BYTES) {
    crypto.getRandomValues(drawn);
    next = 0;
  }
  next += SEND_BYTES;
  return drawn.toString("hex", next - SEND_BYTES, next);
}
