/**
 * Masks addresses that are in other text: in mail servers' words, in URLs, in ids. Guarantees that no address is left
 * whole, whichever way its "@" is written: plain, percent-encoded however often, as an entity, or inside base64 or
 * hexadecimal. Gives up some text that is no address, such as "@media": in doubt it is masked. Never throws.
 */
import { Buffer } from "node:buffer";
import { maskAddress } from "./mask.ts";

export type TextMask = (text: string) => string;

/** What stands for "@" in texts, besides its percent-encoding. */
const WRITTEN_AT = /[＠﹫]|&(?:commat|#0*64|#x0*40);|\\u0040|=40(?=[\w-]+\.[a-z])| ?[[({] ?at ?[\])}] ?| @ /gi;
/** What an address may be a part of; a quoted name of an address may hold anything (RFC 5321 §4.1.2). */
const PART = /"[^"]{1,64}"(?=@)[^\s<>()[\]",;]*|[^\s<>()[\]",;]+/g;
const URL_START = /^[a-z][a-z\d+.-]*:/i;
/** Between the pieces of a URL. */
const URL_DELIMITERS = /([/?&#:;,]+)/;
const DELIMITERS = /([/?&#:;,=]+)/;
/** A text that may hold an address, or hide one. */
const SUSPICIOUS = /[@%＠﹫&\\/=]|[[({] ?at/i;

/**
 * Masks every address in a text.
 * @param known addresses that the text is about; their names, the parts before the "@", are masked where they are
 * alone, too
 * @example
 * textMask(["marie@example.com"])("550 marie: no such user; see https://x.example/?e=marie%40example.com");
 * // "550 m…: no such user; see https://x.example/?e=m…@e…e.com"
 */
export function textMask(known: readonly string[]): TextMask {
  const names = [...new Set(known.map(nameOf).flatMap(spellingsOf))];
  if (names.length === 0) return maskAddresses;
  const foldedNames = names.map(foldCase);
  let pattern: RegExp | undefined;
  return (text) => {
    // Most texts have none of them, and a pattern takes longer to make than to look.
    const folded = foldCase(text);
    if (!foldedNames.some((name) => folded.includes(name))) return maskAddresses(text);
    pattern ??= namePattern(names);
    return maskAddresses(text.replace(pattern, maskAddress));
  };
}

function maskAddresses(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text.replace(WRITTEN_AT, "@").replace(PART, maskPart);
}

function maskPart(part: string): string {
  if (URL_START.test(part)) return maskUrl(part);
  const plain = decoded(part);
  return plain.includes("@") ? maskDecoded(plain) : part.split(DELIMITERS).map(maskEncoded).join("");
}

function maskUrl(url: string): string {
  const pieces = url.split(URL_DELIMITERS);
  const masked = pieces.map((piece, index) => {
    const isParameter = /[?&#]/.test(pieces[index - 1] ?? "");
    return isParameter ? maskParameter(piece) : maskWord(piece);
  });
  return masked.join("");
}

function maskParameter(parameter: string): string {
  const end = parameter.indexOf("=") + 1;
  return maskWord(parameter.slice(0, end)) + maskWord(parameter.slice(end));
}

function maskWord(word: string): string {
  const plain = decoded(word);
  return plain.includes("@") ? maskDecoded(plain) : maskEncoded(word);
}

/** A text that was one word before it was decoded. */
function maskDecoded(text: string): string {
  return text.replace(PART, (part) => (part.includes("@") ? maskLast(part) : part));
}

/** All before the last "@" is a name. */
function maskLast(part: string): string {
  const [address = part] = /^.*@[\p{L}\p{M}\p{N}._-]*/su.exec(part) ?? [];
  let end = address.length;
  while (".-".includes(address[end - 1] ?? " ")) end--;
  return maskAddress(part.slice(0, end)) + part.slice(end);
}

/** More levels than these are nobody's spelling of an address. */
const MAX_LEVELS = 3;

/** Without percent-encoding; "%25" of several levels counts as one. */
function decoded(text: string): string {
  let plain = text;
  for (let level = 0; level < MAX_LEVELS && plain.includes("%"); level++) {
    plain = plain
      .replace(/%(?:25)+(?=[\da-f]{2})/gi, "%")
      .replace(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
  }
  return plain.replace(WRITTEN_AT, "@");
}

/** What is long enough to be an address in base64 or hexadecimal. */
const ENCODED = /[A-Za-z\d+/_-]{8,}/;
const READABLE = /^(?:\P{Cc}|[\t\n\r])+$/u;
/** What an address may be in JSON, in a query or in other text. */
const PIECE = /[^\s<>()[\]",;:=&]+/g;

function maskEncoded(word: string): string {
  const address = encodedAddress(word);
  return address === undefined ? word : maskAddress(address);
}

/** The address that a word is in base64 or in hexadecimal, or the first one of a longer text. */
function encodedAddress(word: string): string | undefined {
  const [run] = ENCODED.exec(decoded(word)) ?? [];
  if (run === undefined) return undefined;
  for (const encoding of ["base64", "hex"] as const) {
    const text = Buffer.from(run, encoding).toString();
    const address = text.match(PIECE)?.find(isAddress);
    if (address !== undefined && READABLE.test(text) && !text.includes("\uFFFD")) return address;
  }
  return undefined;
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf("@");
  return at > 0 && text.includes(".", at + 2);
}

const WRITTEN_AT_IN_ID = /[._:-]at[._:-]/i;
const DOMAIN = /^(?:[a-z\d-]+\.)+[a-z]{2,}$/i;
const WELL_KNOWN_DOMAIN = /^(?:[a-z\d-]+\.)+(?:[a-z]{2}|com|net|org|edu|gov|info|biz|example)$/i;

/** Masks the id of a person that is an address in other letters; every other one stays. */
export function maskPersonId(id: string, known: readonly string[]): string {
  const address = addressAsId(id);
  return address === undefined ? maskId(id, known) : maskAddress(address);
}

/** Ids have no "@": "marie.at.example.com", "marie:example.com"; but "crm:marie.dupont" is no address. */
function addressAsId(id: string): string | undefined {
  const at = id.search(WRITTEN_AT_IN_ID);
  if (at > 0 && DOMAIN.test(id.slice(at + 4))) return `${id.slice(0, at)}@${id.slice(at + 4)}`;
  const end = Math.max(id.lastIndexOf("_"), id.lastIndexOf(":"));
  return end > 0 && WELL_KNOWN_DOMAIN.test(id.slice(end + 1)) ? `${id.slice(0, end)}@${id.slice(end + 1)}` : undefined;
}

/** Masks an id that holds an address: in base64, in hexadecimal, or one of `known` with other signs for its "@". */
export function maskId(id: string, known: readonly string[]): string {
  const letters = lettersOf(id);
  const address = encodedAddress(id) ?? known.find((each) => isAddressIn(letters, each));
  return address === undefined ? id : maskAddress(address);
}

function isAddressIn(letters: string, address: string): boolean {
  const name = lettersOf(nameOf(address));
  const domain = lettersOf(address.slice(address.lastIndexOf("@") + 1));
  if (name === "" || domain === "") return false;
  return [`${name}${domain}`, `${name}at${domain}`, `${domain}${name}`].some((text) => letters.includes(text));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function nameOf(address: string): string {
  return address.slice(0, Math.max(address.lastIndexOf("@"), 0));
}

/** How a name may be written; none for one without a letter or a digit. */
function spellingsOf(name: string): readonly string[] {
  if (!/[\p{L}\p{N}]/u.test(name)) return [];
  return [name, encodeURIComponent(name.toWellFormed())];
}

/** Letters of two cases are one, also those that have a third form. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

/** These names, where neither a letter nor a digit is beside them. */
function namePattern(names: readonly string[]): RegExp {
  const alternatives = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join("|")})(?![\\p{L}\\p{N}])`, "giu");
}
