import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { compile, type DecorateError, type DecorateOptions, decorate } from "../../src/decorate/index.ts";
import { pseudonym } from "../../src/tokens/pseudonym.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { KEYS } from "../tokens/keyring.ts";
import { OPTIONS, ORIGIN, RECIPIENT, revealed } from "./mail.ts";
import { junk, soups, soupsOfTags } from "./soups.ts";

const WITH_HONEYPOT: DecorateOptions = { ...OPTIONS, honeypotLink: true };
const MESSAGE = { email: "1042", person: "3918273", campaign: "88012" };
const HONEYPOT = /<a href="https:\/\/t\.example\.com\/c\/([\w-]+)" tabindex="-1"[^>]*><\/a>/g;

const honeypotped = (html: string, recipient = RECIPIENT) => decorate(html, WITH_HONEYPOT, recipient).html ?? "";

/** The claims of each honeypot in a decorated email. */
function honeypotsIn(html: string) {
  return [...html.matchAll(HONEYPOT)].map(([, token = ""]) => {
    const opened = verifyToken(KEYS, "click", token);
    return opened.ok ? opened.value : opened.reason;
  });
}

/** The source with markers where honeypot link and pixel are. */
const placed = (source: string) => revealed(honeypotped(source).replace(HONEYPOT, "▴")).replace("⟦pixel⟧", "▪");

describe("the honeypot link", () => {
  it("is not there by default", () => {
    for (const honeypotLink of [false, undefined]) {
      const options = { ...OPTIONS, ...(honeypotLink === undefined ? {} : { honeypotLink }) };
      expect(honeypotsIn(decorate('<a href="https://x.com/a">', options, RECIPIENT).html ?? "")).toEqual([]);
    }
  });

  it("is once, before the pixel, with the id honeypot and the destination of the first link", () => {
    const source =
      '<body><a href="#top">0</a><a href="https://x.com/a?b&amp;c">1</a><a href="https://x.com/d">2</a></body>';
    expect(placed(source)).toBe(
      '<body><a href="#top">0</a><a href="⟦https://x.com/a?b&c⟧">1</a><a href="⟦https://x.com/d⟧">2</a>▴▪</body>',
    );
    expect(honeypotsIn(honeypotped(source))).toEqual([
      { ...MESSAGE, link: { id: "honeypot", url: "https://x.com/a?b&c" } },
    ]);
  });

  it("shows nothing, takes no room, and is out of reach of keyboards and screen readers", () => {
    const [honeypot = ""] = honeypotped('<a href="https://x.com/a">').match(HONEYPOT) ?? [];
    expect(honeypot).toMatch(
      / tabindex="-1" aria-hidden="true" style="display:none!important;mso-hide:all;[^"]*"><\/a>$/,
    );
  });

  it("is not among the links of the email, and not in plain text", () => {
    const email = { html: '<a href="https://x.com/a">1</a>', text: "1: https://x.com/a" };
    const [plain, withHoneypot] = [OPTIONS, WITH_HONEYPOT].map((options) => decorate(email, options, RECIPIENT));
    expect(withHoneypot?.links).toEqual(plain?.links);
    expect(withHoneypot?.warnings).toEqual([]);
    expect(withHoneypot?.text).toBe(plain?.text);
    expect(compile(email, WITH_HONEYPOT).links).toEqual(compile(email, OPTIONS).links);
    expect(decorate({ text: email.text }, WITH_HONEYPOT, RECIPIENT).text).toBe(plain?.text);
  });

  it("is added only to HTML with a decorated link", () => {
    for (const html of [
      "",
      "<p>x</p>",
      '<a href="mailto:a@x.com">x</a>',
      '<a href="#x">x</a>',
      '<a href="/relative">x</a>',
      '<a data-no-track href="https://x.com">x</a>',
      '<a href="{{unsubscribe}}">x</a>',
      `<a href="https://x.com/${"a".repeat(2_000)}">x</a>`,
    ])
      expect(honeypotsIn(decorate({ html, text: "https://x.com" }, WITH_HONEYPOT, RECIPIENT).html ?? "")).toEqual([]);
  });

  it("names the pseudonym in an anonymous copy, and is not there in one without tracking", () => {
    const html = '<a href="https://x.com/a">1</a>';
    const person = pseudonym(KEYS, MESSAGE);
    expect(honeypotsIn(honeypotped(html, { ...RECIPIENT, tracking: "anonymous" }))).toMatchObject([
      { ...MESSAGE, person },
    ]);
    expect(honeypotped(html, { ...RECIPIENT, tracking: "none" })).toBe(html);
  });

  it("is not added twice, and belongs to the copy, not to the one that was its source", () => {
    const once = honeypotped('<body><a href="https://x.com/a">1</a></body>');
    expect(honeypotped(once)).toBe(once);
    const more = honeypotped(once.replace("<body>", '<body><a href="https://x.com/b">2</a>'));
    expect(honeypotsIn(more)).toEqual([{ ...MESSAGE, link: { id: "honeypot", url: "https://x.com/b" } }]);
    const without = decorate(once, OPTIONS, RECIPIENT).html ?? "";
    expect(honeypotsIn(without)).toEqual([]);
    expect(honeypotped(without)).toBe(once);
  });

  it("is left out of a copy whose ids make its address too long", () => {
    const template = compile(`<a href="https://x.com/${"a".repeat(1400)}">`, WITH_HONEYPOT);
    expect(honeypotsIn(template.render(RECIPIENT).html ?? "")).toHaveLength(1);
    const long = template.render({ ...RECIPIENT, person: "p".repeat(64), campaign: "x".repeat(64) });
    expect(honeypotsIn(long.html ?? "")).toEqual([]);
    expect(long.warnings).toHaveLength(1);
  });

  it("is added for true, and for nothing else", () => {
    for (const honeypotLink of ["true", 1, null, {}])
      expect(() => compile("x", Object.assign({}, OPTIONS, { honeypotLink }))).toThrow(
        expect.objectContaining<Partial<DecorateError>>({ field: "honeypotLink" }),
      );
  });
});

