import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskAddress } from "../../src/http/mask.ts";
import { maskId, maskPersonId, textMask } from "../../src/http/masked-text.ts";
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

describe("masking addresses in a text", () => {
  const MARIE = "marie@example.com";
  const mask = textMask([]);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const hex = (text: string) => Buffer.from(text).toString("hex");

  it.each([
    // Mail servers' words.
    ["550 5.1.1 <marie@example.com>: Recipient address rejected", "550 5.1.1 <m…@e…e.com>: Recipient address rejected"],
    ["no mailbox marie@example.com.", "no mailbox m…@e…e.com."],
    ["MARIE@EXAMPLE.COM,paul@x.org", "M…@E…E.COM,p…@….org"],
    ['"marie dupont"@example.com is unknown', '"…@e…e.com is unknown'],
    ["to=<marie@xn--bcher-kva.example>", "to=<m…@b…r.example>"],
    ["marie＠example.com, marie&#64;example.com, marie (at) example.com", "m…@e…e.com, m…@e…e.com, m…@e…e.com"],
    ["marie=40example.com", "m…@e…e.com"],
    ["bounces+marie=example.com@sender.example", "b…@s…r.example"],
    // URLs.
    ["https://x.example/?e=marie@example.com&n=1", "https://x.example/?e=m…@e…e.com&n=1"],
    ["https://x.example/?e=marie%40example.com#top", "https://x.example/?e=m…@e…e.com#top"],
    ["https://x.example/?e=marie%252540example.com", "https://x.example/?e=m…@e…e.com"],
    ["https://x.example/?e=%6D%61%72%69%65%40example%2Ecom", "https://x.example/?e=m…@e…e.com"],
    ["https://x.example/u/marie@example.com/edit", "https://x.example/u/m…@e…e.com/edit"],
    ["https://x.example/?e=bounces+marie=example.com@s.example", "https://x.example/?e=b…@….example"],
    ["mailto:marie@example.com?subject=Hi", "mailto:m…@e…e.com?subject=Hi"],
    ["https://marie@example.com:pass@x.example/", "https://m…@e…e.com:p…@….example/"],
    [`https://x.example/?e=${base64(MARIE)}`, "https://x.example/?e=m…@e…e.com"],
    [`https://x.example/${hex(MARIE)}/`, "https://x.example/m…@e…e.com/"],
    ["e=marie%40example.com&n=1", "e…@e…e.com&n=1"],
    // No address.
    ["https://shop.example/a%20b?price=40&utm_source=news#x", "https://shop.example/a%20b?price=40&utm_source=news#x"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
    ],
    ["452 4.2.2 mailbox full, try again at 09:01", "452 4.2.2 mailbox full, try again at 09:01"],
    ["", ""],
  ])("makes %j %j", (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  it("masks the name of an address that the text is about, where it is alone", () => {
    const masked = textMask([MARIE, "a+b@x.org"]);
    expect(masked("550 Marie: unknown; user=marie, mariella, a+b or a%2Bb")).toBe(
      "550 M…: unknown; user=m…, mariella, a… or a…",
    );
    expect(textMask(["groß@x.org"])("Groß, GROẞ and gro%C3%9F are unknown")).toBe("G…, G… and g… are unknown");
    expect(textMask(["…@x.org", "@x.org", "no address"])("nothing is left out")).toBe("nothing is left out");
  });

  it("leaves no address whole, whatever surrounds it and however often it is encoded", () => {
    const around = fc.stringMatching(/^[\x20-\x7e]{0,20}$/);
    const spelling = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      encodeURIComponent,
      (text) => encodeURIComponent(encodeURIComponent(text)),
    );
    fc.assert(
      fc.property(around, around, spelling, (before, after, spelled) => {
        const text = mask(before + spelled("zmarie@zexample.zcom") + after).toLowerCase();
        expect(text).not.toMatch(/zmarie.{0,8}zexample/);
      }),
      runs(1_000),
    );
  });

  it("never throws, and takes a time that grows as the text does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(typeof textMask([text])(text)).toBe("string");
      }),
      runs(1_000),
    );
    for (const part of ["%25", "@", '"', "[at", "&#0", "a.", "=40", "%40", " ", "a@", "http:"]) {
      mask(part.repeat(50_000));
    }
  });

  it.each([
    ["7", "7"],
    ["crm:marie.dupont", "crm:marie.dupont"],
    ["0b9f6c1e-6a0c-4c0e-9d3e-2f1f0a9b8c7d", "0b9f6c1e-6a0c-4c0e-9d3e-2f1f0a9b8c7d"],
    ["~anon-0123456789abcd", "~anon-0123456789abcd"],
    ["marie-at-example.com", "m…@e…e.com"],
    ["marie_example.com", "m…@e…e.com"],
    ["marie-example-com", "m…@e…e.com"],
    ["example.com:marie", "m…@e…e.com"],
    [base64(MARIE).replaceAll("=", ""), "m…@e…e.com"],
    [hex(MARIE), "m…@e…e.com"],
  ])("makes the person's id %j %j", (id, masked) => {
    expect(maskPersonId(id, [MARIE])).toBe(masked);
  });

  it("leaves another id that only looks like one", () => {
    expect(maskId("spring_2026.de", [])).toBe("spring_2026.de");
    expect(maskId("spring_marie.example.com", [MARIE])).toBe("m…@e…e.com");
  });
});
