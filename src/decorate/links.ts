/**
 * The links of a template: their ids, and what all recipients' tokens of a link have in common. Guarantees that an id
 * names one (url, occurrence) of the email, and that no decorated URL is longer than `MAX_URL_LENGTH`.
 */
import { Buffer } from "node:buffer";
import { sha256 } from "../platform/sha256.ts";
import type { Link } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type PreparedClick, type PreparedMessage, prepareClick, prepareMessage } from "../tokens/sign.ts";
import { FIRST_LINK } from "./part.ts";

/** Characters; older versions of Outlook cut a longer address. */
export const MAX_URL_LENGTH = 2083;

const ID_DIGITS = 8;

// A token's length depends on its recipient's ids; these are the extremes.
const SHORTEST = prepareMessage({ email: "1", person: "1", campaign: "1" });
const LONGEST_ID = "z".repeat(64);
const LONGEST = prepareMessage({ email: LONGEST_ID, person: LONGEST_ID, campaign: LONGEST_ID });

export class LinkRegister {
  readonly links: Link[] = [];
  readonly #clicks: PreparedClick[] = [];
  readonly #keys: TokenKeys;
  readonly #prefix: string;
  readonly #slots = new Map<string, number>();
  readonly #ids = new Set<string>();
  readonly #occurrences = new Map<string, number>();
  #mayBeTooLong = false;

  constructor(keys: TokenKeys, origin: string) {
    this.#keys = keys;
    this.#prefix = `${origin}/c/`;
  }

  /** Restarts counting occurrences: the first link to a page has the same id in the text and in the HTML. */
  beginPart(): void {
    this.#occurrences.clear();
  }

  /** The slot of the next occurrence of `url`, or `undefined` when it is too long for every recipient. */
  add(url: string): number | undefined {
    const occurrence = (this.#occurrences.get(url) ?? 0) + 1;
    this.#occurrences.set(url, occurrence);
    const key = `${url}\n${occurrence}`;
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const link = { id: this.#freeId(key), url };
    const click = prepareClick(this.#keys, link);
    if (this.#isTooLong(click.signToken(SHORTEST))) return undefined;
    if (this.#isTooLong(click.signToken(LONGEST))) this.#mayBeTooLong = true;
    const slot = FIRST_LINK + this.links.length;
    this.#slots.set(key, slot);
    this.#ids.add(link.id);
    this.links.push(link);
    this.#clicks.push(click);
    return slot;
  }

  /**
   * Puts each link's URL for one recipient into its slot. @returns the links that this recipient's ids make too long
   */
  signInto(values: (string | undefined)[], message: PreparedMessage): readonly Link[] {
    for (const click of this.#clicks) values.push(this.#prefix + click.signToken(message));
    return this.#mayBeTooLong ? this.#dropTooLong(values) : [];
  }

  #dropTooLong(values: (string | undefined)[]): readonly Link[] {
    return this.links.filter((_, index) => {
      const slot = FIRST_LINK + index;
      if ((values[slot]?.length ?? 0) <= MAX_URL_LENGTH) return false;
      values[slot] = undefined;
      return true;
    });
  }

  #isTooLong(token: string): boolean {
    return this.#prefix.length + token.length > MAX_URL_LENGTH;
  }

  /** The hash's first eight digits, or the next eight when another link of this email has them. */
  #freeId(key: string): string {
    for (let bytes = sha256(key); ; bytes = sha256(bytes)) {
      const digits = Buffer.from(bytes).toString("hex");
      for (let start = 0; start < digits.length; start += ID_DIGITS) {
        const id = digits.slice(start, start + ID_DIGITS);
        if (!this.#ids.has(id)) return id;
      }
    }
  }
}
