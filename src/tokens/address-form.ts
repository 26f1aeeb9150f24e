/**
 * The form of a message token in an address, whose local part servers may write in lower case and cut at 64 characters
 * (RFC 5321 §4.5.3.1.1): base32 in lower case without padding (RFC 4648 §6) of the token's bytes. To save room, the
 * first byte is left out, because it is the same for all of them, and the HMAC is cut to 80 bits, the least that RFC
 * 2104 §5 allows.
 */
import { Buffer } from "node:buffer";
import { HEADER_BYTES, USE_NUMBERS, VERSION } from "./layout.ts";
import { MAC_BYTES } from "./mac.ts";

/** Bytes of the HMAC in an address. */
export const ADDRESS_MAC_BYTES = 10;

/** Version and use, which every message token begins with. */
const FIRST_BYTE = (VERSION << 4) | USE_NUMBERS.message;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const BITS_PER_CHARACTER = 5;
/** At most the longest message token. Behind it may be what a server puts there that rewrites addresses. */
const TOKEN = /^[a-z2-7]{1,440}(?![\w-])/i;

/**
 * A message token as it is in an address: `bounces+<this>@mail.example.com`. `verifyToken` takes it, too, in any
 * case.
 * @param messageToken as `signToken` and `decorate` return it
 * @example
 * const envelopeSender = `bounces+${addressForm(copy.message)}@mail.example.com`;
 */
export function addressForm(messageToken: string): string {
  const bytes = Buffer.from(messageToken, "base64url");
  return encodeBase32(bytes.subarray(1, bytes.length - (MAC_BYTES - ADDRESS_MAC_BYTES)));
}

/**
 * Reads a token that was in an address into `out`: the token's bytes, with the first `ADDRESS_MAC_BYTES` of the HMAC.
 * @returns the number of bytes written, or undefined when the text does not begin with base32 as long as a token
 */
export function readAddressForm(text: string, out: Uint8Array): number | undefined {
  const [token] = TOKEN.exec(text) ?? [];
  const bytes = token === undefined ? undefined : decodeBase32(token.toLowerCase());
  if (bytes === undefined || bytes.length + 1 < HEADER_BYTES + ADDRESS_MAC_BYTES) return undefined;
  out[0] = FIRST_BYTE;
  out.set(bytes, 1);
  return bytes.length + 1;
}

function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let waiting = 0;
  for (const byte of bytes) {
    waiting = (waiting << 8) | byte;
    bits += 8;
    for (; bits >= BITS_PER_CHARACTER; bits -= BITS_PER_CHARACTER) {
      text += ALPHABET[(waiting >> (bits - BITS_PER_CHARACTER)) & 31];
    }
    waiting &= 31;
  }
  return bits === 0 ? text : text + ALPHABET[(waiting << (BITS_PER_CHARACTER - bits)) & 31];
}

/** Strict: bytes have one spelling, so unused bits must be zero. */
function decodeBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let waiting = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value === -1) return undefined;
    waiting = ((waiting << BITS_PER_CHARACTER) | value) & 0xfff;
    bits += BITS_PER_CHARACTER;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((waiting >> bits) & 255);
    }
  }
  const decoded = Uint8Array.from(bytes);
  return encodeBase32(decoded) === text ? decoded : undefined;
}
