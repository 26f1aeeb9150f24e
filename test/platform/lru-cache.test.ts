import { describe, expect, it } from "vitest";
import { cachedByText } from "../../src/platform/lru-cache.ts";

const SIZE = 3;

/** A function cached by text that records each call of the function behind it. */
function recorded() {
  const computed: string[] = [];
  const lengthOf = cachedByText(SIZE, (text) => {
    computed.push(text);
    return text === "nobody" ? undefined : text.length;
  });
  return { computed, lengthOf };
}

describe("a function cached by text", () => {
  it("computes a value once, also when it is undefined", () => {
    const { computed, lengthOf } = recorded();
    expect(["a", "nobody", "a", "nobody"].map(lengthOf)).toEqual([1, undefined, 1, undefined]);
    expect(computed).toEqual(["a", "nobody"]);
  });

  it("caches the values of the latest texts, however many follow", () => {
    const { computed, lengthOf } = recorded();
    for (let text = 0; text < 100; text++) {
      lengthOf(`${text}`);
      for (let last = Math.max(0, text - SIZE + 1); last <= text; last++) lengthOf(`${last}`);
    }
    expect(computed).toHaveLength(100);
  });

  it("caches the value of a text that recurs among thousands of others", () => {
    const { computed, lengthOf } = recorded();
    for (let text = 0; text < 1_000; text++) ["always", `${text}`].map(lengthOf);
    expect(computed.filter((text) => text === "always")).toHaveLength(1);
  });

  it("forgets a value after twice as many others", () => {
    const { computed, lengthOf } = recorded();
    lengthOf("early");
    for (let text = 0; text <= 2 * SIZE; text++) lengthOf(`${text}`);
    expect(lengthOf("early")).toBe(5);
    expect(computed.filter((text) => text === "early")).toHaveLength(2);
  });
});
