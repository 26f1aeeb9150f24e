/**
 * Which characters are part of a URL that text follows without a space. URLs that people paste may have letters of any
 * script, but no quotes, dashes of sentences or pictures.
 */
import type { Range } from "./part.ts";

const BRACKETS = ["()", "[]", "{}", "（）", "［］", "【】", "「」", "『』", "《》", "〈〉"];
/** By closing bracket. */
export const OPENERS: ReadonlyMap<string, string> = new Map(BRACKETS.map(([open = "", close = ""]) => [close, open]));

export function isBracket(character: string): boolean {
  return OPENERS.has(character) || BRACKETS.some((pair) => pair.startsWith(character));
}

/** Also what nobody sees: the zero-width space, the word joiner, and direction marks (RFC 3987 §4.1). */
export const DELIMITER = /[\s\p{Cc}<>"`\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]/u;
/** ASCII punctuation that URLs may have, but no host. Not what begins a placeholder. */
export const NO_HOST = /[!&'(+,;=]/;

/** Scripts without spaces between words, or, in Korean, between a word and its particle. */
const SPACELESS_SCRIPTS = "Han Hiragana Katakana Hangul Bopomofo Yi Thai Lao Khmer Myanmar Tibetan Javanese".split(" ");
const SPACELESS = String.raw`(?!\p{P})[ー${SPACELESS_SCRIPTS.map((script) => `\\p{Script=${script}}`).join("")}]|・`;
/** Symbols, circled numbers and the like. Not U+FFFD, which stands for a letter that was lost. */
const PICTURE = String.raw`(?![\p{ASCII}\ufffd])[\p{S}\p{No}]`;
export const GLUED = new RegExp(`^(?:${SPACELESS}|${PICTURE})$`, "u");
const BEGINS_SPACELESS = new RegExp(`^(?:${SPACELESS})`, "u");
/** A URL behind a full-width mark that is right behind such a letter has no space in front of it, either. */
const ENDS_SPACELESS = new RegExp(`(?:${SPACELESS})[，。、；：！？]?$`, "u");
const ENDS_SPACELESS_LENGTH = 3;
/** Up to a dot and ASCII. Pictures have variation selectors. */
const REST_OF_LABEL = new RegExp(String.raw`^(?:${SPACELESS}|${PICTURE}|\ufe0f)+\.(?!https?:)[a-z]`, "iu");
const MAX_LABEL_LENGTH = 63;
/** Top-level domains (IANA) in such letters: what follows without a dot is prose, or the label of another one. */
const TOP_DOMAINS = new Set(
  [
    "中国 中國 香港 台湾 台灣 新加坡 澳門 澳门 公司 集团 网络 網絡 网址 网站 在线 中文网 商城 商店 企业 信息 世界 我爱你 政务 公益",
    "한국 닷컴 닷넷 みんな コム ストア セール ファッション クラウド ไทย คอม ລາວ",
  ].flatMap((domains) => domains.split(" ")),
);
const MAX_TOP_DOMAIN_LENGTH = 6;
/** Ideographic punctuation and full-width forms. */
export const CJK_MARK = /[\u3000-\u303f\ufe30-\ufe4f\uff01-\uff65\uffe0-\uffee]/;
/** What is written behind a word: hiragana, and the particles of Korean. */
const WORD_ENDING =
  /^(?:\p{Script=Hiragana}|(?:은|는|이|가|을|를|의|에|로|와|과|도|만|(?:까지|부터|에서|에게|한테|으로|처럼)(?:요|는|도|만)?|이?라고|이고|이며|이에요|예요|입니다)(?!\p{Script=Hangul}))/u;
const WORD_ENDING_LENGTH = 4;
/** A name of such letters in a query: behind "&", other words are no part of it. */
const PARAMETER = /^[^\s&#/?<>"'=]{1,63}=/;
const PARAMETER_LENGTH = 64;

/** A non-joiner joins letters of one word in Persian; behind ASCII it comes before a word of prose. */
const NON_JOINER = "\u200c";
const ENDS_IN_ASCII = /[\w/]$/;

const PUNCTUATION = /^\p{P}/u;
/** Hyphens, apostrophes, the Catalan dot, and marks of Hebrew, Armenian and Tibetan; in hosts fewer. */
const JOINS_LETTERS = /[\u2010-\u2013’·‧־׳״՚་]/;
const JOINS_LETTERS_OF_HOST = /[·׳״་]/;
const ENDS_IN_LETTER = /[\p{L}\p{M}\p{N}]$/u;
const BEGINS_WITH_LETTER = /^[\p{L}\p{N}]/u;
/** Spanish, of titles. */
const OPENS_SENTENCE = /[¿¡]/;
const OTHER_LETTER = /^(?![\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}])\p{L}/u;

/** Its words come right behind a URL more often than inside one behind Latin letters; digits may come before it. */
const RIGHT_TO_LEFT = /^[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Where a character is: in `text` at `offset`, in the segment or label that begins at `segment`. */
export interface CharacterPosition {
  readonly text: string;
  readonly offset: number;
  readonly segment: number;
}

/** Whether a letter of a script without spaces, or a picture, begins a label, or the label ends in ASCII. */
export function isGluedInLabel({ text, offset, segment }: CharacterPosition): boolean {
  return offset === segment || REST_OF_LABEL.test(text.slice(offset, offset + MAX_LABEL_LENGTH));
}

/** Whether such a letter is right behind a top-level domain that ends the host. */
export function isBehindTopDomain({ text, offset, segment }: CharacterPosition): boolean {
  if (text[segment - 1] !== "." || offset - segment > MAX_TOP_DOMAIN_LENGTH) return false;
  if (!TOP_DOMAINS.has(text.slice(segment, offset))) return false;
  return !REST_OF_LABEL.test(text.slice(offset, offset + MAX_LABEL_LENGTH));
}

/**
 * Whether such a character is part of the URL that begins at `start`: it begins a segment (wiki/日本), is no word's
 * ending, and the URL itself is not right behind such a letter.
 */
export function isGluedInSegment({ text, offset, segment }: CharacterPosition, start: number): boolean {
  if (offset !== segment || WORD_ENDING.test(text.slice(offset, offset + WORD_ENDING_LENGTH))) return false;
  if (text[segment - 1] === "&" && !PARAMETER.test(text.slice(offset, offset + PARAMETER_LENGTH))) return false;
  return !ENDS_SPACELESS.test(text.slice(Math.max(0, start - ENDS_SPACELESS_LENGTH), start));
}

/** A last segment of a path, query or fragment that begins with such a letter. */
const LAST_WORDS = new RegExp(`(?<!:/)[/?#&=](?:${SPACELESS})[^/?#&=]*$`, "u");
const MAX_SEGMENT_LENGTH = 200;
/** The rest of a file's name: 2024年12月号.pdf. */
const REST_OF_FILE_NAME = new RegExp(`^(?:${SPACELESS})[^\\s<>"'，。、]*\\.[a-z]{2,5}(?![\\w-])`, "iu");
/** What surrounds a URL that is set apart. */
const APART_BEFORE = /^[\s<("'“‘（「『【《〈]?$/;
const APART_BEHIND = /^[\s>)"'”’）」』】》〉]?$/;

/**
 * Whether nobody can know where a URL in text ends: words without spaces begin right behind its last separator, or go
 * on to what ends a file's name, or are its last segment though it is not set apart.
 */
export function isEndUncertain(text: string, { start, end }: Range): boolean {
  if (!(text.charCodeAt(end - 1) > 0x7f || text.charCodeAt(end) > 0x7f)) return false;
  const behind = text.slice(end, end + WORD_ENDING_LENGTH);
  if (/[/?#=]/.test(text[end - 1] ?? "") && BEGINS_SPACELESS.test(behind)) return !WORD_ENDING.test(behind);
  if (REST_OF_FILE_NAME.test(text.slice(end, end + MAX_SEGMENT_LENGTH))) return !WORD_ENDING.test(behind);
  const isApart = APART_BEFORE.test(text.slice(Math.max(0, start - 1), start)) && APART_BEHIND.test(behind.slice(0, 1));
  return !isApart && LAST_WORDS.test(text.slice(Math.max(start, end - MAX_SEGMENT_LENGTH), end));
}

/** Whether any other character beyond ASCII is part of a host: no label mixes Latin and other letters. */
export function isInLabel(position: CharacterPosition): boolean {
  const { text, offset, segment } = position;
  if (text[offset] === NON_JOINER && ENDS_IN_ASCII.test(text[offset - 1] ?? "")) return false;
  const rest = text.slice(offset, offset + 2);
  if (PUNCTUATION.test(rest)) return joinsLetters(position, JOINS_LETTERS_OF_HOST);
  return !OTHER_LETTER.test(rest) || !/[a-z]/i.test(text.slice(Math.max(segment, offset - MAX_LABEL_LENGTH), offset));
}

/** Whether any other character beyond ASCII is part of a path, query or fragment. */
export function isInSegment(position: CharacterPosition): boolean {
  const { text, offset, segment } = position;
  if (text[offset] === NON_JOINER && ENDS_IN_ASCII.test(text[offset - 1] ?? "")) return false;
  const rest = text.slice(offset, offset + 2);
  if (RIGHT_TO_LEFT.test(rest) && /[a-z]/i.test(text[offset - 1] ?? "")) return false;
  if (!PUNCTUATION.test(rest)) return true;
  return joinsLetters(position, JOINS_LETTERS) || (offset === segment && OPENS_SENTENCE.test(text[offset] ?? ""));
}

function joinsLetters({ text, offset }: CharacterPosition, joiners: RegExp): boolean {
  const isJoiner = joiners.test(text[offset] ?? "");
  const isBehindLetter = ENDS_IN_LETTER.test(text.slice(Math.max(0, offset - 2), offset));
  return isJoiner && isBehindLetter && BEGINS_WITH_LETTER.test(text.slice(offset + 1, offset + 3));
}
