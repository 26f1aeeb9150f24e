/**
 * The links of a template: their ids, and what all recipients' tokens of a link have in common. Guarantees that an id
 * names one link of the email: a name, or one occurrence of a URL without what differs from person to person; and that
 * no decorated URL is longer than `MAX_URL_LENGTH`.
 */
import type { Link } from "../tokens/claims.ts";
import { parseDestination } from "../tokens/destination.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type PreparedClick, type PreparedMessage, prepareClick, prepareMessage } from "../tokens/sign.ts";
import { webUrl } from "./classify-link.ts";
import { idsOf, occurrenceKey } from "./occurrence.ts";
import { DecorateError, type DecorateOptions } from "./options.ts";
import { FIRST_LINK, type VariableValues } from "./part.ts";
import { type Parameter, utmParameters, withoutParameters, withQueryParameters } from "./query.ts";
import type { UrlTemplate } from "./url-template.ts";

/** Characters; older versions of Outlook cut a longer address. */
export const MAX_URL_LENGTH = 2083;

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
  /** Undefined where the destination depends on the recipient's variables. */
  readonly #clicks: (PreparedClick | undefined)[] = [];
  /** By the link's index. */
  readonly #templates = new Map<number, UrlTemplate>();
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
   * @param template of a URL with variables, whose text is `url`
   */
  add(url: string, name?: string, template?: UrlTemplate): number | undefined {
    const destination = withQueryParameters(url, this.#utm);
    if (template === undefined && !parseDestination(destination).ok) return undefined;
    const occurrence = this.#nextOccurrence(destination);
    if (name !== undefined) this.#names.set(occurrence, name);
    const known = this.#names.get(occurrence);
    const id = this.#idOf(known === undefined ? occurrence : `name\n${known}`);
    const slotKey = `${id}\n${destination}`;
    const slot = this.#slots.get(slotKey) ?? this.#register({ id, url: destination }, known, template);
    if (slot !== undefined) this.#slots.set(slotKey, slot);
    return slot;
  }

  #register(link: Link, name: string | undefined, template: UrlTemplate | undefined): number | undefined {
    const click = template === undefined ? prepareClick(this.#keys, link) : undefined;
    if (click !== undefined && this.#isTooLong(click.signToken(SHORTEST))) return undefined;
    if (click === undefined || this.#isTooLong(click.signToken(LONGEST))) this.#mayBeTooLong = true;
    if (template !== undefined) this.#templates.set(this.links.length, template);
    this.links.push(name === undefined ? link : { ...link, name });
    this.#clicks.push(click);
    return FIRST_LINK + this.links.length - 1;
  }

  /** The link at a slot, if it leads all recipients to the same page. */
  commonLink(slot: number): Link | undefined {
    const index = slot - FIRST_LINK;
    return this.#templates.has(index) ? undefined : this.links[index];
  }

  /**
   * The links with one recipient's destinations.
   * @throws {DecorateError} naming the variable that makes no web address of one
   */
  linksFor(variables: VariableValues): readonly DecoratedLink[] {
    if (this.#templates.size === 0) return this.links;
    return this.links.map((link, index) => {
      const template = this.#templates.get(index);
      if (template === undefined) return link;
      const url = withQueryParameters(template.fill(variables), this.#utm);
      const web = webUrl(url);
      if (web.ok || web.reason === "too_long") return { ...link, url };
      throw new DecorateError(`variables.${template.names[0]}`, `makes no web address of ${template.text}`);
    });
  }

  /**
   * Puts each link's URL for one recipient into its slot.
   * @param links the recipient's, as `linksFor` returns them
   * @returns those that this recipient's ids or variables make too long
   */
  signInto(
    values: (string | undefined)[],
    message: PreparedMessage,
    links: readonly DecoratedLink[],
  ): readonly DecoratedLink[] {
    const clicks = this.#templates.size === 0 ? this.#clicks : this.#clicksFor(links);
    for (const click of clicks) values.push(click && this.#prefix + click.signToken(message));
    return this.#mayBeTooLong ? dropTooLong(values, links) : [];
  }

  /** Undefined for a destination that is too long for any token. */
  #clicksFor(links: readonly Link[]): readonly (PreparedClick | undefined)[] {
    return links.map((link, index) => {
      if (!this.#templates.has(index)) return this.#clicks[index];
      return parseDestination(link.url).ok ? prepareClick(this.#keys, link) : undefined;
    });
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
    return occurrenceKey(page, occurrence);
  }

  #isTooLong(token: string): boolean {
    return this.#prefix.length + token.length > MAX_URL_LENGTH;
  }

  /** The hash's first eight digits, or the next eight when another link of this email has them. */
  #idOf(key: string): string {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const ids = idsOf(key);
    let id = ids.next().value;
    while (this.#usedIds.has(id)) id = ids.next().value;
    this.#ids.set(key, id);
    this.#usedIds.add(id);
    return id;
  }
}

function dropTooLong(values: (string | undefined)[], links: readonly DecoratedLink[]): readonly DecoratedLink[] {
  return links.filter((_, index) => {
    const slot = FIRST_LINK + index;
    const length = values[slot]?.length;
    if (length !== undefined && length <= MAX_URL_LENGTH) return false;
    values[slot] = undefined;
    return true;
  });
}
