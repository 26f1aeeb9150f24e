/**
 * Anyone can write to the bounce address, and a stranger's server writes what providers hand on: every pattern of the
 * room that reads it takes steps in proportion to the text, on the worst that can be made of its own words.
 */
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { alternativesOf, literalsOf, repeats, stepsOf } from "./regex-steps.ts";

const FILES = ["src/delivery/{classify,said,carried-token}.ts", "src/delivery/{phrases,bounce-mail}/*.ts"].flatMap(
  (pattern) => globSync(pattern),
);
const LENGTH = 200;
/** Twice the text may take twice the steps; more than this is more than linear. */
const MAX_GROWTH = 2.6;
/** Below it, growth says nothing. */
const MIN_STEPS = 5_000;
/** Of one alternative, for each character of the text. */
const MAX_STEPS_PER_CHARACTER = 2_000;

/** Regular expressions that stand in a file. */
function literalPatternsIn(path: string): readonly RegExp[] {
  const patterns: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      patterns.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true));
  return patterns;
}

/** Regular expressions that the files put together when they are loaded. */
async function composedPatterns(): Promise<readonly RegExp[]> {
  const patterns: RegExp[] = [];
  const Original = RegExp;
  class Recorded extends Original {
    constructor(pattern: string | RegExp, flags?: string) {
      super(pattern, flags);
      if (new Error("who asks").stack?.includes("/src/delivery/") === true) patterns.push(new Original(pattern, flags));
    }
  }
  vi.stubGlobal("RegExp", Recorded);
  try {
    vi.resetModules();
    await import("../../src/delivery/bounce-mail/index.ts");
  } finally {
    vi.unstubAllGlobals();
  }
  return patterns;
}

/** Texts of `length` characters that an alternative has most work with; their last one is in no pattern. */
function worstTexts(literals: readonly string[], length: number): readonly string[] {
  const repeat = (text: string) => text.repeat(Math.ceil(length / Math.max(text.length, 1))).slice(0, length);
  const first = literals[0] ?? "a";
  return [
    ...literals.slice(0, 6).flatMap((literal) => [repeat(literal), repeat(`${literal} `)]),
    repeat(literals.slice(0, -1).join(" ")),
    repeat(literals.slice(0, -1).join("")),
    `${first}${repeat(" ")}`,
    `${first} ${repeat("a ")}`,
    `${first}${repeat("a")}`,
  ].map((text) => `${text}\u0001`);
}

const faultsOf = (pattern: RegExp): readonly string[] =>
  alternativesOf(pattern)
    .filter(repeats)
    .flatMap((alternative) => {
      const literals = literalsOf(alternative);
      const shorter = worstTexts(literals, LENGTH).map((text) => stepsOf(alternative, pattern.flags, text));
      const longer = worstTexts(literals, 2 * LENGTH).map((text) => stepsOf(alternative, pattern.flags, text));
      const grows = longer.some((steps, nth) => steps > MIN_STEPS && steps > MAX_GROWTH * (shorter[nth] ?? 0));
      const most = Math.max(...longer) / (2 * LENGTH);
      if (grows) return [`grows: ${alternative.raw} (${Math.max(...shorter)} → ${Math.max(...longer)})`];
      return most > MAX_STEPS_PER_CHARACTER ? [`${Math.round(most)} steps a character: ${alternative.raw}`] : [];
    });

describe("a pattern that strangers' text is matched against takes steps in proportion to it", () => {
  it.each(FILES)("in %s", (path) => {
    expect(literalPatternsIn(path).flatMap(faultsOf)).toEqual([]);
  });

  describe("put together", () => {
    let patterns: readonly RegExp[] = [];
    beforeAll(async () => {
      patterns = await composedPatterns();
    });

    it("of phrases", () => {
      expect(patterns.length).toBeGreaterThan(25);
      expect(patterns.flatMap(faultsOf)).toEqual([]);
    });
  });
});

describe("a pattern that takes more", () => {
  it.each([
    /\s+$/,
    /exceed\w*.{0,40}quota/,
    /(?:a|a)*b/,
    /fail\w* (?:deliver|notice)/,
    /(?:\S+ ){0,3}\S+ exist/,
  ])("is found: %s", (pattern) => {
    expect(faultsOf(pattern)).not.toEqual([]);
  });
});
