/**
 * What mail servers say in bounces, for reports: without addresses, and alike where only what is particular to one mail
 * differs: queue ids, times, links.
 */

/** What an address may be a part of: all between white space and what encloses or separates. */
const PART = /[^\s<>()"',;:[\]]+/g;
const MASK = "<address>";
/** RFC 3463 */
const STATUS = /^\W*[245]\.\d{1,3}\.\d{1,3}\W*$/;
const MAX_CHARS = 300;
/** A shorter word with a digit in it is a reply code, or says how much or how long. */
const MIN_ID_CHARS = 6;

/**
 * The words without addresses, on one line, at most 300 characters.
 * @param name the part of the recipient's address before the "@", which servers name alone, too
 */
export function withoutAddresses(words: string, name: string | null): string {
  const masked = words
    .slice(0, 4 * MAX_CHARS)
    .replace(PART, (part) => (part.includes("@") ? MASK : part))
    .replaceAll(`<${MASK}>`, MASK);
  const tokens = masked.split(/\s+/).filter((token) => token !== "");
  return withoutName(tokens, name ?? "")
    .join(" ")
    .slice(0, MAX_CHARS);
}

/** What alike words have in common; only to compare. */
export function patternOfWords(words: string): string {
  return words
    .toLowerCase()
    .split(" ")
    .filter((token) => token !== "")
    .map((token) => (isParticular(token) ? "#" : token.replaceAll(/\d/g, "0")))
    .join(" ");
}

/** What is around a name in a word: quotes, brackets, a colon. */
const AROUND = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** Words with a mask instead of the name, be it a word or a part between other signs, as in "user=marie". */
function withoutName(tokens: readonly string[], name: string): readonly string[] {
  const bare = name.replace(AROUND, "").toLowerCase();
  if (bare === "") return tokens;
  const escaped = bare.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const asPart = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "giu");
  return tokens.map((token) => (token.replace(AROUND, "").toLowerCase() === bare ? MASK : token.replace(asPart, MASK)));
}

function isParticular(token: string): boolean {
  if (token.includes("://")) return true;
  return token.length >= MIN_ID_CHARS && /\d/.test(token) && !STATUS.test(token);
}
