/**
 * The marks by which a sender takes one link out of tracking, in the spellings that people bring along. Guarantees that
 * a mark is gone from the output and that the tag still reads as before; a mark that does not opt out stays.
 */
import type { Token } from "parse5";
import { type AttributeRange, isSpace } from "./attributes.ts";
import type { Run } from "./part.ts";

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

/** Marketo's, a class. */
const CLASS = "mktnotrack";

/** Whether any of a link's attributes opts out. */
export function optsOut(attributes: readonly Attribute[]): boolean {
  return attributes.some(({ name, value }) => isMark(name, value) || (name === "class" && hasClass(value)));
}

/** What to take out of a link that opts out, in the order of the source. */
export function optOutRemovals(html: string, places: readonly AttributeRange[]): readonly Run[] {
  const removals: Run[] = [];
  for (const attribute of places) {
    const value = html.slice(attribute.valueStart, attribute.valueEnd);
    if (isMark(attribute.name, value)) removals.push(wholeAttribute(html, attribute));
    else if (attribute.name === "class" && hasClass(value)) {
      const isOnly = words(value).every((word) => word === CLASS);
      if (isOnly) removals.push(wholeAttribute(html, attribute));
      else for (const removal of classWords(value, attribute.valueStart)) removals.push(removal);
    }
  }
  return removals;
}

function isMark(name: string, value: string): boolean {
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

/** The attribute with the whitespace before it, which stays when something is glued behind that would join what is before. */
function wholeAttribute(html: string, { start, end }: AttributeRange): Run {
  const next = html.charCodeAt(end);
  let from = start;
  if (isSpace(next) || html[end] === ">") while (isSpace(html.charCodeAt(from - 1))) from--;
  return { start: from, end };
}

/** Each such word with the whitespace before it, or behind it while no word that stays is before. */
function classWords(value: string, offset: number): readonly Run[] {
  const removals: Run[] = [];
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
