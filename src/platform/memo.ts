import { Remembered } from "./lru.ts";

/** Remembers at least the last `size` answers of a function of a text, at most twice as many: what is asked of it again costs a look-up. */
export function remembered<Answer>(
  size: number,
  answerTo: (text: string) => Answer,
): (text: string) => Answer {
  // An answer may be undefined: each is kept in a box of its own.
  const answers = new Remembered<{ readonly answer: Answer }>(size);
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known.answer;
    const answer = answerTo(text);
    answers.set(text, { answer });
    return answer;
  };
}
