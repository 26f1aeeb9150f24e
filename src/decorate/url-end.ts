/**
 * Where a URL in running text ends, as its readers see it. Mail clients differ; this leaves out trailing punctuation,
 * brackets that were not opened inside, and what follows without a space: prose in Chinese, Japanese, Korean, Thai and
 * the like, quotes, dashes, punctuation of other scripts, pictures. Linear in the URL. Gives up: such words behind a
 * slash or an equals sign may be prose or part of the URL, and only the text around them decides (`isGluedInSegment`).
 */
import {
  type CharacterPosition,
  CJK_MARK,
  DELIMITER,
  GLUED,
  isBehindTopDomain,
  isBracket,
  isGluedInLabel,
  isGluedInSegment,
  isInLabel,
  isInSegment,
  NO_HOST,
  OPENERS,
} from "./url-characters.ts";

/** Punctuation of every script but closing brackets, which are balanced when they are in a run. */
const TAIL = /[.,;:!?'*~|([{]|(?![\p{ASCII}\p{Pe}])\p{P}/u;
const NOT_ASCII = /\P{ASCII}/u;
/** The name of a user in front of the host, with its "@". */
const USER = /^[^\s/?#<>"]{0,300}@/;

/** The offset behind the URL at `start`, whose host is at `host`; its end may still be punctuation. */
export function runEnd(text: string, start: number, host: number): number {
  const depths = new Map<string, number>();
  let offset = host;
  // Where the segment of the host, path, query or fragment begins, and whether it has letters that follow on words.
  let segment = host;
  let isInHost = true;
  let isGlued = false;
  const hostAt = host + (USER.exec(text.slice(host, host + 300))?.[0].length ?? 0);
  for (const character of text.slice(host)) {
    if (DELIMITER.test(character)) return offset;
    if (beginsSegment(character, isInHost)) {
      isInHost &&= character === ".";
      segment = offset + 1;
      isGlued = false;
    } else {
      const kind = kindOf(character);
      const position = { text, offset, segment };
      if (kind === "glued") isGlued ||= isInHost ? isGluedInLabel(position) : isGluedInSegment(position, start);
      if (kind === "mark") {
        if (!isGlued || !isBracket(character)) return offset;
      } else {
        const belongs = isInHost
          ? belongsToHost(character, kind, position, { isGlued, isUser: offset < hostAt })
          : belongsToSegment(kind, position, isGlued);
        if (!belongs) return offset;
      }
    }
    if (closesUnopened(character, depths)) return offset;
    offset += character.length;
  }
  return offset;
}

function beginsSegment(character: string, isInHost: boolean): boolean {
  return "/?#".includes(character) || (isInHost ? character === "." : "&=".includes(character));
}

/** "glued": a letter of a script that is written without spaces, or a picture. */
type CharacterKind = "ascii" | "glued" | "other";

/** "mark": punctuation of a script without spaces. */
function kindOf(character: string): CharacterKind | "mark" {
  if (!NOT_ASCII.test(character)) return "ascii";
  if (GLUED.test(character)) return "glued";
  return CJK_MARK.test(character) ? "mark" : "other";
}

/** A character of the host, or in front of it (`isUser`), in the name of a user. */
function belongsToHost(
  character: string,
  kind: CharacterKind,
  position: CharacterPosition,
  { isGlued, isUser }: { readonly isGlued: boolean; readonly isUser: boolean },
): boolean {
  switch (kind) {
    case "ascii":
      return isUser || !NO_HOST.test(character);
    case "glued":
      return isGlued && !isBehindTopDomain(position);
    case "other":
      return isInLabel(position);
  }
}

/** A character of a segment of the path, the query or the fragment. */
function belongsToSegment(kind: CharacterKind, position: CharacterPosition, isGlued: boolean): boolean {
  switch (kind) {
    case "ascii":
      return true;
    case "glued":
      return isGlued;
    case "other":
      return isInSegment(position);
  }
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

/**
 * Without punctuation and opening brackets at the end: closing ones in `run` are balanced.
 * @param before the text in front of it: an underline there is closed by one behind
 */
export function withoutTail(run: string, before = ""): string {
  let end = run.length;
  const isUnderlined = before.endsWith("_");
  while (TAIL.test(run[end - 1] ?? "") || (isUnderlined && run[end - 1] === "_")) end--;
  return run.slice(0, end);
}
