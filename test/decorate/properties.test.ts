import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it, vi } from "vitest";
import { CopiedTokens } from "../../src/decorate/copied-tokens.ts";
import { editHtml } from "../../src/decorate/html.ts";
import { compile, decorate, type EmailSource } from "../../src/decorate/index.ts";
import { LinkRegister } from "../../src/decorate/links.ts";
import { FIRST_LINK, PIXEL } from "../../src/decorate/part.ts";
import { makePlaceholders } from "../../src/decorate/placeholder.ts";
import { HmacState } from "../../src/platform/hmac.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { ids } from "../tokens/arbitrary.ts";
import { KEYS } from "../tokens/keyring.ts";
import { decorateHtml, html, OPTIONS, ORIGIN, RECIPIENT, revealed, text } from "./mail.ts";
import { junk, soups, soupsOfTags } from "./soups.ts";

/** Links and images of the tree that the HTML standard builds, scripting off. */
function seenByBrowser(source: string) {
  const hrefs: string[] = [];
  const images: string[] = [];
  const walk = (node: DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document) => {
    if ("attrs" in node) {
      const get = (name: string) => node.attrs.find((each) => each.name === name)?.value;
      if (node.tagName === "a" || node.tagName === "area") hrefs.push(get("href") ?? "");
      if (node.tagName === "img") images.push(get("src") ?? "");
    }
    if ("childNodes" in node) node.childNodes.forEach(walk);
  };
  walk(parse(source, { scriptingEnabled: false }));
  return { hrefs, images };
}

const urlOf = (href: string | undefined) => href && new URL(href, "https://y.com").href;

/** Where a browser goes that finds this run of `source` in a href. */
function destinationWritten(source: string, start: number, end: number): string | undefined {
  const before = source[start - 1] ?? "";
  const quote = before === '"' || before === "'" ? before : " ";
  return urlOf(seenByBrowser(`<a href=${quote}${source.slice(start, end)}${quote}>`).hrefs[0]);
}

