/**
 * The links of a template: their ids, and what all recipients' tokens of a link have in common. Guarantees that an id
 * names one link of the email: a name, or one occurrence of a URL without what differs from person to person; and that
 * no decorated URL is longer than `MAX_URL_LENGTH`.
 */
import { Buffer } from "node:buffer";
import { sha256 } from "../platform/sha256.ts";
import type { Link } from "../tokens/claims.ts";
import { parseDestination } from "../tokens/destination.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type PreparedClick, type PreparedMessage, prepareClick, prepareMessage } from "../tokens/sign.ts";
import type { DecorateOptions } from "./options.ts";
import { FIRST_LINK } from "./part.ts";
import { type Parameter, utmParameters, withoutParameters, withParameters } from "./query.ts";

/** Characters; older versions of Outlook cut a longer address. */
export const MAX_URL_LENGTH = 2083;

const ID_DIGITS = 8;

// A token's length depends on its recipient's ids; these are the extremes.
const SHORTEST = prepareMessage({ email: "1", person: "1", campaign: "1" });
const LONGEST_ID = "z".repeat(64);
const LONGEST = prepareMessage({ email: LONGEST_ID, person: LONGEST_ID, campaign: LONGEST_ID });

/** A decorated link, and its name if it has one. Links of one name have one id. */
export interface DecoratedLink extends Link {
  /** What `data-link-name` says. */
  readonly name?: string;
}

export class LinkRegister {
  readonly links: DecoratedLink[] = [];
  readonly #clicks: PreparedClick[] = [];
  readonly #keys: TokenKeys;
  readonly #prefix: string;
  readonly #utm: readonly Parameter[];
  readonly #personal: ReadonlySet<string>;
  /** By id and destination. */
  readonly #slots = new Map<string, number>();
  /** By what makes them. */
  readonly #ids = new Map<string, string>();
  readonly #usedIds = new Set<string>();
  readonly #occurrences = new Map<string, number>();
  /** By page and occurrence, for links to the same page in the text. */
  readonly #names = new Map<string, string>();
  #mayBeTooLong = false;

  constructor({ keys, origin, utm = {}, personalParameters = [] }: DecorateOptions) {
    this.#keys = keys;
    this.#prefix = `${origin}/c/`;
    this.#utm = utmParameters(utm);
    this.#personal = new Set(personalParameters);
  }

  /** Restarts counting occurrences: the first link to a page has the same id in the text and in the HTML. */
  beginPart(): void {
    this.#occurrences.clear();
  }

  /**
   * The slot of the next occurrence of `url`, or `undefined` when it is too long for every recipient.
   * @param name what its markup calls it
   */
  add(url: string, name?: string): number | undefined {
    const destination = withParameters(url, this.#utm);
    if (!parseDestination(destination).ok) return undefined;
    const occurrence = this.#nextOccurrence(destination);
    if (name !== undefined) this.#names.set(occurrence, name);
    const known = this.#names.get(occurrence);
    const id = this.#idOf(known === undefined ? occurrence : `name\n${known}`);
    const slotKey = `${id}\n${destination}`;
    const slot = this.#slots.get(slotKey) ?? this.#register({ id, url: destination }, known);
    if (slot !== undefined) this.#slots.set(slotKey, slot);
    return slot;
  }

  #register(link: Link, name: string | undefined): number | undefined {
    const click = prepareClick(this.#keys, link);
    if (this.#isTooLong(click.signToken(SHORTEST))) return undefined;
    if (this.#isTooLong(click.signToken(LONGEST))) this.#mayBeTooLong = true;
    this.links.push(name === undefined ? link : { ...link, name });
    this.#clicks.push(click);
    return FIRST_LINK + this.links.length - 1;
  }

  /**
   * Puts each link's URL for one recipient into its slot. @returns the links that this recipient's ids make too long
   */
  signInto(values: (string | undefined)[], message: PreparedMessage): readonly Link[] {
    for (const click of this.#clicks) values.push(this.#prefix + click.signToken(message));
    return this.#mayBeTooLong ? this.#dropTooLong(values) : [];
  }

  /** A destination without the values that name a person. */
  withoutPersonal(url: string): string {
    return this.#personal.size === 0 ? url : withoutParameters(url, (name) => this.#personal.has(name));
  }

  /** Which occurrence of a page this is, without what is added or personal: so it is the same in every copy. */
  #nextOccurrence(destination: string): string {
    const page = this.withoutPersonal(
      this.#utm.length === 0
        ? destination
        : withoutParameters(destination, (_, text) => this.#utm.some((added) => added.text === text)),
    );
    const occurrence = (this.#occurrences.get(page) ?? 0) + 1;
    this.#occurrences.set(page, occurrence);
    return `${page}\n${occurrence}`;
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
  #idOf(key: string): string {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    for (let bytes = sha256(key); ; bytes = sha256(bytes)) {
      const digits = Buffer.from(bytes).toString("hex");
      for (let start = 0; start < digits.length; start += ID_DIGITS) {
        const id = digits.slice(start, start + ID_DIGITS);
        if (this.#usedIds.has(id)) continue;
        this.#ids.set(key, id);
        this.#usedIds.add(id);
        return id;
      }
    }
  }
}
