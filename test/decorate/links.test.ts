import { describe, expect, it } from "vitest";
import { decorateHtml, html, ORIGIN, warnings } from "./mail.ts";

describe("the links of an email's HTML", () => {
  it("decorates the href of a and area, and nothing else of the tag", () => {
    expect(html('<a class="b" href="https://x.com/a" target=_blank>x</a>')).toBe(
      '<a class="b" href="⟦https://x.com/a⟧" target=_blank>x</a>',
    );
    expect(html('<map><area shape="rect" href="https://x.com/a"></map>')).toBe(
      '<map><area shape="rect" href="⟦https://x.com/a⟧"></map>',
    );
  });

  it("decodes &amp; before decorating (postal#1040, listmonk#844)", () => {
    expect(html('<a href="https://x.com/?a=1&amp;b=2&amp;amp;c">')).toBe('<a href="⟦https://x.com/?a=1&b=2&amp;c⟧">');
  });

  it("decodes numeric and named entities, and leaves an ampersand that begins none", () => {
    expect(html('<a href="https://x.com/&#x3f;q=&eacute;&#38;copy=1&b&copyx=2">')).toBe(
      '<a href="⟦https://x.com/?q=é&copy=1&b&copyx=2⟧">',
    );
  });

  it("keeps the fragment (mautic#4266)", () => {
    expect(html('<a href="https://x.com/a#part-2">')).toBe('<a href="⟦https://x.com/a#part-2⟧">');
  });

  it("keeps what is not ASCII (listmonk#3076)", () => {
    expect(html('<a href="https://例え.jp/パス?q=été&🦭">')).toBe('<a href="⟦https://例え.jp/パス?q=été&🦭⟧">');
  });

  it("keeps quotes and spaces within a URL", () => {
    expect(html(`<a href='https://x.com/a b?q="c d"'>`)).toBe(`<a href='⟦https://x.com/a b?q="c d"⟧'>`);
    expect(html(`<a href="https://x.com/l'été">`)).toBe(`<a href="⟦https://x.com/l'été⟧">`);
  });

  it("keeps a URL inside a URL's query", () => {
    expect(html('<a href="https://x.com/?to=https://y.com/?z=1&amp;t=http%3A%2F%2Fz.com">')).toBe(
      '<a href="⟦https://x.com/?to=https://y.com/?z=1&t=http%3A%2F%2Fz.com⟧">',
    );
  });

  it("keeps percent-escapes as they are spelled", () => {
    expect(html('<a href="https://x.com/%7euser/%20%20?off=100%25%25&amp;u=%C3%A9%c3%a9">')).toBe(
      '<a href="⟦https://x.com/%7euser/%20%20?off=100%25%25&u=%C3%A9%c3%a9⟧">',
    );
  });

  it("reads href with spaces around its equals sign", () => {
    expect(html('<a href = "https://x.com/a">')).toBe('<a href = "⟦https://x.com/a⟧">');
    expect(html("<a href\n=\n'https://x.com/a'>")).toBe("<a href\n=\n'⟦https://x.com/a⟧'>");
  });

  it("reads unquoted values", () => {
    expect(html("<a href=https://x.com/a?b=c&amp;d id=e>")).toBe("<a href=⟦https://x.com/a?b=c&d⟧ id=e>");
    expect(html("<a href=https://x.com/a/>")).toBe("<a href=⟦https://x.com/a/⟧>");
    expect(html("<a href= https://x.com>")).toBe("<a href= ⟦https://x.com⟧>");
  });

  it("reads upper-case names and schemes", () => {
    expect(html('<A TITLE=x HREF="HTTPS://X.com/A">')).toBe('<A TITLE=x HREF="⟦HTTPS://X.com/A⟧">');
  });

  it("drops the whitespace that browsers drop, and no other", () => {
    expect(html('<a href="\n  https://x.com/a\r\n\t  b \u00a0 ">')).toBe('<a href="⟦https://x.com/a  b \u00a0⟧">');
    expect(html("<a href=https://x.com/a\u000b id=b>")).toBe("<a href=⟦https://x.com/a⟧ id=b>");
    expect(html('<a href="&#10;https://x.com/&#9;a&nbsp;">')).toBe('<a href="⟦https://x.com/a\u00a0⟧">');
  });

  it("reads tags over several lines, with slashes and without spaces between attributes", () => {
    expect(html('<a\r\n\tid="a"href="https://x.com/a"/title=b\r\n>')).toBe(
      '<a\r\n\tid="a"href="⟦https://x.com/a⟧"/title=b\r\n>',
    );
    expect(html('<a/href="https://x.com/a"/>')).toBe('<a/href="⟦https://x.com/a⟧"/>');
  });

  it("decorates the first of two hrefs, which is the one that counts", () => {
    expect(html('<a href="https://x.com/1" HREF="https://x.com/2">')).toBe(
      '<a href="⟦https://x.com/1⟧" HREF="https://x.com/2">',
    );
  });

  it("is not misled by a greater-than sign or a tag within a value", () => {
    expect(html(`<a title="1 > 0 <a href='https://n.com'>" href="https://x.com/?a>b">`)).toBe(
      `<a title="1 > 0 <a href='https://n.com'>" href="⟦https://x.com/?a>b⟧">`,
    );
  });

  it("decorates nested links and links in anything that is displayed", () => {
    const around = (link: string) => `<noscript>${link}</noscript><svg><style>${link}</style></svg>${link}`;
    expect(html(around('<a href="https://x.com/1"><a href="https://x.com/2">'))).toBe(
      around('<a href="⟦https://x.com/1⟧"><a href="⟦https://x.com/2⟧">'),
    );
  });

  it("leaves a link without an address alone", () => {
    for (const source of ["<a>", '<a name="x">', "<a href>", '<a href="">', '<a href="  ">', "<a href=>"]) {
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([]);
    }
  });

  it("leaves what is no web link alone, without a warning", () => {
    const addresses = [
      "mailto:a@x.com?subject=https://x.com",
      "MAILTO:{{address}}",
      "tel:+33123",
      "sms:+33123",
      "#anchor",
      "#{{anchor}}",
      "ftp://x.com/a",
      "gopher://x.com",
      "javascript:location='https://x.com'",
      " javascript:void(0)",
      "data:text/html,https://x.com",
      "cid:part1",
      "myapp://open",
    ];
    for (const address of addresses) {
      const source = `<a href="${address}">`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([]);
    }
  });

  it("leaves link, base, form and images alone", () => {
    const source =
      '<link href="https://x.com/a.css"><form action="https://x.com">' +
      '<img src="https://x.com/a.png" href="https://x.com">';
    expect(html(source)).toBe(source);
  });

  it("leaves scripts, style sheets, titles and ordinary comments alone", () => {
    const link = '<a href="https://x.com/a">';
    for (const element of ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"]) {
      expect(html(`<${element}>${link}</${element} >${link}`)).toBe(
        `<${element}>${link}</${element} ><a href="⟦https://x.com/a⟧">`,
      );
    }
    expect(html(`<!-- ${link} --><!--> ${link} -->`)).toBe(`<!-- ${link} --><!--> <a href="⟦https://x.com/a⟧"> -->`);
    expect(html(`<plaintext>${link}`)).toBe(`<plaintext>${link}`);
    expect(html(`<script><!--<script>${link}</script>${link}--></script>${link}`)).toBe(
      `<script><!--<script>${link}</script>${link}--></script><a href="⟦https://x.com/a⟧">`,
    );
  });

  it("distinguishes titles of SVG from titles of pages", () => {
    const link = '<a href="https://x.com/a">';
    const signed = '<a href="⟦https://x.com/a⟧">';
    expect(html(`<svg><title>${link}</title></svg>`)).toBe(`<svg><title>${signed}</title></svg>`);
    expect(html(`<svg/><title>${link}</title>`)).toBe(`<svg/><title>${link}</title>`);
    expect(html(`<svg><p><title>${link}</title>`)).toBe(`<svg><p><title>${link}</title>`);
    expect(html(`<svg><foreignObject><style>${link}</style></foreignObject><style>${link}</style>`)).toBe(
      `<svg><foreignObject><style>${link}</style></foreignObject><style>${signed}</style>`,
    );
    // Tags that end a drawing wherever they are.
    for (const end of ["</p>", "</br>", "<font color=red>"])
      expect(html(`<svg>${end}<style>${link}</style>`)).toBe(`<svg>${end}<style>${link}</style>`);
    expect(html(`<svg><font><style>${link}</style>`)).toBe(`<svg><font><style>${signed}</style>`);
    expect(html(`<svg><![CDATA[ > ${link} ]]>${link}</svg><![CDATA[ > ${link} ]]>`)).toBe(
      `<svg><![CDATA[ > ${link} ]]>${signed}</svg><![CDATA[ > ${signed} ]]>`,
    );
  });

  it("reads elements and attributes that are named like properties of every object", () => {
    for (const name of ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf"]) {
      const around = (link: string) =>
        `<${name}>${link}</${name}><svg><${name} ${name}="1">${link}</${name}></svg><math ${name}><mi>${link}</math>`;
      expect(html(around(`<a ${name}=x href="https://x.com/a">`))).toBe(
        around(`<a ${name}=x href="⟦https://x.com/a⟧">`),
      );
    }
  });

  it("reads deeply nested SVG in linear time", () => {
    const source = `${"<svg>".repeat(100_000)}${"</x>".repeat(100_000)}`;
    expect(html(source)).toBe(source);
  });

  it("decorates no link twice: an email decorated again stays as it is", () => {
    const once = decorateHtml('<a href="https://x.com/a">x</a><a href="{{unsubscribe}}">u</a>').html ?? "";
    const again = decorateHtml(once);
    expect(again.html).toBe(once);
    expect(again.links.map(({ url }) => url)).toEqual(["https://x.com/a"]);
  });

  it("decorates links to other pages of the tracking host, and to pages of other hosts that look like ours", () => {
    for (const url of [`${ORIGIN}/c/`, `${ORIGIN}/o`, "https://y.com/c/abc", "http://t.example.com/c/abc"])
      expect(html(`<a href="${url}">`)).toBe(`<a href="⟦${url}⟧">`);
    expect(html(`<a href="${ORIGIN}/about">`)).toBe(`<a href="⟦${ORIGIN}/about⟧">`);
  });
});

