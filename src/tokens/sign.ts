/**
 * Signs claims as tokens. Guarantees that a token verifies to the same claims, and that an invalid claim throws an
 * error that names it: a sender's mistake must not go out in a million emails. For many tokens, prepare each link once
 * for the template and each message once for the recipient. The byte layout is in docs/tokens.md.
 */
import { Buffer } from "node:buffer";
import { encodeBase64url } from "./base64url.ts";
import type { Link, Message, TokenClaims, TokenUse } from "./claims.ts";
import { MAX_DESTINATION_BYTES, parseDestination } from "./destination.ts";
import { parseId } from "./id.ts";
import { isAnonymous, MAX_ID_BYTES, writeId } from "./id-form.ts";
import type { TokenKey, TokenKeys } from "./keys.ts";
import { HEADER_BYTES, USE_NUMBERS, VERSION } from "./layout.ts";
import { HMAC_BYTES, type HmacState, MAC_BYTES } from "./mac.ts";

const DESTINATION_FAULTS = {
  not_web: "does not begin with http:// or https://",
  control_character: "holds a control character",
  lone_surrogate: "holds half a surrogate pair",
  too_long: `is longer than ${MAX_DESTINATION_BYTES} bytes`,
} as const;

// The bytes of the token being signed, except a click's constant front. Shared, because everything here is synchronous.
const bytes = new Uint8Array(HEADER_BYTES + 4 * MAX_ID_BYTES + HMAC_BYTES);
/** The same memory: a Buffer made for each token would cost a tenth of its time. */
const encoder = Buffer.from(bytes.buffer);

/** One recipient's ids in bytes, shared by all tokens of their copy. */
export interface PreparedMessage {
  /** The three ids and their length in one byte: the end of a click token's claims. */
  readonly ending: Uint8Array;
}

/** A link of a template. Its front is hashed and encoded, so a token costs two or three blocks of SHA-256. */
export interface PreparedClick {
  signToken(message: PreparedMessage): string;
}

const SIGNERS: { readonly [U in TokenUse]: (keys: TokenKeys, claims: TokenClaims[U]) => string } = {
  open: (keys, claims) => signIds(keys, "open", prepareMessage(claims)),
  click: (keys, claims) => prepareClick(keys, claims.link).signToken(prepareMessage(claims)),
  unsubscribe: (keys, claims) => signIds(keys, "unsubscribe", prepareMessage(claims)),
  message: (keys, claims) => signMessage(keys, prepareMessage(claims), claims.send),
  optout: (keys, claims) => signIds(keys, "optout", prepareMessage(claims)),
};

/**
 * Signs the claims of a use with the first key, as base64url without padding (docs/tokens.md). The token never expires.
 * @param keys see `parseTokenKeys`
 * @param use what the token is for: "open", "click", "unsubscribe", "optout" or "message"
 * @param claims ids of the email, the person and the campaign; for a click the link, for a message the send
 * @throws {TypeError} naming the claim that is no id (1 to 64 characters of `A-Z a-z 0-9 . _ : -`) or no destination
 *   (http or https, no control characters, at most 16,384 bytes in UTF-8); the message never holds the claim
 * @example
 * signToken(keys, "message", { email: "1042", person: "7", campaign: "88012", send: "s-1" });
 */
export function signToken<U extends TokenUse>(keys: TokenKeys, use: U, claims: TokenClaims[U]): string {
  return SIGNERS[use](keys, claims);
}

export function signIds(
  { all: [key] }: TokenKeys,
  use: "open" | "unsubscribe" | "optout",
  message: PreparedMessage,
): string {
  return encodeSigned(key.mac(use), writeIds(key, use, message));
}

/** @throws {TypeError} when `send` is no id */
export function signMessage({ all: [key] }: TokenKeys, message: PreparedMessage, send: string): string {
  return encodeSigned(key.mac("message"), writeClaim("send", send, bytes, writeIds(key, "message", message)));
}

/**
 * Prepares what all tokens of a link share. `signToken` of the result makes the same tokens as the function.
 * @throws {TypeError} naming what is wrong, `link.id` or `link.url`
 */
export function prepareClick(keys: TokenKeys, link: Link): PreparedClick {
  const [key] = keys.all;
  const url = parseDestination(link.url);
  if (!url.ok) throw new TypeError(`link.url ${DESTINATION_FAULTS[url.reason]}`);
  const destination = new TextEncoder().encode(url.value);
  const front = new Uint8Array(HEADER_BYTES + MAX_ID_BYTES + destination.length);
  front.set(bytes.subarray(0, writeHeader(key, "click")));
  const start = writeClaim("link.id", link.id, front, HEADER_BYTES);
  front.set(destination, start);
  const length = start + destination.length;
  // Bytes that make whole groups of four characters; the one or two after them are encoded with each recipient's.
  const aligned = length - (length % 3);
  const state = key.mac("click").continuedBy(front.subarray(0, aligned));
  const head = encodeBase64url(front, aligned);
  const rest = front.slice(aligned, length);
  return {
    signToken({ ending }) {
      bytes.set(rest);
      bytes.set(ending, rest.length);
      return head + encodeSigned(state, rest.length + ending.length);
    },
  };
}

/**
 * Prepares what all tokens of one recipient's copy share.
 * @throws {TypeError} naming the claim that is no id
 */
export function prepareMessage({ email, person, campaign }: Message): PreparedMessage {
  const afterEmail = writeClaim("email", email, bytes, 0);
  const afterPerson = writeClaim("person", person, bytes, afterEmail);
  const end = writeClaim("campaign", campaign, bytes, afterPerson);
  bytes[end] = end;
  return { ending: bytes.slice(0, end + 1) };
}

function writeHeader(key: TokenKey, use: TokenUse): number {
  bytes[0] = (VERSION << 4) | USE_NUMBERS[use];
  bytes[1] = key.id;
  return HEADER_BYTES;
}

/** Writes header and ids, and returns their length. The byte of the ids' length behind them belongs to clicks only. */
function writeIds(key: TokenKey, use: TokenUse, { ending }: PreparedMessage): number {
  const start = writeHeader(key, use);
  bytes.set(ending, start);
  return start + ending.length - 1;
}

function writeClaim(claim: string, value: unknown, out: Uint8Array, at: number): number {
  const isPseudonym = claim === "person" && typeof value === "string" && isAnonymous(value);
  const id = isPseudonym ? value : parseId(value);
  if (id === undefined)
    throw new TypeError(`${claim} is no id: an integer, or 1 to 64 characters out of A-Z a-z 0-9 . _ : -`);
  return writeId(id, out, at);
}

/** Appends the HMAC to the first `length` of `bytes`, and encodes both. */
function encodeSigned(state: HmacState, length: number): string {
  state.digestInto(bytes.subarray(0, length), bytes.subarray(length));
  return encoder.toString("base64url", 0, length + MAC_BYTES);
}
