import { describe, expect, it } from "vitest";
import { compile, DecorateError, decorate, type Recipient } from "../../src/decorate/index.ts";
import { pseudonym } from "../../src/tokens/pseudonym.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { KEYS } from "../tokens/keyring.ts";
import { decorateHtml, OPTIONS, ORIGIN, RECIPIENT, revealed } from "./mail.ts";

const MESSAGE = { email: "1042", person: "3918273", campaign: "88012" };
const SOURCE = {
  html: [
    '<body><a href="https://x.com/a">1</a><a href="https://x.com/a">2</a>',
    '<a clicktracking=off href="https://x.com/b">3</a><a href="{{unsubscribe}}">4</a></body>',
  ].join(""),
  text: "1: https://x.com/a 2: https://x.com/c {{unsubscribe}}",
};

/** The claims of every token of a use in a decorated email. */
function claims(use: "open" | "click" | "unsubscribe", path: string, email: string) {
  return [...email.matchAll(new RegExp(`${ORIGIN}/${path}/([\\w-]+)`, "g"))].map(([, token = ""]) => {
    const opened = verifyToken(KEYS, use, token);
    return opened.ok ? opened.value : opened.reason;
  });
}

describe("one recipient's copy", () => {
  it("carries the recipient in every token", () => {
    const { html = "", text = "", headers, message, links } = decorate(SOURCE, OPTIONS, RECIPIENT);
    expect(claims("open", "o", html)).toEqual([MESSAGE]);
    expect(claims("click", "c", html)).toEqual([
      { ...MESSAGE, link: links[0] },
      { ...MESSAGE, link: links[1] },
    ]);
    expect(claims("click", "c", text)).toEqual([
      { ...MESSAGE, link: links[0] },
      { ...MESSAGE, link: links[2] },
    ]);
    for (const part of [html, text, headers["List-Unsubscribe"] ?? ""])
      expect(claims("unsubscribe", "u", part)).toEqual([MESSAGE]);
    expect(verifyToken(KEYS, "message", message)).toEqual({
      ok: true,
      value: { ...MESSAGE, send: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
  });

  it("has the parts that the source has", () => {
    expect(decorate({ html: "x" }, OPTIONS, RECIPIENT)).not.toHaveProperty("text");
    expect(decorate({ text: "x" }, OPTIONS, RECIPIENT)).not.toHaveProperty("html");
    expect(Object.keys(decorate({}, OPTIONS, RECIPIENT)).sort()).toEqual([
      "headers",
      "links",
      "message",
      "send",
      "warnings",
    ]);
    expect(decorate({ html: "", text: "" }, OPTIONS, RECIPIENT).text).toBe("");
  });

  it("has a List-Unsubscribe header (RFC 2369), one click (RFC 8058) and the message token", () => {
    const { headers, message } = decorateHtml("x");
    expect(headers).toEqual({
      "List-Unsubscribe": expect.stringMatching(/^<https:\/\/t\.example\.com\/u\/[\w-]+>$/),
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      "X-Waxseal-Message": message,
    });
  });

  it("has the send id that is given, or one of its own for each", () => {
    const sends = (recipient: Recipient) =>
      [1, 2].map(() => {
        const { message, send } = decorate("x", OPTIONS, recipient);
        expect(verifyToken(KEYS, "message", message)).toMatchObject({ value: { send } });
        return send;
      });
    expect(sends({ ...RECIPIENT, send: "run-7" })).toEqual(["run-7", "run-7"]);
    expect(new Set(sends(RECIPIENT)).size).toBe(2);
  });

  it("uses no random byte twice, and none that was not drawn", () => {
    const template = compile("x", OPTIONS);
    const ids = Array.from({ length: 3000 }, () => {
      const opened = verifyToken(KEYS, "message", template.render(RECIPIENT).message);
      return opened.ok ? opened.value.send : opened.reason;
    });
    expect(new Set(ids).size).toBe(3000);
    expect(ids.filter((id) => /0{8}/.test(id))).toEqual([]);
  });
});

describe("tracking", () => {
  it("decorates links and pixel for a pseudonym when anonymous, the same in all copies of the message", () => {
    const anonymous = { ...RECIPIENT, tracking: "anonymous" } as const;
    const { html = "", text = "", headers, message, links } = decorate(SOURCE, OPTIONS, anonymous);
    const [open] = claims("open", "o", html);
    expect(open).toEqual({ ...MESSAGE, person: pseudonym(KEYS, MESSAGE) });
    for (const click of [...claims("click", "c", html), ...claims("click", "c", text)])
      expect(click).toMatchObject(open as object);
    expect(links).toHaveLength(3);
    for (const part of [html, text, headers["List-Unsubscribe"] ?? ""])
      expect(claims("unsubscribe", "u", part)).toEqual([MESSAGE]);
    expect(verifyToken(KEYS, "message", message)).toMatchObject({ value: MESSAGE });
    expect(claims("open", "o", decorate(SOURCE, OPTIONS, { ...anonymous, send: "again" }).html ?? "")).toEqual([open]);
    const elsewhere = decorate(SOURCE, OPTIONS, { ...anonymous, campaign: 88013 });
    expect(claims("open", "o", elsewhere.html ?? "")).not.toMatchObject([{ person: pseudonym(KEYS, MESSAGE) }]);
  });

  it("signs no link and adds no pixel without tracking, but has the unsubscribe link and the headers", () => {
    const { html = "", text = "", headers, links } = decorate(SOURCE, OPTIONS, { ...RECIPIENT, tracking: "none" });
    expect(revealed(html)).toBe(
      '<body><a href="https://x.com/a">1</a><a href="https://x.com/a">2</a>' +
        '<a clicktracking=off href="https://x.com/b">3</a><a href="⟦unsubscribe⟧">4</a></body>',
    );
    expect(revealed(text)).toBe("1: https://x.com/a 2: https://x.com/c ⟦unsubscribe⟧");
    expect(Object.keys(headers)).toHaveLength(3);
    expect(links).toEqual([]);
  });
});

describe("a decorated link", () => {
  it("is at most 64 characters longer than its address in base64url, in anonymous copies too", () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const longest = { email: largest, person: largest, campaign: largest };
    for (const tracking of ["full", "anonymous"] as const)
      for (let length = 0; length < 100; length++) {
        const url = `https://x.com/${"a".repeat(length)}`;
        const { html = "" } = decorate(`<a href="${url}">`, OPTIONS, { ...longest, tracking });
        const [, token = ""] = /\/c\/([\w-]+)/.exec(html) ?? [];
        expect(token.length - Math.ceil((url.length * 4) / 3)).toBeLessThanOrEqual(64);
      }
  });
});

describe("link ids", () => {
  it("are the first eight digits of the hash of url and occurrence, in HTML and text alike", () => {
    const { links } = compile(SOURCE, OPTIONS);
    expect(links).toEqual([
      { id: "6c53f004", url: "https://x.com/a" },
      { id: "8e0a80f3", url: "https://x.com/a" },
      { id: expect.stringMatching(/^[0-9a-f]{8}$/), url: "https://x.com/c" },
    ]);
  });

  it("do not move when other links are added or attributes change", () => {
    const ids = (source: string) => compile(source, OPTIONS).links.map(({ id }) => id);
    const [a, b] = ids('<a href="https://x.com/?a&amp;b"><a href="https://x.com/?a&amp;b">');
    expect(ids('<a href=https://y.com><a id=x href="https://x.com/?a&b"><p><a href=https://x.com/?a&b>')).toEqual([
      expect.any(String),
      a,
      b,
    ]);
  });

  it("differ within an email even when the hashes begin alike", () => {
    const { links } = compile('<a href="https://x.com/51553"><a href="https://x.com/61583">', OPTIONS);
    expect(links.map(({ id }) => id)).toEqual(["f86bb15f", "646510f5"]);
  });
});

describe("a link near the limit of 2,083 characters", () => {
  it("is decorated for those whose ids leave room, and left alone for the others with a warning", () => {
    const source = `<a href="https://x.com/${"a".repeat(1400)}">`;
    const template = compile({ html: source, text: "https://y.com" }, OPTIONS);
    expect(template.links).toHaveLength(2);
    expect(template.warnings).toEqual([]);
    const short = template.render(RECIPIENT);
    expect(short.links).toEqual(template.links);
    expect(short.html).toMatch(/^<a href="https:\/\/t\.example\.com\/c\//);
    const long = template.render({ ...RECIPIENT, person: "p".repeat(64), campaign: "x".repeat(64) });
    expect(long.html?.startsWith(source)).toBe(true);
    expect(long.links.map(({ url }) => url)).toEqual(["https://y.com"]);
    expect(long.warnings.map(({ code }) => code)).toEqual(["too_long"]);
    expect(revealed(long.text ?? "")).toBe("⟦https://y.com⟧");
    expect(template.render(RECIPIENT).links).toEqual(template.links);
  });
});

describe("a copy near Gmail's limit of 102,400 bytes", () => {
  // In UTF-8, with tokens.
  const codes = (source: string, recipient: Recipient = RECIPIENT) => {
    const { html = "", warnings } = decorate(source, OPTIONS, recipient);
    return { bytes: new TextEncoder().encode(html).length, codes: warnings.map(({ code }) => code) };
  };

  it("has a warning when its HTML is longer", () => {
    const link = '<a href="https://x.com/é">é</a>{{unsubscribe}} ';
    const { bytes } = codes(link);
    for (const [more, expected] of [
      [0, []],
      [1, ["clipped"]],
    ] as const) {
      const copy = codes(link + "a".repeat(102_400 - bytes + more));
      expect(copy).toEqual({ bytes: 102_400 + more, codes: expected });
    }
  });

  it("counts what this recipient's ids and consent make of it", () => {
    const source = '<a href="https://x.com/é">é</a>'.repeat(400);
    expect(codes(source).codes).toEqual([]);
    expect(codes(source, { ...RECIPIENT, person: "p".repeat(64), campaign: "x".repeat(64) }).codes).toEqual([
      "clipped",
    ]);
    const copied = decorate(source, OPTIONS, { ...RECIPIENT, person: "p".repeat(64), campaign: "x".repeat(64) });
    expect(codes(copied.html ?? "", { ...RECIPIENT, tracking: "none" }).codes).toEqual(["copied"]);
  });
});

describe("a sender's mistake", () => {
  function fieldOf(act: () => unknown): string | undefined {
    try {
      act();
    } catch (error) {
      if (error instanceof DecorateError) return error.field;
      throw error;
    }
    return undefined;
  }

  it("is named when it is in an id", () => {
    for (const field of ["email", "person", "campaign", "send"] as const) {
      for (const id of ["", "a b", "a".repeat(65), 1.5, Number.NaN, "é"])
        expect(fieldOf(() => decorate("x", OPTIONS, { ...RECIPIENT, [field]: id }))).toBe(field);
    }
  });

  it("is named when it is in the kind of tracking", () => {
    const recipient = JSON.parse('{ "email": 1, "person": 2, "campaign": 3, "tracking": "some" }');
    expect(fieldOf(() => decorate("x", OPTIONS, recipient))).toBe("tracking");
  });

  it("is named when it is in the parts of the email", () => {
    const sources = (...texts: string[]) => texts.map((text) => JSON.parse(text));
    for (const source of [...sources("5", "null", '{"html":5}', '{"html":{}}'), new Uint8Array(3)])
      expect(fieldOf(() => compile(source, OPTIONS))).toBe("html");
    for (const source of sources('{"html":"x","text":null}', '{"text":["x"]}'))
      expect(fieldOf(() => compile(source, OPTIONS))).toBe("text");
  });

  it("is named when it is in the keys: their text, or a result instead of its value", () => {
    for (const keys of [undefined, "1:secret", { ok: true, value: KEYS }, { all: [] }])
      expect(fieldOf(() => compile("x", Object.assign({ origin: ORIGIN }, OPTIONS, { keys })))).toBe("keys");
  });

  it("is named when it is in the origin", () => {
    for (const origin of [
      JSON.parse("null"),
      "",
      "t.example.com",
      "https://t.example.com/",
      "https://t.example.com/path",
      "https://T.example.com",
      "https://t.example.com:443",
      "https://user@t.example.com",
      "https://t.example.com?",
      'https://t"example.com',
      "https://a&b.example.com",
      "ftp://t.example.com",
      "javascript:x",
    ]) {
      expect(fieldOf(() => compile("x", { ...OPTIONS, origin }))).toBe("origin");
    }
    for (const origin of [
      "http://localhost:8787",
      "http://127.0.0.1:8787",
      "http://[::1]:8787",
      "https://t.example.com:8443",
    ])
      expect(fieldOf(() => compile("x", { ...OPTIONS, origin }))).toBe(undefined);
  });
});
