import { describe, expect, it } from "vitest";
import { categoryOf, type SmtpRefusal } from "../../../src/delivery/classify.ts";
import { CASES } from "./cases.ts";
import { INVALID } from "./invalid.ts";
import { INVALID_ELSEWHERE } from "./invalid-elsewhere.ts";
import { INVALID_SPELLINGS } from "./invalid-spellings.ts";
import { NEVER_INVALID } from "./never-invalid.ts";
import { BLOCKED, MORE_BLOCKED, TECHNICAL, TEMPORARY, UNCLEAR } from "./other.ts";
import type { Refusal } from "./refusal.ts";
import { INVALID_BY_CODE, NEVER_BY_CODE, NEVER_BY_WORDS, OF_RECIPIENTS, UNREADABLE_BESIDE_CODE } from "./senders.ts";
import { DOMAINS_OF_NOBODY, NOT_OF_A_RECIPIENT } from "./server-parts.ts";
import { ABOUT_SOMEBODY_ELSE } from "./somebody-else.ts";

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

describe("who does not exist is known by what is said of a recipient, not by what is not said of a sender", () => {
  it.each([...NEVER_BY_WORDS, ...NOT_OF_A_RECIPIENT])("%s", (words) => {
    const refusals: SmtpRefusal[] = [
      { details: `550 ${words}` },
      { details: words },
      { details: `550 <a@example.com>: ${words}`, command: "RCPT" },
    ];
    for (const refusal of refusals) expect(categoryOf(refusal)).not.toBe(2);
  });

  it.each(DOMAINS_OF_NOBODY)("a domain in answer to RCPT: %s", (details) => {
    expect(categoryOf({ details, command: "RCPT" })).not.toBe(2);
  });

  it("a domain is the recipient's where the address in front of it is", () => {
    const details = "553 marie@nowhere.example domain does not exist in DNS";
    expect(categoryOf({ details, recipient: "Marie@nowhere.example" })).toBe(2);
    expect(categoryOf({ details, recipient: "jean@example.com" })).toBe(9);
  });

  it.each(Object.entries(ABOUT_SOMEBODY_ELSE))("said of somebody else, whatever the code: %s", (_, lists) => {
    const words = lists.flatMap((list) => list.split("|"));
    const invalid = words.filter((each) =>
      ["550 5.1.1", "550 5.1.0", "550"].some((code) => categoryOf({ details: `${code} ${each}` }) === 2),
    );
    expect(invalid).toEqual([]);
  });

  it("an address in a reply counts against it where it is not the recipient's", () => {
    const details = "550 5.1.1 <news@example.com>: User unknown";
    const categories = ["news@example.com", "NEWS@mx.example.com", "marie@example.com"].map((recipient) =>
      categoryOf({ details, recipient }),
    );
    expect(categories).toEqual([2, 2, 9]);
    const both = "550 5.1.1 <marie@example.com> refused: <news@shop.example>: User unknown";
    expect(categoryOf({ details: both, recipient: "marie@example.com" })).toBe(9);
    const help = [
      "Please contact the postmaster@example.com",
      "Contact it-service@b.example",
      "Write to us at <x@mx.example.com>",
    ];
    const helpful = help.map((whom) => `550 5.1.1 <marie@example.com>: User unknown. ${whom}`);
    expect(helpful.map((each) => categoryOf({ details: each, recipient: "marie@example.com" }))).toEqual([2, 2, 2]);
    const asked = "550 5.1.1 <marie@example.com> refused: cannot contact <news@shop.example>: User unknown";
    expect(categoryOf({ details: asked, recipient: "marie@example.com" })).not.toBe(2);
    const domain = "550 <marie@nowhere.example> refused: domain of <news@example.com> not found";
    expect(categoryOf({ details: domain, recipient: "marie@nowhere.example" })).toBe(9);
  });

  it.each(NEVER_BY_CODE)("5.1.1 %s", (words) => {
    expect(categoryOf({ details: `550 5.1.1 ${words}`, status: "5.1.1" })).not.toBe(2);
    expect(categoryOf({ details: `550 5.1.1 ${words}`, command: "RCPT" })).not.toBe(2);
  });

  it.each(UNREADABLE_BESIDE_CODE)("5.1.1 beside words that cannot be read: $words", ({ said }) => {
    const invalid = said.filter((words) => categoryOf({ details: `550 5.1.1 ${words}`, command: "RCPT" }) === 2);
    expect(invalid).toEqual([]);
  });

  it.each(INVALID_BY_CODE)("invalid with 5.1.1: %s", (words) => {
    expect(categoryOf({ details: `550 5.1.1 ${words}`, status: "5.1.1" })).toBe(2);
  });

  it.each(OF_RECIPIENTS)("%s", (words) => {
    expect(categoryOf({ details: `550 ${words}` })).toBe(2);
  });

  it("cPanel's guess about a domain is the recipient's where it names them, and no other server speaks", () => {
    const guess = "The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.";
    const details = `The mail server could not deliver mail to bounces@mail.example.com. ${guess}`;
    expect([details, `550-${details}`, guess].map((each) => categoryOf({ details: each }))).toEqual([9, 9, 9]);
    const recipient = "bounces@mail.example.com";
    expect([details, `550-${details}`, guess].map((each) => categoryOf({ details: each, recipient }))).toEqual([
      2, 9, 9,
    ]);
  });
});

it("a code of an unknown recipient counts alone, beside an address, and beside the first line of a reply", () => {
  const said = ["550 5.1.1", "550 5.1.1 <marie@example.com>", "550-5.1.1 The email account that you tried to"];
  expect(said.map((details) => categoryOf({ details, status: "5.1.1" }))).toEqual([2, 2, 2]);
});

it("a reply that is not read to its end names no invalid recipient", () => {
  const details = "550 5.1.1 <marie@example.com>: User unknown";
  expect(categoryOf({ details })).toBe(2);
  expect(categoryOf({ details, isCut: true })).toBe(9);
  expect(categoryOf({ details: `${details} ${"- ".repeat(1_000)}` })).toBe(9);
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
