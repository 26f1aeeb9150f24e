/** What a sender asks of all links: names, parameters for analytics, personal parameters; and mail of no list. */
import { describe, expect, it } from "vitest";
import { compile, DecorateError, decorate } from "../../src/decorate/index.ts";
import { decorateHtml, html, OPTIONS, RECIPIENT, text } from "./mail.ts";

const link = (href: string) => `<a href="${href}">x</a>`;

describe("parameters for analytics", () => {
  const utm = { source: "news letter", medium: "email", campaign: "été&co" };
  const ADDED = "utm_source=news%20letter&utm_medium=email&utm_campaign=%C3%A9t%C3%A9%26co";

  it.each([
    ["https://x.com", `https://x.com?${ADDED}`],
    ["https://x.com/a?", `https://x.com/a?${ADDED}`],
    ["https://x.com/a?b=%7e&é", `https://x.com/a?b=%7e&é&${ADDED}`],
    ["https://x.com/a?b&", `https://x.com/a?b&${ADDED}`],
    ["https://x.com/a#b?c#d", `https://x.com/a?${ADDED}#b?c#d`],
    ["https://x.com/a?b=?c#", `https://x.com/a?b=?c&${ADDED}#`],
    [
      "https://x.com/?utm_medium=&a=1",
      "https://x.com/?utm_medium=&a=1&utm_source=news%20letter&utm_campaign=%C3%A9t%C3%A9%26co",
    ],
    [
      "https://x.com/?utm%5Fsource=a&utm_mediums=b#c",
      "https://x.com/?utm%5Fsource=a&utm_mediums=b&utm_medium=email&utm_campaign=%C3%A9t%C3%A9%26co#c",
    ],
    [`https://x.com/?${ADDED}`, `https://x.com/?${ADDED}`],
    ["https://x.com/?%=%zz", `https://x.com/?%=%zz&${ADDED}`],
  ])("come before the fragment of %s, where they are missing", (url, expected) => {
    expect(html(link(url.replaceAll("&", "&amp;")), { utm })).toBe(link(`⟦${expected}⟧`));
    expect(text(`<${url}>`, { utm })).toBe(`<⟦${expected}⟧>`);
  });

  it("are not added to what is no decorated link", () => {
    const rest = '<a href="mailto:a@x.com"></a><a href="#a"></a><img src="https://x.com/a.png"><a href="tel:1"></a>';
    expect(html(`${rest}<a data-no-track href="https://x.com/">`, { utm })).toBe(
      `${rest}<a data-no-track href="https://x.com/">`,
    );
    expect(html(link("{{unsubscribe}}"), { utm })).toBe(link("⟦unsubscribe⟧"));
    const { html: untracked } = decorate(
      link("https://x.com/"),
      { ...OPTIONS, utm },
      { ...RECIPIENT, tracking: "none" },
    );
    expect(untracked).toBe(link("https://x.com/"));
  });

  it("do not change a link's id, and are added once to a copy that is decorated again", () => {
    const source = link("https://x.com/?a=1#b") + link("https://x.com/?a=1#b");
    const first = decorateHtml(source, { utm });
    expect(first.links.map(({ id }) => id)).toEqual(decorateHtml(source).links.map(({ id }) => id));
    expect(decorateHtml(first.html ?? "", { utm }).links).toEqual(first.links);
  });

  it("leave a link alone that they make too long", () => {
    const source = link(`https://x.com/${"a".repeat(1_400)}`);
    const long = decorateHtml(source, { utm: { content: "b".repeat(300) } });
    expect(long).toMatchObject({ links: [], warnings: [{ code: "too_long" }] });
    const longest = decorateHtml(link(`https://x.com/${"a".repeat(16_300)}`), { utm: { content: "b".repeat(300) } });
    expect(longest).toMatchObject({ links: [], warnings: [{ code: "too_long" }] });
  });
});

describe("a link's name", () => {
  it.each([
    ['<a data-link-name="Shop" href="https://x.com/">', '<a href="⟦https://x.com/⟧">', "Shop"],
    ["<a href=https://x.com/ data-link-name=' L’été\n &amp; co '>", "<a href=⟦https://x.com/⟧>", "L’été & co"],
    ['<a DATA-LINK-NAME=a href="https://x.com/"data-link-name=b>', '<a href="⟦https://x.com/⟧">', "a"],
    ['<v:rect data-link-name="Outlook" href="https://x.com/" />', '<v:rect href="⟦https://x.com/⟧" />', "Outlook"],
    ['<a data-link-name href="https://x.com/">', '<a href="⟦https://x.com/⟧">', undefined],
    [`<a href="https://x.com/" data-link-name="${"é".repeat(300)}">`, '<a href="⟦https://x.com/⟧">', "é".repeat(255)],
  ])("is read from %s, and removed", (source, expected, name) => {
    expect(html(source)).toBe(expected);
    expect(decorateHtml(source).links).toEqual([
      { id: expect.any(String), url: "https://x.com/", ...(name === undefined ? {} : { name }) },
    ]);
  });

  it("is removed where nothing is decorated, too", () => {
    expect(html('<a data-link-name=a data-no-track href="https://x.com/">')).toBe(
      '<a data-no-track href="https://x.com/">',
    );
    expect(html('<a data-link-name=a>b</a><a data-link-name=a href="mailto:b">')).toBe('<a>b</a><a href="mailto:b">');
    const source = '<a data-link-name="a" href="https://x.com/">';
    expect(decorate(source, OPTIONS, { ...RECIPIENT, tracking: "none" }).html).toBe('<a href="https://x.com/">');
  });

  it("makes one id of links that differ, also of the same link in the text", () => {
    const named = (person: number) => ({
      html: `<a data-link-name="Account" href="https://x.com/${person}">a</a><a href="https://x.com/${person}">b</a>`,
      text: `https://x.com/${person} https://x.com/${person}`,
    });
    const [one, other] = [1, 2].map((person) => decorate(named(person), OPTIONS, RECIPIENT).links);
    expect(one?.map(({ url, name }) => [url, name])).toEqual([
      ["https://x.com/1", "Account"],
      ["https://x.com/1", undefined],
    ]);
    expect(other?.[0]?.id).toBe(one?.[0]?.id);
    expect(other?.[1]?.id).not.toBe(one?.[1]?.id);
    const { links } = decorateHtml(
      '<a data-link-name=a href="https://x.com"><a data-link-name=a href="https://y.com">',
    );
    expect(new Set(links.map(({ id }) => id)).size).toBe(1);
    expect(links).toHaveLength(2);
  });
});

