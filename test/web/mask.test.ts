import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskAddress } from "../../src/web/mask.ts";
import { runs } from "../fuzz.ts";

const graphemes = (text: string) => Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);

/** Parts of addresses: no "@", and of a domain's name no "." either, so that the parts stay what they are. */
const locals = fc.string({ unit: "grapheme", maxLength: 80 }).filter((text) => !text.includes("@"));
const names = fc.string({ unit: "grapheme", maxLength: 60 }).filter((text) => !/[@.]/.test(text));
const ends = fc.stringMatching(/^\.[a-z]{2,10}$/);

describe("masking an address", () => {
  it.each([
    ["marie@example.com", "m…@e…e.com"],
    ["marie.dupont+news@lavande.example", "m…@l…e.example"],
    ["a@example.com", "…@e…e.com"],
    ["ab@example.com", "a…@e…e.com"],
    ["marie@x.org", "m…@….org"],
    ["marie@xy.org", "m…@x….org"],
    ["marie@gmx.de", "m…@g….de"],
    ["marie@mail.example.co.uk", "m…@m…o.uk"],
    ["postmaster@localhost", "p…@l…t"],
    ["zoé@é.fr", "z…@….fr"],
    ["用户@例子.测试", "用…@例….测试"],
    ["👩‍👩‍👧‍👦mail@example.com", "👩‍👩‍👧‍👦…@e…e.com"],
    ['"a@b"@example.com', '"…@e…e.com'],
    ["no address", "n…"],
    ["@", "…@…"],
    ["", "…"],
  ])("makes %j %j", (address, mask) => {
    expect(maskAddress(address)).toBe(mask);
  });

  it("shows at most one character of the name and two of the domain's", () => {
    fc.assert(
      fc.property(locals, names, ends, (local, name, end) => {
        const mask = maskAddress(`${local}@${name}${end}`);
        expect(mask.endsWith(end)).toBe(true);
        const [shownLocal = "", shownName = ""] = mask.slice(0, -end.length).split("@");
        expect(graphemes(shownLocal.replace("…", "")).length).toBeLessThanOrEqual(1);
        expect(graphemes(shownName.replace("…", "")).length).toBeLessThanOrEqual(2);
      }),
      runs(400),
    );
  });

  it("shows nothing of what is hidden, not even its length", () => {
    const middle = fc.stringMatching(/^[a-z0-9]{2,40}$/);
    fc.assert(
      fc.property(middle, middle, middle, middle, (a, b, c, d) => {
        expect(maskAddress(`m${a}@e${b}e.com`)).toBe(maskAddress(`m${c}@e${d}e.com`));
      }),
      runs(400),
    );
  });

  it("never throws, and always hides something", () => {
    const anything = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constant("\ud800@\udfff.\ud800"));
    fc.assert(
      fc.property(anything, (text) => {
        const mask = maskAddress(text);
        expect(mask).toContain("…");
        expect(mask.isWellFormed()).toBe(true);
      }),
      runs(2_000),
    );
  });
});