describe("any HTML at all", () => {
  it("comes out as it was where nothing is decorated", () => {
    fc.assert(
      fc.property(fc.oneof(soups, junk), (source) => {
        expect(decorate(source, OPTIONS, { ...RECIPIENT, tracking: "none" }).html).toBe(source);
      }),
      runs(3000),
    );
  });

  it("changes only ranges that a browser reads as the decorated address", () => {
    fc.assert(
      fc.property(soups, (source) => {
        const register = new LinkRegister(OPTIONS);
        const placeholders = makePlaceholders([]);
        const edits = editHtml(source, {
          copiedTokens: new CopiedTokens(OPTIONS.keys, "html"),
          origin: ORIGIN,
          placeholders,
          register,
          honeypotLink: false,
          pixel: "end",
          unsubscribe: "list",
          hasVariables: false,
          variableCounts: new Map(),
          warnings: [],
          copied: [],
          hasHtml: true,
          untracked: [],
          optedOut: new Set(),
        });
        for (const { start, end, slot = PIXEL } of edits) {
          const url = register.links[slot - FIRST_LINK]?.url;
          if (slot === PIXEL) expect(end).toBe(start);
          else expect(destinationWritten(source, start, end)).toBe(urlOf(url));
        }
      }),
      runs(3000),
    );
  });

  it("keeps everything between the decorated addresses, in order", () => {
    fc.assert(
      fc.property(fc.oneof(soups, junk), (source) => {
        const kept = revealed(decorateHtml(source).html ?? "").split(/⟦[^⟧]*⟧/);
        let at = kept[0]?.length ?? 0;
        expect(source.slice(0, at)).toBe(kept[0]);
        for (const literal of kept.slice(1)) {
          const found = source.indexOf(literal, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + literal.length;
        }
        expect(source.endsWith(kept.at(-1) ?? "")).toBe(true);
      }),
      runs(1000),
    );
  });

  it("gets one pixel", () => {
    fc.assert(
      fc.property(fc.oneof(soups, junk), (source) => {
        expect(revealed(decorateHtml(source).html ?? "").split("⟦pixel⟧")).toHaveLength(2);
      }),
      runs(500),
    );
  });

  it("has no web link left and the pixel in view, to a browser's parser", () => {
    fc.assert(
      fc.property(soupsOfTags, (source) => {
        const decorated = decorateHtml(source);
        const { hrefs, images } = seenByBrowser(decorated.html ?? "");
        expect(images.filter((src) => src.startsWith(`${ORIGIN}/o/`))).toHaveLength(1);
        // An address with half the email in it may well be malformed.
        fc.pre(decorated.warnings.every(({ code }) => code === "relative"));
        expect(hrefs.filter((href) => /^https?:\/\/x.com\/\d/.test(href))).toEqual([]);
      }),
      runs(3000),
    );
  });

  it("is the same decorated again", () => {
    fc.assert(
      fc.property(soups, (source) => {
        const once = decorateHtml(source).html ?? "";
        expect(decorateHtml(once).html).toBe(once);
      }),
      runs(500),
    );
  });
});

describe("addresses of any kind", () => {
  const spaces = fc.constantFrom("", " ", "\n", "\t \r\n");
  const quotes = fc.constantFrom('"', "'");
  const fronts = fc.constantFrom("http://x.com/", "https://例え.jp/?", "HTTPS://x.com:8443/#");
  // No controls, no halves of a pair, nothing that begins a placeholder.
  const isPlain = (character: string) =>
    character > " " && character !== "\u007f" && !/[{<%*$[~\ud800-\udfff]/u.test(character);
  const addresses = fc
    .tuple(fronts, fc.string({ unit: "binary", maxLength: 60 }))
    .map(([front, rest]) => front + [...rest].filter(isPlain).join(""));

  it("are decorated as they read once entities are decoded, and nothing else of the tag changes", () => {
    fc.assert(
      fc.property(addresses, quotes, spaces, spaces, (url, quote, before, after) => {
        const value = url.replaceAll("&", "&amp;").replaceAll(quote, `&#${quote.charCodeAt(0)};`);
        const source = (href: string) => `<a id=x${before} href${before}=${after}${quote}${href}${quote}/>é`;
        expect(html(source(before + value + after))).toBe(source(`⟦${url}⟧`));
      }),
      runs(2000),
    );
  });
});

describe("any plain text", () => {
  it("comes out as it was but for decorated addresses", () => {
    const scraps = [...'https://x.com/a http:// < > ( ) [ ] . , *| %% {{a}} " x \n é 🦭 \0'.split(" "), " "];
    const texts = fc.array(fc.constantFrom(...scraps), { maxLength: 30 }).map((all) => all.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, junk), (source) => {
        expect(text(source).replace(/[⟦⟧]/g, "")).toBe(source);
      }),
      runs(2000),
    );
  });
});

describe("a compiled template", () => {
  it("renders what decorating each time would", () => {
    const tracking = fc.constantFrom("full" as const, "anonymous" as const, "none" as const);
    const recipients = fc.record({ email: ids, person: ids, campaign: ids, send: ids, tracking });
    fc.assert(
      fc.property(soups, soups, fc.array(recipients, { maxLength: 3 }), (html, text, all) => {
        const template = compile({ html, text }, OPTIONS);
        for (const recipient of all)
          expect(template.render(recipient)).toEqual(decorate({ html, text }, OPTIONS, recipient));
      }),
      runs(300),
    );
  });

  it("names the links of every copy alike", () => {
    fc.assert(
      fc.property(soups, (source) => {
        const template = compile(source, OPTIONS);
        expect(template.render(RECIPIENT).links).toEqual(template.links);
        expect(new Set(template.links.map(({ id }) => id)).size).toBe(template.links.length);
      }),
      runs(300),
    );
  });
});

describe("forged tokens in what is quoted", () => {
  const message = { email: "1", person: "tester", campaign: "5" };
  const unsubscribed = signToken(KEYS, "unsubscribe", message);
  const real = {
    c: signToken(KEYS, "click", { ...message, link: { id: "l", url: "https://x.com/a" } }),
    o: signToken(KEYS, "open", message),
    u: unsubscribed,
  };
  const path = (letter: keyof typeof real, nth: number, end = "") =>
    `/${letter}/${real[letter].slice(0, -12)}${String(nth).padStart(10, "0")}${end}`;
  const many = (count: number, write: (nth: number) => string) => Array.from({ length: count }, (_, n) => write(n));
  const quoted: readonly (readonly [string, (count: number) => string | EmailSource, string])[] = [
    ["addresses in HTML", (count) => many(count, (n) => `<a href="https://x.com${path("c", n)}">`).join(""), "html"],
    ["words in HTML", (count) => many(count, (n) => `<p>${path("u", n, "___")}`).join(""), "html"],
    ["text", (count) => ({ text: many(count, (n) => path("o", n, "___")).join(" ") }), "text"],
    ["long ones", (count) => ({ text: many(count / 400, (n) => path("c", n, "A".repeat(20_000))).join(" ") }), "text"],
    [
      "what a scanner has encoded",
      (count) => ({
        text: many(count, (n) => Buffer.from(`https://x.com${path("u", n)}`).toString("base64")).join(" "),
      }),
      "text",
    ],
  ];

  it.each(quoted)("cost little as %s: each is verified once, and too many are refused", (_where, write, field) => {
    const hmacs = vi.spyOn(HmacState.prototype, "digestInto");
    const bytesHashed = () => hmacs.mock.calls.reduce((sum, [message]) => sum + message.length, 0);
    try {
      expect(() => compile(write(15_000), OPTIONS)).toThrow(expect.objectContaining({ name: "DecorateError", field }));
      expect(hmacs.mock.calls.length).toBeLessThan(15_000);
      expect(bytesHashed()).toBeLessThan(3_000_000);
    } finally {
      hmacs.mockRestore();
    }
  });

  it("hide no real one, be they as many as a long mail has links", () => {
    const forged = many(1_000, (n) => `https://other.example${path("c", n)}`).join(" ");
    const { text: out = "" } = decorate({ text: `${forged} ${ORIGIN}/u/${unsubscribed}` }, OPTIONS, RECIPIENT);
    const token = out.slice(out.lastIndexOf("/u/") + "/u/".length);
    expect(verifyToken(KEYS, "unsubscribe", token)).toMatchObject({ value: { person: `${RECIPIENT.person}` } });
  });

  it("are refused in a variable's value, which they name", () => {
    const template = compile({ text: "{{name}}" }, { ...OPTIONS, variables: true });
    const name = many(5_000, (n) => path("u", n)).join(" ");
    expect(() => template.render({ ...RECIPIENT, variables: { name } })).toThrow("variables.name holds more tokens");
  });
});
