/**
 * Masks addresses: the owner recognises theirs, and nobody else who has the link can read it. Each hidden part is
 * one "…", whatever its length. Never throws.
 */
import { domainToUnicode } from "node:url";

const HIDDEN = "…";
const GRAPHEMES = new Intl.Segmenter();
/** Each of its characters is one grapheme. */
const ASCII = /^[ -~]*$/;

/** Domains of at least so many characters show their last one, too. */
const MIN_DOMAIN_WITH_END = 4;

/**
 * "marie@example.com" → "m…@e…e.com". A name of one character is hidden whole. Of a domain, only what follows the
 * last dot is shown. A domain in ASCII (IDNA) is shown in its own letters.
 */
export function maskAddress(address: string): string {
  const text = address.toWellFormed();
  const at = text.lastIndexOf("@");
  if (at < 0) return masked(text, { end: false });
  const domain = inItsLetters(text.slice(at + 1));
  const dot = domain.lastIndexOf(".");
  const [name, suffix] = dot < 0 ? [domain, ""] : [domain.slice(0, dot), domain.slice(dot)];
  return `${masked(text.slice(0, at), { end: false })}@${masked(name, { end: true })}${suffix}`;
}

function inItsLetters(domain: string): string {
  return domain.includes("xn--") ? domainToUnicode(domain) || domain : domain;
}

/** So that no character is cut. */
function graphemesOf(text: string): readonly string[] {
  return Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

function masked(text: string, { end }: { readonly end: boolean }): string {
  const characters = ASCII.test(text) ? text : graphemesOf(text);
  const [first] = characters;
  const last = characters.at(-1);
  if (first === undefined || last === undefined || characters.length === 1) return HIDDEN;
  return end && characters.length >= MIN_DOMAIN_WITH_END ? `${first}${HIDDEN}${last}` : `${first}${HIDDEN}`;
}
