/**
 * Base64url without padding (RFC 4648 §5), one spelling for each run of bytes: unused bits must be zero. Our own, because
 * `Uint8Array.prototype.toBase64` is missing in Node 24 and `btoa` speaks the other alphabet through a string.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Stands for every character outside the alphabet; its high bit is in no sextet. */
const FOREIGN = 0x80;

const letters = new TextEncoder().encode(ALPHABET);
const sextets = new Uint8Array(128).fill(FOREIGN);
for (const [sextet, letter] of letters.entries()) sextets[letter] = sextet;

const ascii = new TextDecoder();
let spelled = new Uint8Array(1024);

/** The text of the first `length` bytes. */
export function encodeBase64url(bytes: Uint8Array, length: number = bytes.length): string {
  if (spelled.length * 3 < (length + 2) * 4) spelled = new Uint8Array((length + 2) * 2);
  const out = spelled;
  let at = 0;
  for (let i = 0; i < length; i += 3) {
    // Whatever stands behind the last byte makes letters that are overwritten or cut off below.
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at] = letters[triple >> 18] ?? 0;
    out[at + 1] = letters[(triple >> 12) & 63] ?? 0;
    out[at + 2] = letters[(triple >> 6) & 63] ?? 0;
    out[at + 3] = letters[triple & 63] ?? 0;
    at += 4;
  }
  const over = length % 3;
  const last = bytes[length - 1] ?? 0;
  if (over === 1) out[at - 3] = letters[(last & 3) << 4] ?? 0;
  if (over === 2) out[at - 2] = letters[(last & 15) << 2] ?? 0;
  return ascii.decode(out.subarray(0, over === 0 ? at : at - 3 + over));
}

/**
 * Decodes the base64url characters that `text` begins with, up to the first foreign one, into `out`. The number of bytes
 * written; `undefined` when the run is no canonical base64url or does not fit.
 */
export function decodeBase64url(text: string, out: Uint8Array): number | undefined {
  let at = 0;
  let i = 0;
  for (; i + 4 <= text.length && at + 3 <= out.length; i += 4) {
    const a = sextetAt(text, i);
    const b = sextetAt(text, i + 1);
    const c = sextetAt(text, i + 2);
    const d = sextetAt(text, i + 3);
    if (((a | b | c | d) & FOREIGN) !== 0) break;
    out[at] = (a << 2) | (b >> 4);
    out[at + 1] = (b << 4) | (c >> 2);
    out[at + 2] = (c << 6) | d;
    at += 3;
  }
  // At most three characters more: with a fourth, the run would not fit.
  let bits = 0;
  let pending = 0;
  for (; i < text.length; i++) {
    const sextet = sextetAt(text, i);
    if (sextet === FOREIGN) break;
    pending = (pending << 6) | sextet;
    bits += 6;
    if (bits < 8) continue;
    if (at === out.length) return undefined;
    bits -= 8;
    out[at++] = pending >> bits;
    pending &= (1 << bits) - 1;
  }
  // Six bits left over are a character that carries no byte; fewer are padding and must be zero.
  return bits === 6 || pending !== 0 ? undefined : at;
}

function sextetAt(text: string, i: number): number {
  return sextets[text.charCodeAt(i)] ?? FOREIGN;
}
