/** `{{name}}` in a template, filled for each recipient: what a value can be, and what it cannot become. */
import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { compile, type DecorateOptions, decorate, type EmailSource } from "../../src/decorate/index.ts";
import { runs } from "../fuzz.ts";
import { OPTIONS, RECIPIENT, revealed } from "./mail.ts";

type Values = Readonly<Record<string, string | number>>;

function filled(source: EmailSource, variables: Values, options: Partial<DecorateOptions> = {}) {
  const all = { ...OPTIONS, ...options, variables: true };
  const { html = "", text = "" } = decorate(source, all, { ...RECIPIENT, variables });
  return { html: revealed(html).replace("⟦pixel⟧", ""), text: revealed(text) };
}
const html = (source: string, variables: Values) => filled(source, variables).html;
const text = (source: string, variables: Values) => filled({ text: source }, variables).text;

const HOSTILE = `<b>"x"</b>'&amp; {{unsubscribe}} {{b}} https://evil.example/ --> \`=`;
const ESCAPED = "&lt;b&gt;&quot;x&quot;&lt;/b&gt;&#39;&amp;amp; {{unsubscribe}} {{b}} https://evil.example/ --&gt; `=";

describe("a variable in HTML", () => {
  it.each([
    ["<p>Dear {{ name }},</p>", "<p>Dear Marie,</p>"],
    ["{{name}}{{name}}", "MarieMarie"],
    ["<title>{{name}}</title>", "<title>Marie</title>"],
    [
      '<img alt="For {{name}}" src="https://x.com/{{name}}.png">',
      '<img alt="For Marie" src="https://x.com/Marie.png">',
    ],
    ["<!--[if mso]><style>a{}<![endif]--><p>{{name}}</p>", "<!--[if mso]><style>a{}<![endif]--><p>Marie</p>"],
    ["<!--[if mso]><p>{{name}}</p><![endif]-->", "<!--[if mso]><p>Marie</p><![endif]-->"],
    ['<a href="mailto:a@x.com?subject={{name}}">a</a>', '<a href="mailto:a@x.com?subject=Marie">a</a>'],
    ['<a href="#{{name}}">a</a><p style="width:{{n}}%">', '<a href="#Marie">a</a><p style="width:70%">'],
    ['<a data-no-track href="https://x.com/{{name}}">a</a>', '<a data-no-track href="https://x.com/Marie">a</a>'],
    ["{{unsubscribe}} {{n}}", "⟦unsubscribe⟧ 70"],
  ])("is filled in %s", (source, expected) => {
    expect(html(source, { name: "Marie", n: 70 })).toBe(expected);
  });

  it("becomes text and nothing else, whatever its value is", () => {
    expect(html("<p>{{a}}</p>", { a: HOSTILE })).toBe(`<p>${ESCAPED}</p>`);
    expect(html('<p title="{{a}}">', { a: HOSTILE })).toBe(`<p title="${ESCAPED}">`);
    expect(html("<!-- {{a}} -->", { a: HOSTILE })).toBe(`<!-- ${ESCAPED} -->`);
    expect(html("<p title={{a}}>", { a: 'x y="1"' })).toBe("<p title=x&#32;y&#61;&#34;1&#34;>");
    expect(html("<img src='/a?b={{a}}'>", { a: "'\"&= é" })).toBe("<img src='/a?b=%27%22%26%3D%20%C3%A9'>");
  });

  it("begins an address with a web address, mailto: or tel: only", () => {
    expect(html('<img src="{{a}}">', { a: "https://x.com/?a=1&b='2'" })).toBe(
      `<img src="https://x.com/?a=1&amp;b=&#39;2&#39;">`,
    );
    for (const a of ["javascript:alert(1)", " https://x.com", "data:text/html,x", "//x.com", ""])
      expect(() => html('<img src="{{a}}">', { a })).toThrow(expect.objectContaining({ field: "variables.a" }));
    expect(() => html('<p style="color:{{a}}">', { a: "red;top:0" })).toThrow(/^variables\.a /);
  });

  it.each([
    "<script>{{a}}</script>",
    "<style>{{a}}</style>",
    '<p onclick="f({{a}})">',
    "<svg><style>a{}<b></b>{{a}}</style></svg>",
    "<svg><script>{{a}}",
    '<iframe srcdoc="{{a}}">',
    '<a href=" javascript:f({{a}})">',
    '<img src="data:image/svg+xml,{{a}}">',
    "<p {{a}}>",
    "<p title={{ a }}>",
    '<a data-link-name="{{a}}" href="https://x.com">',
    "{{{a}}}",
    "{{#if a}}x{{/if}}",
    "{{first name}}",
    "{{}}",
  ])("is refused in %s, for every recipient at once", (source) => {
    expect(() => compile(source, { ...OPTIONS, variables: true })).toThrow(expect.objectContaining({ field: "html" }));
    expect(() => compile(source, OPTIONS)).not.toThrow();
  });
});

