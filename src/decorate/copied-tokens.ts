/**
 * Verifies what may be tokens of other copies in an email. Guarantees that none is missed, and that forged ones, which
 * a stranger may have written into what the sender quotes, cost little: each is verified once, and an email with more
 * of them than any other copies have is refused.
 */
import { Buffer } from "node:buffer";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { VERSION } from "../tokens/layout.ts";
import { verifyToken } from "../tokens/verify.ts";
import { DecorateError } from "./options.ts";

/**
 * What a copied URL was for. `remove`: the pixel or the honeypot link, of which this copy gets its own.
 * `unverified`: it looks like ours, and no key verifies it.
 */
export type CopiedUrl =
  | { readonly kind: "click"; readonly url: string }
  | { readonly kind: "unsubscribe" | "remove" | "unverified" };

/**
 * What forged tokens may cost: each its characters and those of the HMACs that verifying it takes at least. A mail of
 * another Worker whose keys have the same ids, with a thousand links, costs less; all of it takes some 50 ms.
 */
const MAX_FORGED_COST = 400_000;
const COST_OF_A_TOKEN = 100;

/** Enough of a token for its first two bytes. */
const HEADER_CHARS = 4;

export class CopiedTokens {
  readonly #keys: TokenKeys;
  readonly #known = new Map<string, CopiedUrl | undefined>();
  #forgedCost = 0;
  #part: string;

  /** @param part see `beginPart` */
  constructor(keys: TokenKeys, part: string) {
    this.#keys = keys;
    this.#part = part;
  }

  /** @param part the field of the errors of what is verified from now on: `html` */
  beginPart(part: string): void {
    this.#part = part;
  }

  /**
   * What the URL was for whose path has such a letter and token; undefined when no key verifies it.
   * @throws {DecorateError} naming the part when there were too many forged ones
   */
  verified(letter: string, token: string): CopiedUrl | undefined {
    if (!this.#isByKnownKey(token)) return undefined;
    const path = `${letter}/${token}`;
    const known = this.#known.get(path);
    if (known !== undefined || this.#known.has(path)) return known;
    const copied = verifiedWith(this.#keys, letter, token);
    this.#known.set(path, copied);
    if (copied === undefined) this.#countForged(token);
    return copied;
  }

  /** By its first two bytes, which say version, use and key. */
  #isByKnownKey(token: string): boolean {
    const [first = 0, keyId] = Buffer.from(token.slice(0, HEADER_CHARS), "base64url");
    return first >> 4 === VERSION && this.#keys.all.some(({ id }) => id === keyId);
  }

  #countForged(token: string): void {
    this.#forgedCost += COST_OF_A_TOKEN + token.length;
    if (this.#forgedCost > MAX_FORGED_COST)
      throw new DecorateError(this.#part, "holds more tokens than other copies have that no key has signed");
  }
}

function verifiedWith(keys: TokenKeys, letter: string, token: string): CopiedUrl | undefined {
  if (letter === "c") {
    const click = verifyToken(keys, "click", token);
    if (!click.ok) return undefined;
    const { id, url } = click.value.link;
    return id === HONEYPOT_LINK_ID ? { kind: "remove" } : { kind: "click", url };
  }
  if (letter === "u") {
    const isOurs = verifyToken(keys, "unsubscribe", token).ok || verifyToken(keys, "optout", token).ok;
    return isOurs ? { kind: "unsubscribe" } : undefined;
  }
  return verifyToken(keys, "open", token).ok ? { kind: "remove" } : undefined;
}
