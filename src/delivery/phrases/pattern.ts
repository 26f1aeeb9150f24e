/**
 * How phrases are written. Strangers write what they are matched against, so no pattern has an unbounded quantifier,
 * and a gap ends with its sentence: "host mx said: unknown error" says nothing of a host.
 */

/**
 * One pattern of several. Those that begin at a word's edge are tried there only, all together: each by itself would be
 * tried at every character, which takes twice as long.
 */
export function anyOf(patterns: readonly string[], flags = ""): RegExp {
  const all = patterns.flatMap(alternativesOf);
  const atEdges = all.filter((each) => each.startsWith(EDGE)).map((each) => each.slice(EDGE.length));
  const others = all.filter((each) => !each.startsWith(EDGE));
  const grouped = atEdges.length === 0 ? [] : [`${EDGE}(?:${atEdges.join("|")})`];
  return new RegExp([...grouped, ...others].join("|"), flags);
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

/** Up to `words` words of one sentence, each with the space behind it. */
export const gap = (words: number) => `(?:[^\\s:;,]{0,29}[^\\s:;,.] ){0,${words}}`;

export const IS = "(?:is |was |are |were |has been |have been |had been |been )?";
