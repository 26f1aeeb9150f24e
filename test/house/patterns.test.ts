/**
 * Anyone can send a mail to the bounce address or a request to the Worker, and a stranger's server writes what
 * providers hand on. So every pattern of the source takes steps in proportion to the text, on the worst that can be
 * made of its own words: there is none of which a stranger's text is sure to stay away.
 */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { AST } from "@eslint-community/regexpp";
import ts from "typescript";
import { describe, expect, it, vi } from "vitest";
import { alternativesOf, stepsOf } from "./regex-steps.ts";
import { limitOf, literalsOf, namedCharactersOf, pumpsOf, repeats } from "./regex-texts.ts";

/** The rooms of the source; "" for the files that are in none. */
const ROOMS = ["", ...globSync("src/*/").map((path) => basename(path))];
const EMAIL = {
  html: '<p>Hello <a href="https://a.example/">you</a>, <a href="{{unsubscribe}}">leave</a></p>',
  text: "Hello https://a.example/ {{unsubscribe}}",
};
const LENGTH = 150;
/** Several times as long as what patterns repeat a limited number of times. */
const LONG = 1_500;
/** Runs that take more have shown what they are. */
const MAX_STEPS = 100_000;
const MAX_STEPS_OF_LONG = 10_000_000;
/** Twice the text may take twice the steps; more than this is more than linear. */
const MAX_GROWTH = 2.6;
/** Below it, growth says nothing. */
const MIN_STEPS = 5_000;
/** Of one alternative, for each character of the text: at 2 ns a step, an email of 1 MiB takes 100 ms. */
const MAX_STEPS_PER_CHARACTER = 50;
/** Of what becomes of emails, patterns read texts that were cut: 100,000 characters take 40 ms. */
const MAX_STEPS_OF_CUT_TEXT = 200;
const maxStepsIn = (path: string) => (path.includes("src/delivery/") ? MAX_STEPS_OF_CUT_TEXT : MAX_STEPS_PER_CHARACTER);

/** The regular expressions in a source text. */
function literalPatternsIn(source: string, path = "source.ts"): readonly RegExp[] {
  const patterns: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      patterns.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    ts.forEachChild(node, visit);
  };
  const { Latest: languageVersion } = ts.ScriptTarget;
  // Without what is in comments, which takes a third of the time.
  const { ParseNone: jsDocParsingMode } = ts.JSDocParsingMode;
  visit(ts.createSourceFile(path, source, { languageVersion, jsDocParsingMode }));
  return patterns;
}

/** Regular expressions that the source puts together, when it is loaded or when it decorates an email. */
async function composedPatterns(): Promise<ReadonlyMap<RegExp, number>> {
  const patterns = new Map<RegExp, number>();
  const Original = RegExp;
  class Recorded extends Original {
    constructor(pattern: string | RegExp, flags?: string) {
      super(pattern, flags);
      const [, asking] = /(\/src\/.*)/.exec(new Error("who asks").stack ?? "") ?? [];
      if (asking !== undefined) patterns.set(new Original(pattern, flags), maxStepsIn(asking));
    }
  }
  vi.stubGlobal("RegExp", Recorded);
  try {
    vi.resetModules();
    await import("../../src/delivery/bounce-mail/index.ts");
    await import("../../src/bots/classify.ts");
    await import("../../src/eml/charset.ts");
    const { compile, parseTokenKeys } = await import("../../src/waxseal.ts");
    const keys = parseTokenKeys(`1:dev:${"AQEB".repeat(10)}AQE`);
    if (!keys.ok) throw new Error(keys.reason);
    const origin = "https://t.example";
    compile(EMAIL, { keys: keys.value, origin }).render({ email: 7, person: 7, campaign: 7 });
  } finally {
    vi.unstubAllGlobals();
  }
  return patterns;
}

/** Texts of some `length` characters that an alternative has most work with; their last one is in no pattern. */
function worstTexts(alternative: AST.Alternative, length: number): readonly string[] {
  const literals = literalsOf(alternative);
  const repeat = (text: string) => text.repeat(Math.ceil(length / Math.max(text.length, 1))).slice(0, length);
  const first = literals[0] ?? "a";
  return [
    ...pumpsOf(alternative).flatMap(({ prefix, unit }) => [prefix + repeat(unit), repeat(prefix + unit)]),
    ...literals.slice(0, 6).flatMap((literal) => [repeat(literal), repeat(`${literal} `)]),
    ...namedCharactersOf(alternative).map(repeat),
    repeat(literals.slice(0, -1).join(" ")),
    repeat(literals.slice(0, -1).join("")),
    `${first}${repeat(" ")}`,
    `${first} ${repeat("a ")}`,
    `${first}${repeat("a")}`,
  ].map((text) => `${text}\u0001`);
}

