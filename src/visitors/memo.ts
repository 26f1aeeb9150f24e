/** Remembers at least the last `size` answers of a function of a text, at most twice as many: what is asked of it again costs a look-up. */
export function remembered<Answer>(
  size: number,
  answerTo: (text: string) => Answer,
): (text: string) => Answer {
  // An answer may be undefined: each is kept in a box of its own.
  let young = new Map<string, { readonly answer: Answer }>();
  let old = young;
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known.answer;
    const kept = old.get(text) ?? { answer: answerTo(text) };
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(text, kept);
    return kept.answer;
  };
}
