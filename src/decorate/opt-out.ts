/**
 * The markers that take a link out of tracking, Waxseal's and those of other services, and the one that names it.
 * Those that opt out stay in the copy: a copy that is decorated again says itself which links opted out.
 */
import type { Token } from "parse5";
import { type AttributeRange, isSpace } from "./attributes.ts";
import type { Range } from "./part.ts";

type Attribute = Token.Attribute;

const unlessFalse = (value: string) => value !== "false";

/** By attribute name, whether its value (trimmed, lower case) opts out. */
const FLAGS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ["data-no-track", unlessFalse],
  // SendGrid, "Click tracking": clicktracking=off.
  ["clicktracking", (value: string) => value === "off"],
  // Amazon SES, "Email sending metrics FAQs": ses:no-track, whatever its value.
  ["ses:no-track", () => true],
  // Mailchimp Transactional, "Disable tracking on individual links".
  ["mc:disable-tracking", unlessFalse],
  // Mautic, "Disable tracking of a link".
  ["mautic:disable-tracking", unlessFalse],
]);

/** Marketo's marker, a class. */
const CLASS = "mktnotrack";

/** Names a link in reports; removed from the copy. */
const NAME = "data-link-name";
const MAX_NAME_LENGTH = 255;

/** What a link's markup calls it, in one line; longer names are cut. */
export function linkName(attributes: readonly Attribute[]): string | undefined {
  const value = attributes.find(({ name }) => name === NAME)?.value;
  const name = value
    ?.replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, MAX_NAME_LENGTH)
    .toWellFormed();
  return name === "" ? undefined : name;
}

/** Whether any of a link's attributes opts out. */
export function optsOut(attributes: readonly Attribute[]): boolean {
  return attributes.some(({ name, value }) => isMarker(name, value) || (name === "class" && hasClass(value)));
}

/** The names of a link, with the whitespace before them, in the order of the source. */
export function nameRanges(html: string, attributes: readonly AttributeRange[]): readonly Range[] {
  return attributes.filter(({ name }) => name === NAME).map((attribute) => wholeAttribute(html, attribute));
}

function isMarker(name: string, value: string): boolean {
  return FLAGS.get(name)?.(value.trim().toLowerCase()) ?? false;
}

function hasClass(value: string): boolean {
  return value
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .includes(CLASS);
}

/**
 * The attribute with the whitespace before it. The whitespace stays where what follows would join the attribute
 * before.
 */
function wholeAttribute(html: string, { start, end }: AttributeRange): Range {
  const next = html.charCodeAt(end);
  let from = start;
  if (isSpace(next) || html[end] === ">") while (isSpace(html.charCodeAt(from - 1))) from--;
  return { start: from, end };
}
