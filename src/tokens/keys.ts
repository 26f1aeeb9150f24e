/**
 * The keys of `TOKEN_KEYS`, "2:<secret>,1:<secret>": every key verifies, the first signs, so that a new key in front is
 * a rotation. Guarantees that no secret appears in a `KeyFault`, an error or a printed key. Gives up hiding secrets
 * from code in the same process.
 */
import { canBeGuessed } from "../platform/guessable.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import type { TokenUse } from "./claims.ts";
import { type HmacState, macState } from "./mac.ts";

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const MAX_KEY_ID = 255;
const ALL_IDS_USED = "all 255 key ids are used; take out keys whose emails are forgotten";
const ENTRY = /^([1-9][0-9]*):(dev:)?([^:]*)$/;

/** What a key signs: tokens, pseudonyms ("anonymous"), and texts of any other room (signed-text.ts). */
type Use = TokenUse | "anonymous" | `text/${string}`;

/** One key of `TOKEN_KEYS`. Its secret cannot be read, printed or serialised. */
export class TokenKey {
  /** 1 to 255, unique in its list. */
  readonly id: number;
  /** Whether it is a development key, with which a production Worker refuses to serve. */
  readonly development: boolean;
  // Private at run time, too, so that no printed or serialised key holds its secret.
  readonly #secret: Uint8Array;
  readonly #macs = new Map<Use, HmacState>();

  constructor(id: number, development: boolean, secret: Uint8Array) {
    this.id = id;
    this.development = development;
    this.#secret = secret;
  }

  /** The HMAC state of a use, made at the first call. */
  mac(use: Use): HmacState {
    let mac = this.#macs.get(use);
    if (mac === undefined) {
      mac = macState(this.#secret, use);
      this.#macs.set(use, mac);
    }
    return mac;
  }
}

/** The keys of `TOKEN_KEYS`, at least one. The first signs, all verify. */
export interface TokenKeys {
  /** In the order of the setting. */
  readonly all: readonly [TokenKey, ...TokenKey[]];
}

type EntryFault =
  | "is not ID:SECRET or ID:dev:SECRET"
  | "has an id outside 1 to 255"
  | "has a secret that is not 32 bytes in base64url"
  | "has a secret that can be guessed: it is text, repeats or counts; `npx waxseal keys new` makes one"
  | "has the id of an entry before it";

/** The wrong entry, counted from 1, and what is wrong with it, as a sentence. It never holds the entry. */
export type KeyFault = "there is no key" | `entry ${number} ${EntryFault}`;

/**
 * Parses `TOKEN_KEYS`.
 * @param text entries `ID:SECRET` or `ID:dev:SECRET`, separated by commas, spaces around them ignored: the id is 1 to
 *   255, the secret 32 bytes in base64url without padding. `npx waxseal keys new` makes one.
 * @returns the keys, or the `KeyFault` of the first wrong entry; it holds no secret
 * @example
 * const keys = parseTokenKeys(process.env.TOKEN_KEYS);
 * if (!keys.ok) throw new Error(`TOKEN_KEYS: ${keys.reason}`);
 */
export function parseTokenKeys(text: string | undefined): Result<TokenKeys, KeyFault> {
  if (text === undefined || text.trim() === "") return refused("there is no key");
  const all: TokenKey[] = [];
  for (const [index, entry] of text.split(",").entries()) {
    const key = parseEntry(entry.trim(), all);
    if (!key.ok) return refused(`entry ${index + 1} ${key.reason}`);
    all.push(key.value);
  }
  const [first, ...others] = all;
  return first === undefined ? refused("there is no key") : ok({ all: [first, ...others] });
}

function parseEntry(entry: string, before: readonly TokenKey[]): Result<TokenKey, EntryFault> {
  const [, idText, development, secretText] = ENTRY.exec(entry) ?? [];
  if (idText === undefined || secretText === undefined) return refused("is not ID:SECRET or ID:dev:SECRET");
  const id = Number(idText);
  if (id > MAX_KEY_ID) return refused("has an id outside 1 to 255");
  if (before.some((key) => key.id === id)) return refused("has the id of an entry before it");
  const secret = new Uint8Array(SECRET_BYTES);
  if (secretText.length !== SECRET_LENGTH || decodeBase64url(secretText, secret) !== SECRET_BYTES)
    return refused("has a secret that is not 32 bytes in base64url");
  if (development === undefined && !isRandom(secret, secretText))
    return refused("has a secret that can be guessed: it is text, repeats or counts; `npx waxseal keys new` makes one");
  return ok(new TokenKey(id, development !== undefined, secret));
}

/** 32 random bytes have fewer different ones once in seven billion times. */
const MIN_DIFFERENT = 20;
/** 43 random characters of base64url have more small letters, or more capitals, once in nine million times. */
const MAX_LETTERS_OF_ONE_CASE = 34;

/** Whether 32 bytes may be random: not zeros, 00 01 02 …, a repeated half, a passphrase, or words for base64url. */
function isRandom(secret: Uint8Array, inBase64url: string): boolean {
  const isAscii = secret.every((byte) => byte < 0x80);
  const isWords = [/[a-z]/g, /[A-Z]/g].some(
    (letters) => (inBase64url.match(letters)?.length ?? 0) > MAX_LETTERS_OF_ONE_CASE,
  );
  return !isAscii && !isWords && !canBeGuessed(secret, MIN_DIFFERENT);
}

/**
 * A new entry of `TOKEN_KEYS` with 32 random bytes: `2:<secret>`, or `2:dev:<secret>`.
 * @throws {RangeError} when `id` is no integer from 1 to 255
 */
export function makeTokenKey({ id, development }: { readonly id: number; readonly development: boolean }): string {
  if (!Number.isInteger(id) || id < 1 || id > MAX_KEY_ID) throw new RangeError("a key's id is 1 to 255");
  let secret: Uint8Array;
  do secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  while (!isRandom(secret, encodeBase64url(secret)));
  return `${id}:${development ? "dev:" : ""}${encodeBase64url(secret)}`;
}

/**
 * `text` with a new key in front, which signs from now on; the others still verify. Its id is the next free one after
 * the present signing key's; after 255 comes 1.
 * @returns the new text; refused when `text` is no `TOKEN_KEYS`, or when all 255 ids are used
 */
export function rotateTokenKeys(
  text: string,
  { development }: { readonly development: boolean },
): Result<string, KeyFault | typeof ALL_IDS_USED> {
  const keys = parseTokenKeys(text);
  if (!keys.ok) return keys;
  const { all } = keys.value;
  if (all.length === MAX_KEY_ID) return refused(ALL_IDS_USED);
  const used = new Set(all.map((key) => key.id));
  let id = all[0].id;
  do id = (id % MAX_KEY_ID) + 1;
  while (used.has(id));
  return ok(`${makeTokenKey({ id, development })},${text.trim()}`);
}

/** Whether any key, also one that only verifies, is a development key. */
export function hasDevelopmentKey(keys: TokenKeys): boolean {
  return keys.all.some((key) => key.development);
}
