import { describe, expect, it } from "vitest";
import { decorateHtml, html, warnings } from "./mail.ts";

const codes = (href: string, text: string) => warnings(`<a href="${href}">${text}</a>`).map(([code]) => code);

describe("a link whose text is a web address", () => {
  it.each([
    ["https://evil.example/", "https://bank.example/login"],
    ["https://evil.example/", " bank.example "],
    ["https://evil.example/", "<b>www.bank</b>.example/a?b&amp;c."],
    ["https://evil.example/", "HTTP://BANK.EXAMPLE:8080"],
    ["https://shop.co.uk/", "bank.co.uk"],
    ["https://evil.example/?https://bank.example/", "https://bank.example/"],
    ["https://xn--bcher-kva.example/", "https://bucher.example/"],
    ["https://evil.example/", "https://evil.pdf/"],
    ["https://evil.example/", "Log in at https://bank.example now"],
    ["https://evil.example/", "https://bank.example/ »"],
    ["https://evil.example/", "→ bank.example"],
    ["https://evil.example/", "Go to www.bank.bank, now"],
    ["https://evil.example/", "(bank.co.uk)"],
    ["https://evil.example/", "请访问https://bank.example。"],
    ["https://evil.example/", "https://evil.example/ or https://bank.example/"],
    ["https://evil.example/", "https://bank.example/?to=evil.example"],
    ["https://evil.com/", "http://192.0.2.1/login"],
    ["https://evil.com/", "Open http://192.0.2.1:8080/login now"],
    ["http://198.51.2.1/", "http://192.0.2.1/"],
    ["https://evil.com/", "http://[2001:db8::1]/"],
    ["https://evil.com/", "bank．com"],
    ["https://evil.com/", "bank。com"],
    ["https://evil.com/", "Go to www．bank｡com now"],
    ["https://evil.com/", "bank&#8203;.com"],
    ["https://evil.com/", "ba&shy;nk.com/lo&ZeroWidthSpace;gin"],
    ["https://evil.com/", "https://localhost/"],
    ["https://evil.com/", "See https://intranet/login, or ask"],
    ["https://evil.com/", "https://bank.com@evil.com/"],
    ["https://evil.com/", "ｈｔｔｐｓ：／／ｂａｎｋ．ｃｏｍ"],
  ])("has a warning when it leads to another site: %s as %s", (href, text) => {
    expect(codes(href, text)).toEqual(["shows_other_host"]);
  });

  it.each([
    ["https://bank.example/login?id=7", "https://bank.example/"],
    ["https://www.bank.example/", "bank.example"],
    ["https://bank.example/", "https://login.bank.example/"],
    ["http://192.0.2.1/a", "http://192.0.2.1/"],
    ["http://192.0.2.1/a", "Open http://0xC0000201/, then go on"],
    ["http://[2001:db8::1]/a", "http://[2001:db8:0::1]/"],
    ["http://localhost:8787/a", "http://localhost:3000/"],
    ["https://bank.example/", "bank．example"],
    ["https://bank.example/", "https://anna@bank.example/"],
    ["https://a.bank.co.uk/", "b.bank.co.uk"],
    ["https://bücher.example/", "BÜCHER.example"],
    ["https://xn--bcher-kva.example/", "bücher.example"],
    ["https://www.bank.example/", "Log in at https://bank.example/ »"],
    ["https://bank.example/", "Go to bank.example/a?to=evil.example now"],
  ])("has none when it leads to the same site: %s as %s", (href, text) => {
    expect(codes(href, text)).toEqual([]);
  });

  it("is no address when it is words, a file, a number or an address of email", () => {
    for (const text of [
      "Read on",
      "Read all of Node.js in offer.pdf",
      "Ask first.last@bank.example or anna@bank.example.",
      "At 7 p.m.we meet.Then we go, e.g.to eat. And so on.Bye",
      "offer.pdf",
      "Node.js",
      "12.50",
      "v2.10",
      "a@bank.example",
      "",
      "<img alt='bank.example'>",
    ])
      expect(codes("https://evil.example/", text)).toEqual([]);
  });

  it("is read up to the link's end, and not in addresses that are no web links", () => {
    expect(warnings('<a href="https://x.com/">x</a> bank.example <a href="https://x.com/">y')).toEqual([]);
    expect(warnings('<a href="https://x.com/">x<a href="https://bank.example/">bank.example')).toEqual([]);
    expect(codes("mailto:a@x.com", "bank.example")).toEqual([]);
  });

  it("has none when another copy's URL is the text of its link, which is written anew, too", () => {
    const url = /https:[^"]+/.exec(decorateHtml('<a href="https://x.com/">x</a>').html ?? "")?.[0] ?? "";
    expect(codes(url, url)).toEqual(["copied"]);
    expect(html(`<a href="${url}">${url}</a>`)).toBe('<a href="⟦https://x.com/⟧">⟦https://x.com/⟧</a>');
  });

  it("is decorated all the same", () => {
    expect(decorateHtml('<a href="https://evil.example/">bank.example</a>').links).toHaveLength(1);
  });
});