describe("addresses that cannot be decorated", () => {
  it("leaves a malformed one alone and says so", () => {
    const addresses = [
      "http://",
      "https://exa mple.com/",
      "https:///path",
      "https:example.com",
      "http:\\\\x.com",
      "https://x.com:99999/",
      "https://[::1/",
      "https://x.com/a\u0001b",
      "https://x.com/\u007f",
      "https://x.com/\ud800",
      "//",
    ];
    for (const address of addresses) {
      const source = `<a href="${address}">x</a>`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([["malformed", address]]);
    }
  });

  it("leaves a relative one alone when there is no base", () => {
    for (const address of ["/a", "a/b.html", "?q", "www.example.com", "..", "\\\\x.com"]) {
      const source = `<a href="${address}">x</a>`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([["relative", address]]);
    }
  });

  it("resolves a relative one against the first base, wherever it is", () => {
    const source = (href: string) =>
      `<a href="${href}"><base target=_blank><base href="https://x.com/shop/"><base href="https://y.com/">`;
    expect(html(source("../sale?a=1&amp;b"))).toBe(source("⟦https://x.com/sale?a=1&b⟧"));
    expect(html(source("https://z.com"))).toBe(source("⟦https://z.com⟧"));
    expect(html(source("#top"))).toBe(source("#top"));
    expect(html(source("http:a"))).toBe(source("http:a"));
    expect(html(source("\\\\[::1"))).toBe(source("\\\\[::1"));
    expect(warnings(source("\\\\[::1"))).toEqual([["malformed", "\\\\[::1"]]);
  });

  it("has no use for a base that is relative, not of the web, or filled in later", () => {
    for (const base of ["/shop/", "ftp://x.com/", "https://{{host}}/", "{{base}}"]) {
      const source = `<base href="${base}"><a href="a">`;
      expect(html(source)).toBe(source);
      expect(warnings(source)).toEqual([["relative", "a"]]);
    }
  });

  it("takes an address without a scheme for https, or for the base's", () => {
    expect(html('<a href="//x.com/a">')).toBe('<a href="⟦https://x.com/a⟧">');
    expect(html('<base href="http://y.com"><a href="//x.com/a">')).toBe(
      '<base href="http://y.com"><a href="⟦http://x.com/a⟧">',
    );
  });

  it("leaves one alone that would be longer than 2,083 characters", () => {
    const fits = (length: number) => {
      const source = `<a href="https://x.com/${"a".repeat(length)}">`;
      const { html: out = "", links, warnings: all } = decorateHtml(source);
      const url = /href="([^"]*)/.exec(out)?.[1] ?? "";
      const wasSigned = url.startsWith(ORIGIN);
      expect(links.length).toBe(wasSigned ? 1 : 0);
      expect(all.map(({ code }) => code)).toEqual(wasSigned ? [] : ["too_long"]);
      if (!wasSigned) expect(out.startsWith(source)).toBe(true);
      return wasSigned ? url.length : undefined;
    };
    // Base64 grows by one or two characters a letter; with one letter or the other, some address has the full length.
    expect(Math.max(...Array.from({ length: 80 }, (_, i) => fits(1470 + i) ?? 0))).toBe(2083);
    expect(fits(1600)).toBeUndefined();
    expect(fits(20_000)).toBeUndefined();
  });
});
