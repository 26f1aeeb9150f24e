import QuickLRU from "quick-lru";

/** The function with its last `maxSize` answers kept (at most twice as many), by its argument. */
export function memoized<Answer>(
  maxSize: number,
  compute: (text: string) => Answer,
): (text: string) => Answer {
  // An answer may be undefined, so each is kept in an object of its own.
  const answers = new QuickLRU<string, { readonly answer: Answer }>({ maxSize });
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known.answer;
    const answer = compute(text);
    answers.set(text, { answer });
    return answer;
  };
}
