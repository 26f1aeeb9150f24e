import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { compile, type DecorateError, type DecorateOptions, decorate } from "../../src/decorate/index.ts";
import { standIn } from "../../src/tokens/pseudonym.ts";
import { openToken } from "../../src/tokens/verify.ts";
import { KEYS } from "../tokens/keyring.ts";
import { OPTIONS, ORIGIN, RECIPIENT, revealed } from "./mail.ts";
import { junk, soups, soupsOfTags } from "./soups.ts";

const WITH_TRAP: DecorateOptions = { ...OPTIONS, trapLink: true };
const MESSAGE = { email: "1042", person: "3918273", campaign: "88012" };
const TRAP = /<a href="https:\/\/t\.example\.com\/c\/([\w-]+)" tabindex="-1"[^>]*><\/a>/g;

const trapped = (html: string, recipient = RECIPIENT) => decorate(html, WITH_TRAP, recipient).html ?? "";

/** The claims of each trap in a decorated email. */
function trapsIn(html: string) {
  return [...html.matchAll(TRAP)].map(([, token = ""]) => {
    const opened = openToken(KEYS, "click", token);
    return opened.ok ? opened.value : opened.reason;
  });
}

/** The source with marks where trap and pixel came. */
const placed = (source: string) => revealed(trapped(source).replace(TRAP, "▴")).replace("⟦pixel⟧", "▪");

describe("the trap", () => {
  it("is not there unless asked for", () => {
    for (const trapLink of [false, undefined]) {
      const options = { ...OPTIONS, ...(trapLink === undefined ? {} : { trapLink }) };
      expect(trapsIn(decorate('<a href="https://x.com/a">', options, RECIPIENT).html ?? "")).toEqual([]);
    }
  });

  it("comes once, before the pixel, as a link named trap that leads where the first link does", () => {
    const source =
      '<body><a href="#top">0</a><a href="https://x.com/a?b&amp;c">1</a><a href="https://x.com/d">2</a></body>';
    expect(placed(source)).toBe(
      '<body><a href="#top">0</a><a href="⟦https://x.com/a?b&c⟧">1</a><a href="⟦https://x.com/d⟧">2</a>▴▪</body>',
    );
    expect(trapsIn(trapped(source))).toEqual([
      { ...MESSAGE, link: { id: "trap", url: "https://x.com/a?b&c" } },
    ]);
  });

  it("shows nothing, takes no room, and is out of the way of keys and screen readers", () => {
    const [trap = ""] = trapped('<a href="https://x.com/a">').match(TRAP) ?? [];
    expect(trap).toMatch(
      / tabindex="-1" aria-hidden="true" style="display:none!important;mso-hide:all;[^"]*"><\/a>$/,
    );
  });

  it("is no link of the email's, and in no plain text", () => {
    const email = { html: '<a href="https://x.com/a">1</a>', text: "1: https://x.com/a" };
    const [plain, withTrap] = [OPTIONS, WITH_TRAP].map((options) => decorate(email, options, RECIPIENT));
    expect(withTrap?.links).toEqual(plain?.links);
    expect(withTrap?.warnings).toEqual([]);
    expect(withTrap?.text).toBe(plain?.text);
    expect(compile(email, WITH_TRAP).links).toEqual(compile(email, OPTIONS).links);
    expect(decorate({ text: email.text }, WITH_TRAP, RECIPIENT).text).toBe(plain?.text);
  });

  it("comes only into HTML with a link that is sealed", () => {
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
      expect(trapsIn(decorate({ html, text: "https://x.com" }, WITH_TRAP, RECIPIENT).html ?? "")).toEqual([]);
  });

  it("names the stand-in in an anonymous copy, and is not there in one without tracking", () => {
    const html = '<a href="https://x.com/a">1</a>';
    const person = standIn(KEYS, MESSAGE);
    expect(trapsIn(trapped(html, { ...RECIPIENT, tracking: "anonymous" }))).toMatchObject([
      { ...MESSAGE, person },
    ]);
    expect(trapped(html, { ...RECIPIENT, tracking: "none" })).toBe(html);
  });

  it("comes no second time, nor into an email that has its pixel", () => {
    const once = trapped('<body><a href="https://x.com/a">1</a></body>');
    expect(trapped(once)).toBe(once);
    const more = trapped(once.replace("<body>", '<body><a href="https://x.com/b">2</a>'));
    expect(trapsIn(more)).toHaveLength(1);
    const without = decorate('<a href="https://x.com/a">1</a>', OPTIONS, RECIPIENT).html ?? "";
    expect(trapped(without)).toBe(without);
  });

  it("is left out of a copy whose ids make its address too long", () => {
    const template = compile(`<a href="https://x.com/${"a".repeat(1400)}">`, WITH_TRAP);
    expect(trapsIn(template.render(RECIPIENT).html ?? "")).toHaveLength(1);
    const long = template.render({ ...RECIPIENT, person: "p".repeat(64), campaign: "x".repeat(64) });
    expect(trapsIn(long.html ?? "")).toEqual([]);
    expect(long.warnings).toHaveLength(1);
  });

  it("is asked for by true, and by nothing else", () => {
    for (const trapLink of ["true", 1, null, {}])
      expect(() => compile("x", Object.assign({}, OPTIONS, { trapLink }))).toThrow(
        expect.objectContaining<Partial<DecorateError>>({ field: "trapLink" }),
      );
  });
});

/**
 * The text of the tree that the HTML standard builds, scripting off, and the links. One that the source leaves open ends where the
 * next begins, and can then be there twice, around nothing.
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

describe("a trap in any HTML at all", () => {
  it("is all that its copy has more than one without", () => {
    fc.assert(
      fc.property(fc.oneof(soups, junk), (source) => {
        const html = trapped(source);
        const plain = decorate(source, OPTIONS, RECIPIENT);
        expect(html.replace(TRAP, "")).toBe(plain.html);
        const hasLink = plain.links.length > 0 && plain.html?.includes("/o/");
        expect(trapsIn(html)).toHaveLength(hasLink ? 1 : 0);
        expect(trapped(html)).toBe(html);
      }),
      { numRuns: 1000 },
    );
  });

  it("adds a link without a text for a browser's parser, and takes away no text and no link", () => {
    fc.assert(
      fc.property(soupsOfTags, (source) => {
        const html = trapped(source);
        fc.pre(trapsIn(html).length === 1);
        const plain = seenByBrowser(decorate(source, OPTIONS, RECIPIENT).html ?? "");
        const { texts, hrefs } = seenByBrowser(html);
        expect(texts).toBe(plain.texts);
        expect(new Set(hrefs.filter((href) => !isTrap(href)))).toEqual(new Set(plain.hrefs));
      }),
      { numRuns: 1000 },
    );
  });
});

function isTrap(href: string): boolean {
  const opened = openToken(KEYS, "click", href.slice(`${ORIGIN}/c/`.length));
  return opened.ok && opened.value.link.id === "trap";
}
