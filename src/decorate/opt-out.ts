/**
 * The markers that take a link out of tracking, Waxseal's and those of other services, and the one that names it.
 * Guarantees that a marker is removed from a copy with tracking and that the rest of the tag stays as it was. A marker
 * whose value does not opt out stays.
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

/** Names a link in reports. As markers are, it is removed. */
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

/** A marker, or with `isName` the name of a link. */
export interface MarkerRemoval extends Range {
  readonly isName: boolean;
}

/** What to remove from a link that opts out or has a name, in the order of the source. */
export function markerRemovals(html: string, attributes: readonly AttributeRange[]): readonly MarkerRemoval[] {
  const removals: MarkerRemoval[] = [];
  for (const attribute of attributes) {
    const value = html.slice(attribute.valueStart, attribute.valueEnd);
    const isName = attribute.name === NAME;
    const isClass = attribute.name === "class" && hasClass(value);
    const isWhole = isClass ? words(value).every((word) => word === CLASS) : isName || isMarker(attribute.name, value);
    if (isWhole) removals.push({ ...wholeAttribute(html, attribute), isName });
    else if (isClass) for (const range of classWords(value, attribute.valueStart)) removals.push({ ...range, isName });
  }
  return removals;
}

function isMarker(name: string, value: string): boolean {
  return FLAGS.get(name)?.(value.trim().toLowerCase()) ?? false;
}

function words(value: string): readonly string[] {
  return value
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .filter((word) => word !== "");
}

function hasClass(value: string): boolean {
  return words(value).includes(CLASS);
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

/** Each marker class with the whitespace before it, or behind it where no other class is before. */
function classWords(value: string, offset: number): readonly Range[] {
  const removals: Range[] = [];
  let isFirst = true;
  for (const { index, 0: word } of value.matchAll(/[^\t\n\f\r ]+/g)) {
    if (word.toLowerCase() !== CLASS) {
      isFirst = false;
      continue;
    }
    let start = index;
    let end = index + word.length;
    if (isFirst) while (isSpace(value.charCodeAt(end))) end++;
    else while (isSpace(value.charCodeAt(start - 1))) start--;
    removals.push({ start: offset + start, end: offset + end });
  }
  return removals;
}
