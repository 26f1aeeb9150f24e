/**
 * Where a URL in running text ends, as its readers see it. Mail clients differ; this leaves out trailing punctuation,
 * brackets that were not opened inside, and Chinese, Japanese or Korean prose, which follows a URL without a space.
 * Linear in the URL. Gives up: such words behind a slash or an equals sign may be prose or part of the URL, and only
 * what stands around them tells (`isInSegment`).
 */

const PAIRS = ["()", "[]", "{}", "（）", "［］", "【】", "「」", "『』", "《》", "〈〉"];
/** By closing bracket. */
const OPENERS = new Map(PAIRS.map(([open = "", close = ""]) => [close, open]));
/** Punctuation of every script but closing brackets, which are balanced when they are in a run. */
const TAIL = /[.,;:!?'*~([{]|(?![\p{ASCII}\p{Pe}])\p{P}/u;
/** Also the zero-width space, which breaks lines, and direction marks, which no address may contain (RFC 3987 §4.1). */
const DELIMITER = /[\s\p{Cc}<>"`\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Letters of scripts without spaces between words, or, in Korean, between a word and its particle. */
const CJK_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}ー・]/u;
/** Ideographic punctuation and full-width forms. */
const CJK_MARK = /[\u3000-\u303f\ufe30-\ufe4f\uff01-\uff65\uffe0-\uffee]/;
/** What is written behind a word: hiragana, and the particles of Korean. */
const WORD_ENDING =
  /^(?:\p{Script=Hiragana}|(?:은|는|이|가|을|를|의|에|에서|에게|로|으로|와|과|도|만|까지|부터|입니다|이며)(?!\p{Script=Hangul}))/u;
const REST_OF_LABEL = new RegExp(`^${CJK_LETTER.source}+\\.(?!https?:)[a-z]`, "iu");
const MAX_LABEL_LENGTH = 63;

/** The offset behind the URL at `start`, whose host is at `host`; its end may still be punctuation. */
export function runEnd(text: string, start: number, host: number): number {
  const depths = new Map<string, number>();
  let offset = host;
  // Where the segment of the host, path, query or fragment begins, and whether CJK letters are part of it.
  let segment = host;
  let isInHost = true;
  let isCjk = false;
  for (const character of text.slice(host)) {
    if (DELIMITER.test(character)) return offset;
    if ("/?#&=".includes(character) || (isInHost && character === ".")) {
      isInHost &&= character === ".";
      segment = offset + 1;
      isCjk = false;
    } else if (CJK_LETTER.test(character)) {
      isCjk ||= isInHost ? isInLabel(text, offset, segment) : isInSegment(text, offset, segment, start);
      if (!isCjk) return offset;
    } else if (CJK_MARK.test(character) && !(isCjk && isBracket(character))) return offset;
    if (closesUnopened(character, depths)) return offset;
    offset += character.length;
  }
  return offset;
}

/** Labels of a host are in one script, or end in ASCII: 例え.jp, nhkニュース.jp. */
function isInLabel(text: string, offset: number, label: number): boolean {
  return offset === label || REST_OF_LABEL.test(text.slice(offset, offset + MAX_LABEL_LENGTH));
}

/**
 * Whether a CJK letter is part of the URL at `start`: it begins a segment (wiki/日本), is no word's ending, and the URL
 * itself does not stand right behind such a letter, where spaces are not used.
 */
function isInSegment(text: string, offset: number, segment: number, start: number): boolean {
  return offset === segment && !WORD_ENDING.test(text.slice(offset)) && !CJK_LETTER.test(text[start - 1] ?? "");
}

function isBracket(character: string): boolean {
  return OPENERS.has(character) || PAIRS.some((pair) => pair.startsWith(character));
}

/** Counts brackets. @returns whether `character` closes one that is not open */
function closesUnopened(character: string, depths: Map<string, number>): boolean {
  if (!isBracket(character)) return false;
  const opener = OPENERS.get(character) ?? character;
  const depth = depths.get(opener) ?? 0;
  if (opener !== character && depth === 0) return true;
  depths.set(opener, depth + (opener === character ? 1 : -1));
  return false;
}

/** Without punctuation and opening brackets at the end: closing ones in `run` are balanced. */
export function withoutTail(run: string): string {
  let end = run.length;
  while (TAIL.test(run[end - 1] ?? "")) end--;
  return run.slice(0, end);
}
