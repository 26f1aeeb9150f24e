import { describe, expect, it } from "vitest";
import { compile } from "../../src/decorate/index.ts";
import { OPTIONS, RECIPIENT, revealed, text, warnings } from "./mail.ts";

describe("a decorated URL in running text", () => {
  const source = { html: "<p>{{unsubscribe}}</p>", text: "See https://x.com/a\n\nUnsubscribe: {{unsubscribe}}" };
  const recipients = Array.from({ length: 600 }, (_, n) => ({
    ...RECIPIENT,
    person: "p".repeat(1 + (n % 3)),
    campaign: n,
  }));
  const copies = recipients.map((recipient) => compile(source, OPTIONS).render(recipient));

  it("ends in a letter or digit, because mail clients leave - and _ out of links", () => {
    const ends = copies.flatMap(({ html = "", text = "" }) =>
      [...`${html} ${text}`.matchAll(/https:\/\/t\.example\.com\/[cu]\/[^\s<"]+/g)].map(([url]) => url.at(-1)),
    );
    expect(ends.length).toBe(3 * copies.length);
    expect(ends.filter((end) => !/[A-Za-z0-9]/.test(end ?? ""))).toEqual([]);
  });

  it("is a whole token with perhaps /x behind it, which is ignored", () => {
    for (const { text = "", headers } of copies) {
      expect(revealed(text)).toBe("See ⟦https://x.com/a⟧\n\nUnsubscribe: ⟦unsubscribe⟧");
      expect(headers["List-Unsubscribe"]).toMatch(/^<https:\/\/t\.example\.com\/u\/[\w-]+>$/);
    }
    expect(copies.some(({ text = "" }) => /[-_]\/x$/.test(text))).toBe(true);
  });

  it("is kept apart from letters that the source puts right behind it", () => {
    const { text = "" } = compile({ text: "{{unsubscribe}}now {{unsubscribe}}{{unsubscribe}}" }, OPTIONS).render(
      RECIPIENT,
    );
    const url = /https:\/\/t\.example\.com\/u\/[\w-]+/.exec(text)?.[0] ?? "";
    expect(revealed(url)).toBe("⟦unsubscribe⟧");
    expect(text.replace(/([-_])\/x$/, "$1")).toBe(`${url}/xnow ${url}/x${url}`);
  });
});

describe("the links of a plain text", () => {
  it("decorates web addresses in running text", () => {
    expect(text("See https://x.com/a?b=c#d and\r\nHTTP://Y.com\n\nbye")).toBe(
      "See ⟦https://x.com/a?b=c#d⟧ and\r\n⟦HTTP://Y.com⟧\n\nbye",
    );
  });

  it("leaves trailing punctuation out", () => {
    for (const tail of [
      ".",
      ",",
      ";",
      ":",
      "!",
      "?",
      "...",
      "?!",
      "'",
      '"',
      "”",
      "’",
      "»",
      "。",
      "、",
      "*",
      "…",
      ".)",
    ]) {
      expect(text(`(x) https://x.com/a${tail}`)).toBe(`(x) ⟦https://x.com/a⟧${tail}`);
      expect(text(`https://x.com/a${tail} b`)).toBe(`⟦https://x.com/a⟧${tail} b`);
    }
  });

  it("leaves trailing punctuation of other scripts out", () => {
    for (const tail of ["،", "؟", "۔", "।", "։", "–", "—", "„", "«", "•", "¿", "‥", "…”"])
      expect(text(`https://x.com/a${tail} b`)).toBe(`⟦https://x.com/a⟧${tail} b`);
  });

  it("ends an address before a zero-width space or a direction mark, which nobody sees", () => {
    expect(text("https://x.com/a\u200b, \u202ahttps://x.com/b\u202c.")).toBe(
      "⟦https://x.com/a⟧\u200b, \u202a⟦https://x.com/b⟧\u202c.",
    );
    expect(text("https://x.com/می\u200cشود")).toBe("⟦https://x.com/می\u200cشود⟧");
  });

  it("keeps punctuation within", () => {
    const url = "https://x.com/a.b,c;d:e!f?g=h'i*j~k|l^m&n=o_";
    expect(text(`${url}.`)).toBe(`⟦${url}⟧.`);
  });

  it("leaves brackets out that were not opened inside, and keeps those that were", () => {
    expect(text("(see https://x.com/a)")).toBe("(see ⟦https://x.com/a⟧)");
    expect(text("(https://x.com/a_(b))")).toBe("(⟦https://x.com/a_(b)⟧)");
    expect(text("[https://x.com/a]: {https://y.com}")).toBe("[⟦https://x.com/a⟧]: {⟦https://y.com⟧}");
    expect(text("[x](https://x.com/a), [https://x.com](https://y.com)!")).toBe(
      "[x](⟦https://x.com/a⟧), [⟦https://x.com⟧](⟦https://y.com⟧)!",
    );
    expect(text("https://zh.x.org/三國志（游戏）、 （https://x.com）")).toBe(
      "⟦https://zh.x.org/三國志（游戏）⟧、 （⟦https://x.com⟧）",
    );
    expect(text("https://[2001:db8::1]/a?b[]=c https://x.com/a(")).toBe(
      "⟦https://[2001:db8::1]/a?b[]=c⟧ ⟦https://x.com/a⟧(",
    );
  });

  it("takes the address in angle brackets whole", () => {
    expect(text("<https://x.com/a.>, <https://x.com/a b?c=(>")).toBe("<⟦https://x.com/a.⟧>, <⟦https://x.com/a b?c=(⟧>");
    expect(text("<https://x.com/a b \t>, <https://x.com/\u0001>")).toBe(
      "<⟦https://x.com/a b⟧ \t>, <⟦https://x.com/⟧\u0001>",
    );
    expect(text("<URL:https://x.com/a.>")).toBe("<URL:⟦https://x.com/a.⟧>");
    expect(text("<https://x.com/b <c>")).toBe("<⟦https://x.com/b⟧ <c>");
  });

  it("leaves an address alone that angle brackets hold over several lines, with a warning", () => {
    for (const rest of ["\nb", " \r\n  b/c\n\td ", "\n> > b.", "\rb"]) {
      const wrapped = `https://x.com/a${rest}`;
      for (const before of ["<", "<URL:"]) {
        expect(text(`x ${before}${wrapped}>, https://x.com/z`)).toBe(`x ${before}${wrapped}>, ⟦https://x.com/z⟧`);
        expect(warnings({ text: `x ${before}${wrapped}>` })).toEqual([["wrapped", wrapped.trimEnd()]]);
      }
    }
    // What has words in it, a paragraph's end, or another bracket, is no address over several lines.
    for (const rest of [" is\nnew>", "\n\nb>", "\nb <c>", "\n"])
      expect(text(`<https://x.com/a${rest}`)).toBe(`<⟦https://x.com/a⟧${rest}`);
  });

  it.each([
    ["请访问https://example.com，谢谢", ["https://example.com"]],
    ["詳細はhttps://example.com/aをご覧ください。", ["https://example.com/a"]],
    ["見る https://example.com/a、https://example.com/b", ["https://example.com/a", "https://example.com/b"]],
    ["请访问https://example.com/谢谢", ["https://example.com/"]],
    ["https://example.comにアクセス", ["https://example.com"]],
    ["https://example.com/をご覧", ["https://example.com/"]],
    ["https://example.com:8080/a?b=c#d。次", ["https://example.com:8080/a?b=c#d"]],
    ["「https://example.com/a」、『https://example.com/b』", ["https://example.com/a", "https://example.com/b"]],
    ["https://example.com/a（詳細）", ["https://example.com/a"]],
    ["https://example.com/a；https://example.com/b！", ["https://example.com/a", "https://example.com/b"]],
    ["https://example.com/a》https://example.com/b……好", ["https://example.com/a", "https://example.com/b"]],
    ["https://example.com/a——谢谢 “https://example.com/b”是", ["https://example.com/a", "https://example.com/b"]],
    ["https://example.com/a　https://example.com/b～", ["https://example.com/a", "https://example.com/b"]],
    ["자세한 내용은 https://example.com/a에서 확인하세요", ["https://example.com/a"]],
    ["https://example.com/에서 https://example.com입니다.", ["https://example.com/", "https://example.com"]],
    ["https://example.com/%E6%97%A5%E6%9C%AC/aを", ["https://example.com/%E6%97%A5%E6%9C%AC/a"]],
    ["https://example.com/aｱｲｳ", ["https://example.com/a"]],
    ["详情见https://例子.公司的网站，https://예.한국에서", ["https://例子.公司", "https://예.한국"]],
    ["https://例子.中国谢谢 https://例子.公司名.cn", ["https://例子.中国", "https://例子.公司名.cn"]],
    ["https://example.com/a𠮷野家", ["https://example.com/a"]],
  ])("ends where readers of Chinese, Japanese or Korean end it: %s", (source, links) => {
    expect(compile({ text: source }, OPTIONS).links.map(({ url }) => url)).toEqual(links);
  });

  it.each([
    [
      "See https://example.com—it’s new, or https://example.com/a—and b",
      "https://example.com",
      "https://example.com/a",
    ],
    ["https://example.com–x https://example.com’s https://example.com's", ...Array(3).fill("https://example.com")],
    ["“https://example.com/a”and „https://example.com/b“und", "https://example.com/a", "https://example.com/b"],
    ["«https://example.com/a»et ‹https://example.com/b›ou", "https://example.com/a", "https://example.com/b"],
    ["https://example.com…more https://example.com/a…more", "https://example.com", "https://example.com/a"],
    [
      "https://example.com,or https://example.com!Now https://example.com(new)x",
      ...Array(3).fill("https://example.com"),
    ],
    ["https://example.comпривет https://example.comوشكرا", "https://example.com", "https://example.com"],
    ["https://a.example/a\u200cرا https://a.example\u200cرا", "https://a.example/a", "https://a.example"],
    ["https://example.com/aوشكرا https://example.com/bרק", "https://example.com/a", "https://example.com/b"],
    ["https://example.com/a،شكرا https://example.com/b؟هل", "https://example.com/a", "https://example.com/b"],
    ["https://example.com/a।फिर https://example.com/b።ከዚያ", "https://example.com/a", "https://example.com/b"],
    ["ดูที่https://example.com/aได้เลย https://example.comได้", "https://example.com/a", "https://example.com"],
    ["សូមមើលhttps://example.com/aនៅ https://example.com/bကို", "https://example.com/a", "https://example.com/b"],
    [
      "👉https://example.com/a👈 https://example.com🎉 https://example.com/b™",
      "https://example.com/a",
      "https://example.com",
      "https://example.com/b",
    ],
    ["https://example.com/a→次 https://example.com/b①", "https://example.com/a", "https://example.com/b"],
    [
      "_https://example.com/a_ |https://example.com/b| https://example.com/c_",
      "https://example.com/a",
      "https://example.com/b",
      "https://example.com/c_",
    ],
    ["https://example.com/a\u2060b https://example.com/b\u061cc", "https://example.com/a", "https://example.com/b"],
  ])("ends before what its readers take for words, quotes and pictures: %s", (source, ...links) => {
    const { html: _, text: decorated = "" } = compile({ text: source }, OPTIONS).render(RECIPIENT);
    expect(decorated.match(/https:\/\/t\.example\.com\/c\/[\w-]+/g)?.map((url) => revealed(url))).toEqual(
      links.map((url) => `⟦${url}⟧`),
    );
  });

  it.each([
    "https://en.wikipedia.org/wiki/Bose–Einstein_condensate",
    "https://es.wikipedia.org/wiki/¿Quién_engaña_a_Roger_Rabbit?action=a",
    "https://he.wikipedia.org/wiki/צה״ל",
    "https://ca.wikipedia.org/wiki/Il·lusió",
    "https://ar.wikipedia.org/wiki/2020م/USB-ذاكرة",
    "https://ru.wikipedia.org/wiki/DVDдиск",
    "https://th.wikipedia.org/wiki/ประเทศไทย",
    "https://xn--e1afmkfd.xn--p1ai/путь",
    "https://пример.рф/путь",
    "https://مثال.إختبار/صفحة",
    "https://i❤️.ws/☃",
    "https://user:p,s!s@example.com/a",
    "https://ja.wikipedia.org/wiki/日本",
    "https://ja.wikipedia.org/wiki/第2次世界大戦/概要?q=東京の地図&x=1#歴史",
    "https://ko.wikipedia.org/wiki/대한민국",
    "https://例え.jp/a",
    "https://www.nhkニュース.jp/",
    "https://例え.テスト",
    "https://fr.wikipedia.org/wiki/Équipe",
    "https://ru.wikipedia.org/wiki/Россия",
    "https://bücher.example/straße",
  ])("keeps the letters of a URL that is set apart: %s", (url) => {
    for (const [before, after] of [
      ["", ""],
      ["见 ", " 。"],
      ["（", "）"],
      ["URL：", "、次"],
    ] as const)
      expect(text(before + url + after)).toBe(`${before}⟦${url}⟧${after}`);
  });

  it("keeps what is not ASCII (listmonk#3076)", () => {
    expect(text("voir https://例え.jp/été?q=🦭, ou à l’adresse https://fr.x.org/L’Équipe")).toBe(
      "voir ⟦https://例え.jp/été?q=🦭⟧, ou à l’adresse ⟦https://fr.x.org/L’Équipe⟧",
    );
  });

  it("keeps a URL inside a URL's query", () => {
    expect(text("https://x.com/?to=https://y.com/a.")).toBe("⟦https://x.com/?to=https://y.com/a⟧.");
  });

  it("ends an address at a control character", () => {
    expect(text("https://x.com/a\u007fb https://x.com/a\u0000")).toBe(
      "⟦https://x.com/a⟧\u007fb ⟦https://x.com/a⟧\u0000",
    );
  });

  it("does not begin an address inside a word", () => {
    expect(text("xhttps://x.com ehttp://y.com")).toBe("xhttps://x.com ehttp://y.com");
    expect(text("はhttps://x.com/a")).toBe("は⟦https://x.com/a⟧");
  });

  it("leaves other schemes, bare names and a scheme alone", () => {
    const source = "mailto:a@x.com ftp://x.com www.x.com x.com/a http:// https://... http://)";
    expect(text(source)).toBe(source);
    expect(warnings({ text: source })).toEqual([]);
  });

  it("does not decode entities, which plain text has none of", () => {
    expect(text("https://x.com/?a=1&amp;b=2")).toBe("⟦https://x.com/?a=1&amp;b=2⟧");
  });

  it("leaves an address with a placeholder alone, with a warning, wherever the placeholder ends", () => {
    for (const [address, seen] of [
      ["https://x.com/{{name}}/a", "https://x.com/{{name}}/a"],
      ["https://x.com/{{ name }}/a", "https://x.com/{{"],
      ["https://x.com/{{ab name}}/a", "https://x.com/{{ab"],
      ["https://x.com/?u={{unsubscribe}}", "https://x.com/?u={{unsubscribe}}"],
      ["https://x.com/?u={{ unsubscribe }}", "https://x.com/?u={{"],
      ["https://x.com/{% if a %}", "https://x.com/{%"],
      ["https://x.com/?e=*|EMAIL|*", "https://x.com/?e=*|EMAIL|*"],
      ["https://x.com/*|IF:A B|*", "https://x.com/*|IF:A"],
      ["https://x.com/<%= id %>", "https://x.com/"],
      ["https://x.com/[[ id ]]", "https://x.com/[["],
      ["https://x.com/$\u007bid}", "https://x.com/$\u007bid}"],
      ["https://x.com/?e=%%email addr%%", "https://x.com/?e=%%email"],
    ] as const) {
      expect(text(`see ${address}.`)).toBe(`see ${address}.`);
      expect(warnings({ text: `see ${address} ` })).toEqual([["placeholder", seen]]);
    }
  });

  it("leaves what is malformed or too long alone, with a warning", () => {
    const source = `http://x.com:99999/ https://x.com/\ud800 https://x.com/${"a".repeat(2000)}`;
    expect(text(source)).toBe(source);
    expect(warnings({ text: source }).map(([code]) => code)).toEqual(["malformed", "malformed", "too_long"]);
  });

  it("reads junk in linear time", () => {
    for (const piece of [
      "https://x.com/(",
      "<https://",
      "http://)",
      "https://x/]",
      "((((",
      "{{ ",
      "<%",
      "\u0000https://",
      "<https://x\n",
      "<https://x \n y",
      "https://あ",
    ])
      expect(text(piece.repeat(2_000)).length).toBeGreaterThanOrEqual(1);
  });
});