/** By the flags and the text of an alternative: many patterns are put together of the same ones. */
const known = new Map<string, string | undefined>();

const faultsOf = (pattern: RegExp, maxSteps = MAX_STEPS_PER_CHARACTER): readonly string[] =>
  alternativesOf(pattern)
    .filter(repeats)
    .flatMap((alternative) => {
      const key = `${maxSteps} ${pattern.flags}/${alternative.raw}`;
      if (!known.has(key)) known.set(key, faultOf(alternative, pattern.flags, maxSteps));
      return known.get(key) ?? [];
    });

function faultOf(alternative: AST.Alternative, flags: string, maxSteps: number): string | undefined {
  const stepsAt = (length: number, most: number) =>
    worstTexts(alternative, length).map((text) => stepsOf(alternative, flags, text, most));
  const shorter = stepsAt(LENGTH, MAX_STEPS);
  const longer = stepsAt(2 * LENGTH, MAX_STEPS);
  const growing = longer.findIndex((steps, nth) => steps > MIN_STEPS && steps > MAX_GROWTH * (shorter[nth] ?? 0));
  const limit = limitOf(alternative);
  const length = limit > maxSteps / 2 ? 4 * limit : 2 * LENGTH;
  const steps = length === 2 * LENGTH ? longer : stepsAt(length, length * (maxSteps + 1));
  const most = Math.max(...steps) / length;
  if (most > maxSteps) return `${Math.round(most)} steps a character: ${alternative.raw}`;
  if (growing === -1) return undefined;
  // What repeats at most so many times grows until the text is longer.
  const [some = 0, twice = 0] = [LONG, 2 * LONG].map((length) => {
    const text = worstTexts(alternative, length)[growing] ?? "";
    return stepsOf(alternative, flags, text, MAX_STEPS_OF_LONG);
  });
  return twice > MAX_GROWTH * some || some > MAX_STEPS_OF_LONG
    ? `grows: ${alternative.raw} (${some} → ${twice})`
    : undefined;
}

describe("a pattern of the source takes steps in proportion to the text", () => {
  it.each(ROOMS)("in src/%s", (room) => {
    const paths = room === "" ? globSync("src/*.ts") : globSync(`src/${room}/**/*.{ts,tsx}`);
    expect(paths).not.toEqual([]);
    const faults = paths.flatMap((path) =>
      literalPatternsIn(readFileSync(path, "utf8"), path)
        .flatMap((pattern) => faultsOf(pattern, maxStepsIn(path)))
        .map((fault) => `${path} ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it("that is put together of parts", async () => {
    const patterns = await composedPatterns();
    const parts = ["thunderbird", "proofpoint", "unsubscribe", "<bare>", "x80-", "forwarded"];
    expect(parts.filter((part) => ![...patterns.keys()].some(({ source }) => source.includes(part)))).toEqual([]);
    expect([...patterns].flatMap(([pattern, maxSteps]) => faultsOf(pattern, maxSteps))).toEqual([]);
  });
});

describe("a pattern that takes more", () => {
  it.each([
    /\s+$/,
    /exceed\w*.{0,40}quota/,
    /(?:a|a)*b/,
    /(a+)+$/,
    /=\s*["']?\s*\w/,
    /^x(?:[a-c]+,?)+$/,
    /fail\w* (?:deliver|notice)/,
    /from(?:ed|ing)x.*y/,
    /(?:\S+ ){0,3}\S+ exist/,
    /[\w.[\]-]{1,255}\/u/,
  ])("is found: %s", (pattern) => {
    expect(faultsOf(pattern)).not.toEqual([]);
  });

  it("is found in a provider's source", () => {
    const source = readFileSync("src/delivery/providers/mailgun.ts", "utf8");
    const planted = source.replace("export ", "const PLANTED = /(a+)+$/;\nexport ");
    expect(literalPatternsIn(planted).flatMap((pattern) => faultsOf(pattern))).toEqual([
      expect.stringContaining("(a+)+$"),
    ]);
  });
});
