/** What editors, word processors and template languages make of emails, whole and broken. */
import { describe, expect, it } from "vitest";
import { decorate } from "../../src/decorate/index.ts";
import { decorateHtml, html, OPTIONS, RECIPIENT, revealed, warnings } from "./mail.ts";

const link = (href: string) => `<a href="${href}">x</a>`;

describe("the bytes around links", () => {
  it("leaves every address that is no link's alone", () => {
    const source = `<body background="https://x.com/1">
      <img src="https://x.com/2" srcset="https://x.com/3 1x, https://x.com/4 2x">
      <form action="https://x.com/5"><button formaction="https://x.com/6"></form><td background="https://x.com/7">
      <v:fill src="https://x.com/8"><video poster="https://x.com/9"><source src="https://x.com/10"></video>
      <blockquote cite="https://x.com/11">
      <div itemprop="url" content="https://x.com/12" style="background:url(https://x.com/13)">
      <object data="https://x.com/14"><embed src="https://x.com/15">
      <iframe src="https://x.com/16"></iframe>https://x.com/17`;
    expect(html(source)).toBe(source);
    expect(warnings(source)).toEqual([]);
  });

  it("keeps line ends of all kinds, byte order marks and NULs", () => {
    const around = (one: string) =>
      `\ufeff\r\n<!doctype html>\r\n<p\r\nclass=a>\0\r\r\n\n${one}\0\r\n<b\0 id="\0">\ufeff</b>\r\n`;
    expect(html(around(link("https://x.com/a")))).toBe(around(link("⟦https://x.com/a⟧")));
  });

  it("reads what browsers read where an address holds a line end or a NUL", () => {
    expect(html(link("\r\nhttps://x.com/\r\n  a\rb\0c\r\n"))).toBe(link("⟦https://x.com/  ab\ufffdc⟧"));
  });

  it("takes an entity without a semicolon for one only where a browser does within an attribute", () => {
    const query = "https://x.com/?a=1&copy=1&reg;=2&notit;&lt=3&ltb&amp&para&yen";
    expect(html(link(query))).toBe(link("⟦https://x.com/?a=1&copy=1®=2&notit;&lt=3&ltb&¶¥⟧"));
    expect(html(`<a href=${query}>`)).toBe("<a href=⟦https://x.com/?a=1&copy=1®=2&notit;&lt=3&ltb&¶¥⟧>");
  });

  it("reads tags whose quotes an editor has doubled, turned or lost", () => {
    expect(html(`<a href='https://x.com/a'' title='b'>`)).toBe(`<a href='⟦https://x.com/a⟧'' title='b'>`);
    expect(html(`<a href="https://x.com/a"" title="b">`)).toBe(`<a href="⟦https://x.com/a⟧"" title="b">`);
    expect(html(`<a href=https://x.com/a">`)).toBe(`<a href=⟦https://x.com/a"⟧>`);
    for (const source of ['<a href=""https://x.com/a"">', "<a href=“https://x.com/a”>", "<a href='\"https://x.com\"'>"])
      expect(html(source)).toBe(source);
    expect(html(`<a href="https://x.com/a>x</a> <a href="https://x.com/b">y</a>`)).toBe(
      `<a href="https://x.com/a>x</a> <a href="https://x.com/b">y</a>`,
    );
  });
});

describe("comments in comments", () => {
  it("are one to browsers up to the first end, and to Outlook as well", () => {
    expect(
      html(
        `<!--[if mso]><!--[if gte mso 9]>${link("https://x.com/1")}<![endif]-->${link("https://x.com/2")}<![endif]-->`,
      ),
    ).toBe(
      `<!--[if mso]><!--[if gte mso 9]>${link("https://x.com/1")}<![endif]-->${link("⟦https://x.com/2⟧")}<![endif]-->`,
    );
    expect(html(`<!-- off: <!--[if mso]>${link("https://x.com/1")}<![endif]-->${link("https://x.com/2")}-->`)).toBe(
      `<!-- off: <!--[if mso]>${link("https://x.com/1")}<![endif]-->${link("⟦https://x.com/2⟧")}-->`,
    );
  });

  it("are none where a condition is open to all: downlevel-revealed, whatever is in and around it", () => {
    const source = (href: string) =>
      `<![if !mso]><!--[if IE]>${link(href)}<![endif]--><![if gt IE 8]>${link(href)}<![endif]><![endif]>${link(href)}`;
    expect(html(source("https://x.com/a"))).toBe(source("⟦https://x.com/a⟧"));
  });
});

describe("emails out of all proportion", () => {
  const count = 2_000;
  const many = Array.from({ length: count }, (_, n) => link(`https://x.com/${n}`)).join("\n");

  it("decorates thousands of links, each with an id of its own", () => {
    const { html: out = "", links } = decorateHtml(many);
    expect(links).toHaveLength(count);
    expect(new Set(links.map(({ id }) => id)).size).toBe(count);
    expect(revealed(out).replace("⟦pixel⟧", "")).toBe(many.replace(/https:[^"]*/g, "⟦$&⟧"));
  });

  it("decorates the same link thousands of times, each with an id of its own", () => {
    const { links } = decorateHtml(link("https://x.com/").repeat(count));
    expect(new Set(links.map(({ id }) => id)).size).toBe(count);
  });

  it.each([
    "<p>Grüße 🦭\r\n",
    "<!--[if mso]>",
    '<a title="',
    "<svg><desc>",
  ])("comes through a megabyte of %j with every byte", (piece) => {
    const source = piece.repeat(1_000_000 / piece.length) + link("https://x.com/a");
    const { html: out } = decorate(source, OPTIONS, { ...RECIPIENT, tracking: "none" });
    expect(out === source).toBe(true);
  });

  it("names a link of sixteen kilobytes in a warning and leaves it as it is", () => {
    for (const length of [16_384, 16_385, 1_000_000]) {
      const long = `https://x.com/${"a".repeat(length - 14)}`;
      expect(warnings(link(long))[0]).toEqual(["too_long", long]);
      expect(warnings({ text: `See ${long}.` })).toEqual([["too_long", long]]);
      expect(html(link(long)) === link(long)).toBe(true);
    }
  });
});
