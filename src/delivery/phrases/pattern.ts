/**
 * How phrases are written. Strangers write what they are matched against, so no pattern has an unbounded quantifier,
 * and a gap ends with its sentence: "host mx said: unknown error" says nothing of a host.
 */

/** One pattern of several: the first that fits counts. */
export function anyOf(patterns: readonly string[], flags = ""): RegExp {
  return new RegExp(patterns.join("|"), flags);
}

/** Up to `words` words of one sentence, each with the space behind it. */
export const gap = (words: number) => `(?:[^\\s:;,]{0,29}[^\\s:;,.] ){0,${words}}`;

export const IS = "(?:is |was |are |were |has been |have been |had been |been )?";
