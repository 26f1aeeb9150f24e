import { describe, expect, it } from "vitest";
import { categoryOf } from "../../../src/delivery/classify.ts";
import { CASES } from "./cases.ts";
import { INVALID } from "./invalid.ts";
import { INVALID_ELSEWHERE } from "./invalid-elsewhere.ts";
import { INVALID_SPELLINGS } from "./invalid-spellings.ts";
import { NEVER_INVALID } from "./never-invalid.ts";
import { BLOCKED, MORE_BLOCKED, TECHNICAL, TEMPORARY, UNCLEAR } from "./other.ts";
import type { Refusal } from "./refusal.ts";

const named = (refusals: readonly Refusal[]) =>
  refusals.map(([details, known = {}]) => ({ details, refusal: { ...known, details } }));

describe("an invalid recipient is named by", () => {
  describe.each(Object.entries({ ...INVALID, ...INVALID_ELSEWHERE, ...INVALID_SPELLINGS }))("%s", (_, refusals) => {
    it.each(named(refusals))("$details", ({ refusal }) => {
      expect(categoryOf(refusal)).toBe(2);
    });
  });
});

describe.each([
  ["blocked (1)", 1, [...BLOCKED, ...MORE_BLOCKED]],
  ["temporary (3)", 3, TEMPORARY],
  ["technical (4)", 4, TECHNICAL],
  ["unclear (9)", 9, UNCLEAR],
] as const)("%s, and no invalid recipient, is", (_, expected, refusals) => {
  it.each(named(refusals))("$details", ({ refusal }) => {
    expect(categoryOf(refusal)).toBe(expected);
  });
});

describe("no invalid recipient, whatever it is, is", () => {
  it.each(named(NEVER_INVALID))("$details", ({ refusal }) => {
    expect(categoryOf(refusal)).not.toBe(2);
  });
});

describe("what was once wrong is right", () => {
  it.each(CASES)("$details: $why", ({ category: expected, why: _, ...refusal }) => {
    expect(categoryOf(refusal)).toBe(expected);
  });
});

describe("a transient refusal", () => {
  const details = "450 4.1.1 <marie@example.com>: Recipient address rejected: User unknown in virtual alias table";

  it("is no invalid recipient, unless the mail system tried until it gave up", () => {
    expect(categoryOf({ details, status: "4.1.1" })).toBe(3);
    expect(categoryOf({ details, status: "4.1.1", gaveUp: true })).toBe(2);
  });

  it("without a word about the recipient is none either then", () => {
    expect(categoryOf({ details: "450 4.1.1 not now", status: "4.1.1", gaveUp: true })).toBe(3);
    expect(categoryOf({ details: "451 4.3.0 user unknown", status: "4.3.0", gaveUp: true })).toBe(4);
  });
});