describe("a variable in plain text", () => {
  it("is filled as it is", () => {
    expect(text("Dear {{ name }},\n{{a}}", { name: "Ève & co", a: HOSTILE })).toBe(`Dear Ève & co,\n${HOSTILE}`);
    expect(() => compile({ text: "{{ a b }}" }, { ...OPTIONS, variables: true })).toThrow(
      expect.objectContaining({ field: "text" }),
    );
  });
});

describe("a variable in a link", () => {
  it.each([
    ["https://x.com/?uid={{ uid }}&amp;b=1#c", "https://x.com/?uid=a%20%26%2Fb&b=1#c"],
    ["https://x.com/{{uid}}/{{n}}", "https://x.com/a%20%26%2Fb/70"],
    ["{{url}}", "https://shop.example/?a=1&b='2'#c"],
    ["{{url}}/x{{n}}", "https://shop.example/?a=1&b='2'#c/x70"],
    ["https://{{host}}.example.com", "https://shop.example.com"],
    ["//x.com/{{n}}", "https://x.com/70"],
  ])("is a part of the signed destination: %s", (href, expected) => {
    const values = { uid: "a &/b", n: 70, url: "https://shop.example/?a=1&b='2'#c", host: "shop" };
    expect(html(`<a href="${href}">a</a>`, values)).toBe(`<a href="⟦${expected}⟧">a</a>`);
    const inText = href.startsWith("https:") ? `⟦${expected}⟧` : undefined;
    if (inText !== undefined) expect(text(`See ${href.replace("&amp;", "&")}.`, values)).toBe(`See ${inText}.`);
  });

  it("has one id in all copies, and is described by the template's address", () => {
    const source = {
      html: '<a href="https://x.com/?uid={{ uid }}&amp;t=1">a</a>',
      text: "https://x.com/?uid={{uid}}&t=1",
    };
    const template = compile(source, { ...OPTIONS, variables: true, utm: { source: "n" } });
    expect(template.variables).toEqual(["uid"]);
    const url = "https://x.com/?uid={{uid}}&t=1&utm_source=n";
    expect(template.describe({ email: 1 }).links).toEqual([{ id: expect.any(String), url }]);
    const [one, other] = [1, 2].map((uid) => template.render({ ...RECIPIENT, variables: { uid } }).links);
    expect(one).toEqual([{ id: template.links[0]?.id, url: url.replace("{{uid}}", "1") }]);
    expect(other).toEqual([{ id: template.links[0]?.id, url: url.replace("{{uid}}", "2") }]);
  });

  it("leads where the value says without tracking, and when it is too long to sign", () => {
    const source = { html: '<a href="https://x.com/{{a}}">a</a>', text: "https://x.com/{{a}}" };
    const options = { ...OPTIONS, variables: true };
    const untracked = decorate(source, options, { ...RECIPIENT, tracking: "none", variables: { a: "b&c" } });
    expect(untracked).toMatchObject({
      html: '<a href="https://x.com/b%26c">a</a>',
      text: "https://x.com/b%26c",
      links: [],
    });
    for (const length of [2_000, 20_000]) {
      const a = "a".repeat(length);
      const long = decorate(source, options, { ...RECIPIENT, variables: { a } });
      expect(long.html).toContain(`<a href="https://x.com/${a}">`);
      expect(long.links).toEqual([]);
      expect(long.warnings).toMatchObject([{ code: "too_long" }]);
    }
  });

  it.each([
    ["{{a}}", "javascript:alert(1)"],
    ["{{a}}", "https:///x"],
    ["https://{{a}}/", "evil.example/@x"],
    ["https://x{{a}}/", ":"],
  ])("is refused where it makes no web address: %s with %s", (href, a) => {
    for (const tracking of ["full", "none"] as const) {
      const copy = () =>
        decorate(`<a href="${href}">`, { ...OPTIONS, variables: true }, { ...RECIPIENT, tracking, variables: { a } });
      expect(copy).toThrow(expect.objectContaining({ name: "DecorateError" }));
    }
  });

  it("gives no link to the honeypot, which takes the first that is the same for everybody", () => {
    const source = '<a href="https://x.com/{{a}}">a</a><a href="https://y.com/">b</a>';
    const options = { ...OPTIONS, variables: true, honeypotLink: true };
    const { html: out = "" } = decorate(source, options, { ...RECIPIENT, variables: { a: 1 } });
    expect(revealed(out)).toMatch(/<a href="⟦https:\/\/y\.com\/⟧" tabindex/);
  });
});