/**
 * The text and the links of the tree that the HTML standard builds with scripting off. A link that the source leaves
 * open ends where the next begins, and may then occur twice, the second time empty.
 */
function seenByBrowser(source: string) {
  const texts: string[] = [];
  const hrefs: string[] = [];
  const walk = (node: DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document) => {
    if ("attrs" in node) for (const { name, value } of node.attrs) if (name === "href") hrefs.push(value);
    if (node.nodeName === "#text" && "value" in node) texts.push(node.value);
    if ("childNodes" in node) node.childNodes.forEach(walk);
  };
  walk(parse(source, { scriptingEnabled: false }));
  return { texts: texts.join(""), hrefs };
}

describe("a honeypot link in any HTML at all", () => {
  it("is the only difference to a copy without it", () => {
    fc.assert(
      fc.property(fc.oneof(soups, junk), (source) => {
        const html = honeypotped(source);
        const plain = decorate(source, OPTIONS, RECIPIENT);
        expect(html.replace(HONEYPOT, "")).toBe(plain.html);
        const hasLink = plain.links.length > 0 && plain.html?.includes("/o/");
        expect(honeypotsIn(html)).toHaveLength(hasLink ? 1 : 0);
        expect(honeypotped(html)).toBe(html);
      }),
      runs(1000),
    );
  });

  it("adds a link without a text for a browser's parser, and takes away no text and no link", () => {
    fc.assert(
      fc.property(soupsOfTags, (source) => {
        const html = honeypotped(source);
        fc.pre(honeypotsIn(html).length === 1);
        const plain = seenByBrowser(decorate(source, OPTIONS, RECIPIENT).html ?? "");
        const { texts, hrefs } = seenByBrowser(html);
        // Without white space, which a browser moves out of a table when a link is beside it.
        expect(texts.replace(/\s/g, "")).toBe(plain.texts.replace(/\s/g, ""));
        expect(new Set(hrefs.filter((href) => !isHoneypot(href)))).toEqual(new Set(plain.hrefs));
      }),
      { ...runs(1000), examples: [["<table>\t<a href=https://x.com/9]]><script><"]] },
    );
  });
});

function isHoneypot(href: string): boolean {
  const opened = verifyToken(KEYS, "click", href.slice(`${ORIGIN}/c/`.length));
  return opened.ok && opened.value.link.id === "honeypot";
}