describe("personal parameters", () => {
  const personalParameters = ["uid", "töken"];

  it("leave the destination as it is, and are no part of a link's id", () => {
    const ids = [
      "https://x.com/?a=1",
      "https://x.com/?uid=1&amp;a=1",
      "https://x.com/?a=1&amp;t%C3%B6ken=b%20c&amp;uid",
    ].map((href) => {
      const { links } = decorateHtml(link(href), { personalParameters });
      expect(links[0]?.url).toBe(href.replaceAll("&amp;", "&"));
      return links[0]?.id;
    });
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toBe(decorateHtml(link("https://x.com/?a=1")).links[0]?.id);
    const [other] = decorateHtml(link("https://x.com/?a=2&amp;uid=1"), { personalParameters }).links;
    expect(other?.id).not.toBe(ids[0]);
  });

  it("count occurrences of the page, whatever they hold", () => {
    const { links } = decorateHtml(link("https://x.com/?uid=1") + link("https://x.com/?uid=2"), { personalParameters });
    const plain = decorateHtml(link("https://x.com/") + link("https://x.com/"));
    expect(links.map(({ id }) => id)).toEqual(plain.links.map(({ id }) => id));
  });
});

describe("an email of no list", () => {
  it("has no headers that offer to unsubscribe", () => {
    const { headers, message, html: out } = decorateHtml(link("https://x.com/"), { unsubscribe: "none" });
    expect(headers).toEqual({ "X-Waxseal-Message": message });
    expect(out).toContain("/c/");
  });

  it.each([
    { html: link("{{unsubscribe}}") },
    { html: "<p>{{ unsubscribe }}</p>" },
    { text: "{{unsubscribe}}" },
    { text: "Stop: *|UNSUB|*" },
  ])("has no placeholder for an unsubscribe link: %j", (source) => {
    const options = { ...OPTIONS, unsubscribe: "none", unsubscribePlaceholders: ["*|UNSUB|*"] } as const;
    expect(() => compile(source, options)).toThrow(DecorateError);
    expect(() => compile(source, options)).toThrow(/^unsubscribe is "none", but/);
  });

  it("makes this recipient's link of one that is quoted from another copy", () => {
    const quoted = decorateHtml(link("{{unsubscribe}}")).html ?? "";
    const { html: out } = decorate(quoted, { ...OPTIONS, unsubscribe: "none" }, { ...RECIPIENT, person: 8 });
    const [theirs, own] = [quoted, out].map((each) => /\/u\/[\w-]+/.exec(each ?? "")?.[0]);
    expect(own).toBeDefined();
    expect(own).not.toBe(theirs);
  });
});

describe("an email's description", () => {
  it("has its names and each of its links once, without personal values", () => {
    const source = {
      html: `<a data-link-name="Shop" href="https://x.com/s?uid=1#a">a</a>${link("https://x.com/?uid=1&amp;b=2")}
        <a data-link-name="Shop" href="https://x.com/s?uid=2">b</a>`,
      text: "https://x.com/t",
    };
    const template = compile(source, { ...OPTIONS, personalParameters: ["uid"], utm: { source: "n" } });
    expect(template.describe({ email: { id: 7, name: "News" }, campaign: "autumn" })).toEqual({
      email: { id: 7, name: "News" },
      campaign: "autumn",
      links: [
        { id: expect.any(String), name: "Shop", url: "https://x.com/s?utm_source=n#a" },
        { id: expect.any(String), url: "https://x.com/?b=2&utm_source=n" },
        { id: expect.any(String), url: "https://x.com/t?utm_source=n" },
      ],
    });
    expect(() => template.describe({ email: { id: "a b" } })).toThrow(/^email /);
  });
});

describe("a mistake in these options", () => {
  it.each([
    ["utm.sources", { utm: { sources: "a" } }],
    ["utm.source", { utm: { source: 1 } }],
    ["utm.term", { utm: { term: "\ud800" } }],
    ["personalParameters", { personalParameters: [""] }],
    ["unsubscribe", { unsubscribe: "nothing" }],
  ])("is named: %s", (field, options) => {
    expect(() => compile("", { ...OPTIONS, ...(options as object) })).toThrow(expect.objectContaining({ field }));
  });
});
