import { describe, expect, it } from "vitest";
import { charsetOfHtml } from "../../src/eml/html-file.ts";

const charset = (html: string) => charsetOfHtml(Buffer.from(html, "latin1"));

describe("the charset of an HTML document", () => {
  it.each([
    ['<meta charset="koi8-r">', "koi8-r"],
    ["<META CHARSET = koi8-r />", "koi8-r"],
    ["<meta name=x charset='koi8-r'>", "koi8-r"],
    ['<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"],
    ['<meta content="text/html; charset=koi8-r; x">', "koi8-r"],
  ])("is what a meta element says: %s", (meta, label) => {
    expect(charset(`<html><head>${meta}</head>`)).toBe(label);
  });

  it("is not what a comment says, Outlook's or another", () => {
    const comments = '<!--[if mso]><meta charset="koi8-r"><![endif]--><!-- <meta charset=big5> -->';
    expect(charset(`${comments}<meta charset="iso-8859-5">`)).toBe("iso-8859-5");
    expect(charset(`${comments}<!-- <meta charset="iso-8859-5">`)).toBe("utf-8");
  });

  it("cannot be UTF-16 where a meta element can be read", () => {
    expect(charset('<meta charset="utf-16">')).toBe("utf-8");
    expect(charset('<meta charset="UTF-16LE">')).toBe("utf-8");
  });

  it("is looked for in the first 1,024 bytes", () => {
    const padded = (length: number) => charset(`<!--${"x".repeat(length)}--><meta charset=koi8-r>`);
    expect(padded(1024 - 7 - 22)).toBe("koi8-r");
    expect(padded(1024)).toBe("utf-8");
  });

  it("is UTF-8 without one, or windows-1252 when the bytes are no UTF-8", () => {
    expect(charset("<p>caf\xc3\xa9</p>")).toBe("utf-8");
    expect(charset("<p>caf\xe9</p>")).toBe("windows-1252");
    expect(charset("<metadata charset=koi8-r>")).toBe("utf-8");
  });
});