describe("values", () => {
  it.each([
    ["is missing", {}],
    ["is missing", { constructor: "x" }],
    ["is neither a text nor a number", { a: true as unknown as string }],
    ["is neither a text nor a number", { a: Number.NaN }],
    ["holds a control character or half a surrogate pair", { a: "\0" }],
    ["holds a control character or half a surrogate pair", { a: "\ud800" }],
  ])("are checked for each recipient: %s in %j", (complaint, variables) => {
    expect(() => html("{{a}}", variables as Values)).toThrow(`variables.a ${complaint}`);
  });

  it("are not looked at when the template does not name them", () => {
    expect(html("{{a}}", { a: 1, b: Number.NaN, "c d": "" })).toBe("1");
  });

  it("hold no address of another copy, whose clicks would be somebody else's", () => {
    const { html: copy = "" } = decorate('<a href="https://x.com">', OPTIONS, RECIPIENT);
    const [url = ""] = /https:[^"]*/.exec(copy) ?? [];
    expect(() => text("{{a}}", { a: `see ${url}` })).toThrow(/^variables\.a holds a link of another copy/);
  });

  it("do not multiply without end", () => {
    const source = "{{a}}".repeat(2_000);
    expect(() => html(source, { a: "x".repeat(100_000) })).toThrow(/^variables /);
  });
});

describe("placeholders without the option", () => {
  it("are left for a later step", () => {
    const { html: out, warnings } = decorate('<a href="https://x.com/{{a}}">{{b}}</a>', OPTIONS, RECIPIENT);
    expect(out).toContain('<a href="https://x.com/{{a}}">{{b}}</a>');
    expect(warnings).toMatchObject([{ code: "placeholder" }]);
  });

  it("are named by a warning, unless the option says that a later step fills them", () => {
    const source = { html: "{{unsubscribe}} {{ a }} {{#if b}}<b>{{ a }}</b>{{/if}}", text: "{{c}} {{d}} {{e}}{{f}}" };
    const { variables: _, ...unsaid } = OPTIONS;
    expect(decorate(source, OPTIONS, RECIPIENT).warnings).toEqual([]);
    expect(decorate(source, unsaid, RECIPIENT).warnings).toEqual([
      {
        code: "unfilled",
        message: "{{ a }}, {{#if b}}, {{/if}}, {{c}}, {{d}} and 2 more: not filled, because there are no variables.",
      },
    ]);
    expect(decorate("<p>{{unsubscribe}} { {a} }</p>", unsaid, RECIPIENT).warnings).toEqual([]);
  });
});

describe("any value", () => {
  const contexts = [
    '<p title="{{a}}" id={{a}}>{{a}}</p><!-- {{a}} --><i>',
    "<title>{{a}}</title><textarea>{{a}}</textarea>",
    "<a href='https://x.com/{{a}}'>b</a><a href=https://x.com/?{{a}}>b</a><img src=/{{a}}.png alt='{{a}}'>",
    '<!--[if mso]><v:rect href="https://x.com/{{a}}" alt="{{a}}">{{a}}</v:rect><![endif]-->',
    "<svg><style></style><a xlink:href='#{{a}}'>{{a}}</a></svg><table>{{a}}<tr><td>{{a}}",
  ];

  it.each(contexts)("changes nothing of what a browser reads but its text: %s", (source) => {
    const template = compile(source, { ...OPTIONS, variables: true });
    for (const tracking of ["full", "none"] as const) {
      const shape = (a: string) =>
        shapeOf(parse(template.render({ ...RECIPIENT, send: 1, tracking, variables: { a } }).html ?? ""));
      const expected = shape("x");
      const value = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.string({ unit: hostileUnit }));
      fc.assert(
        fc.property(value, (a) => {
          fc.pre(!/[\p{Cc}\p{Cs}]/u.test(a));
          expect(shape(a)).toEqual(expected);
        }),
        runs(200),
      );
    }
  });
});

const hostileUnit = fc.constantFrom(
  ..."<>\"'`=&;/!- {}",
  "-->",
  "]]>",
  "</",
  "{{a}}",
  "{{unsubscribe}}",
  "https://e.x/",
);

type TreeNode = DefaultTreeAdapterTypes.Node;

/** The tree's elements and their attributes' names, without texts. */
function shapeOf(node: TreeNode): unknown {
  if (node.nodeName === "#text") return undefined;
  const attributes = "attrs" in node ? node.attrs.map(({ name }) => name) : [];
  const children = "childNodes" in node ? node.childNodes : [];
  return [node.nodeName, attributes, children.map(shapeOf).filter((shape) => shape !== undefined)];
}
