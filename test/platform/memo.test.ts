/** Answers that are memoized, and how many. */
import { describe, expect, it } from "vitest";
import { memoized } from "../../src/platform/memo.ts";

const SIZE = 3;

/** A function that tells each text that it is really asked for. */
function counted() {
  const asked: string[] = [];
  const answerTo = memoized(SIZE, (text) => {
    asked.push(text);
    return text === "nobody" ? undefined : text.length;
  });
  return { asked, answerTo };
}

describe("an answer", () => {
  it("is worked out once, also when it is none", () => {
    const { asked, answerTo } = counted();
    expect(["a", "nobody", "a", "nobody"].map(answerTo)).toEqual([1, undefined, 1, undefined]);
    expect(asked).toEqual(["a", "nobody"]);
  });

  it("of the last few texts is kept, however many come", () => {
    const { asked, answerTo } = counted();
    for (let text = 0; text < 100; text++) {
      answerTo(`${text}`);
      for (let last = Math.max(0, text - SIZE + 1); last <= text; last++) answerTo(`${last}`);
    }
    expect(asked).toHaveLength(100);
  });

  it("of what is asked for again and again is kept among thousands of others", () => {
    const { asked, answerTo } = counted();
    for (let text = 0; text < 1_000; text++) ["always", `${text}`].map(answerTo);
    expect(asked.filter((text) => text === "always")).toHaveLength(1);
  });

  it("is forgotten after twice as many others", () => {
    const { asked, answerTo } = counted();
    answerTo("early");
    for (let text = 0; text <= 2 * SIZE; text++) answerTo(`${text}`);
    expect(answerTo("early")).toBe(5);
    expect(asked.filter((text) => text === "early")).toHaveLength(2);
  });
});
