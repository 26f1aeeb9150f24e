/**
 * How phrases are written. Strangers write what they are matched against, so no pattern has an unbounded quantifier,
 * and a gap ends with its sentence: "host mx said: unknown error" says nothing of a host.
 */

/**
 * One pattern of several. Those that begin at a word's edge are tried there only, and those that begin with the same
 * letter at that letter only: each by itself would be tried at every character, which takes several times as long.
 */
export function anyOf(patterns: readonly string[], flags = ""): RegExp {
  const all = patterns.flatMap(alternativesOf);
  const atEdges = all.filter((each) => each.startsWith(EDGE)).map((each) => each.slice(EDGE.length));
  const others = all.filter((each) => !each.startsWith(EDGE));
  const grouped = atEdges.length === 0 ? [] : [`${EDGE}(?:${byFirstLetter(atEdges)})`];
  return new RegExp([...grouped, ...(others.length === 0 ? [] : [byFirstLetter(others)])].join("|"), flags);
}

/** The same alternatives, as one for each letter that some begin with. */
function byFirstLetter(alternatives: readonly string[]): string {
  const letters = Map.groupBy(alternatives, (each) => /^\p{L}(?![?*+{])/u.exec(each)?.[0] ?? "");
  return [...letters]
    .flatMap(([letter, same]) =>
      letter === "" || same.length === 1
        ? same
        : [`${letter}(?:${same.map((each) => each.slice(letter.length)).join("|")})`],
    )
    .join("|");
}

const EDGE = "\\b";

/** The alternatives of a pattern, outside of brackets. */
function alternativesOf(pattern: string): readonly string[] {
  const alternatives: string[] = [];
  let start = 0;
  let depth = 0;
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (isInClass) isInClass = character !== "]";
    else if (character === "[") isInClass = true;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth === 0) {
      alternatives.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  return [...alternatives, pattern.slice(start)];
}

/** A word, with the space behind it. */
const WORD = "[^\\s:;,]{0,29}[^\\s:;,.] ";

/** Up to `words` words of one sentence, each with the space behind it. */
export const gap = (words: number) => `(?:${WORD}){0,${words}}`;

/** Each pattern behind at most its number of words. Each by itself would go over the same words again. */
export function behindWords(patterns: readonly (readonly [words: number, pattern: string])[]): string {
  const most = Math.max(...patterns.map(([words]) => words));
  let behind: readonly string[] = [];
  for (let words = most; words >= 0; words--) {
    const here = patterns.filter(([atMost]) => words <= atMost).map(([, pattern]) => pattern);
    behind = [...here, ...(words === most ? [] : [`${WORD}(?:${behind.join("|")})`])];
  }
  return `(?:${behind.join("|")})`;
}

export const IS = "(?:is |was |are |were |has been |have been |had been |been )?";
