import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/eml/charset.ts";
import { runs } from "../fuzz.ts";

const ASCII_COMPATIBLE = [
  "utf-8",
  "iso-8859-1",
  "iso-8859-5",
  "windows-1252",
  "koi8-r",
  "shift_jis",
  "gb18030",
  "big5",
  "euc-kr",
  "iso-2022-jp",
];

function decoded(bytes: Buffer, charset: string) {
  const result = decodeText(bytes, charset);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe("decoding text of any charset", () => {
  it("gives back the bytes of any text, broken or not", () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x0a, 0x1b, 0x24, 0x42, 0x28, 0xef, 0xbb, 0xbf),
    );
    fc.assert(
      fc.property(fc.array(byte), fc.constantFrom(...ASCII_COMPATIBLE), (bytes, charset) => {
        const given = Buffer.from(bytes);
        const { text, encode } = decoded(given, charset);
        expect(encode(text)).toEqual(given);
      }),
      runs(400),
    );
  });

  it("shows ASCII around broken bytes as it is, so that markup is found", () => {
    const bytes = Buffer.concat([
      Buffer.from('<a href="https://a.example/">'),
      Buffer.of(0xff, 0xc3),
      Buffer.from("</a>\nname: é"),
    ]);
    const { text, encode } = decoded(bytes, "utf-8");
    expect(text).toContain('<a href="https://a.example/">');
    expect(text).toContain("</a>\nname: é");
    expect(encode(`${text}<img>`)).toEqual(Buffer.concat([bytes, Buffer.from("<img>")]));
  });

  it("keeps letters beyond the first 65,536 beside broken bytes, also those whose second half looks like one", () => {
    const bytes = Buffer.concat([Buffer.from("🐀 😀\n"), Buffer.of(0xff)]);
    const { text, encode } = decoded(bytes, "utf-8");
    expect(text).toBe("🐀 😀\n\udcff");
    expect(encode(text)).toEqual(bytes);
  });

  it("takes one byte order mark for one, and a second for a letter", () => {
    const bytes = Buffer.from("\ufeff\ufeffa");
    const { text, encode } = decoded(bytes, "utf-8");
    expect(text).toBe("\ufeffa");
    expect(encode(text)).toEqual(bytes);
  });

  it("turns a byte that cannot be decoded into half a surrogate pair, which no link may hold", () => {
    expect(decoded(Buffer.of(0x2f, 0xff), "utf-8").text).toBe("/\udcff");
  });

  it.each([
    ["windows-1252", "Ça coûte 5 €"],
    ["iso-8859-5", "Привет, мир"],
    ["koi8-r", "Привет, мир"],
    ["shift_jis", "日本語 https://例え.example/"],
    ["gb18030", "汉字 😀"],
    ["utf-16le", "Ünï <a>"],
    ["utf-16be", "Ünï <a>"],
  ])("reads %s", (charset, words) => {
    const { text, encode } = decoded(iconv.encode(words, charset, { addBOM: false }), charset);
    expect(text).toBe(words);
    expect(encode(`${words}!`)).toEqual(iconv.encode(`${words}!`, charset, { addBOM: false }));
  });

  it("reads a label as browsers do: ISO-8859-1 is windows-1252", () => {
    expect(decoded(Buffer.of(0x80), "ISO-8859-1").text).toBe("€");
  });

  it.each([
    ["x-cp1251", "Привет", "windows-1251"],
    ["Latin1", "5 €", "windows-1252"],
    ["x-euc-jp", "日本語", "euc-jp"],
    ["dos-874", "ภาษา", "windows-874"],
    ["cp437", "Ünï", "cp437"],
  ])("knows the name %s", (label, words, charset) => {
    expect(decoded(iconv.encode(words, charset), label).text).toBe(words);
  });

  it("keeps a byte order mark out of the text, and trusts it before the label", () => {
    const { text, encode } = decoded(Buffer.from("\ufeffé"), "windows-1252");
    expect(text).toBe("é");
    expect(encode("è")).toEqual(Buffer.from("\ufeffè"));
  });

  it("does not take the letters of ISO-2022-JP for markup", () => {
    // ESC $ B, two bytes a letter, ESC ( B: "<" is the second byte of え and "\"" the first of ア and the like.
    const japanese = Buffer.from('\x1b$B$<"$\x1b(B');
    const { text, encode } = decoded(Buffer.concat([Buffer.from("<p>"), japanese, Buffer.from("</p>")]), "iso-2022-jp");
    expect(text.replace(/[\udc00-\udcff]/g, "")).toBe("<p></p>");
    expect(encode(text).includes(japanese)).toBe(true);
  });

  it("refuses UTF-7 that is spelled in another way than it would be again", () => {
    expect(decodeText(Buffer.from("a+-b\n"), "utf-7")).toMatchObject({ ok: true, value: { text: "a+b\n" } });
    expect(decodeText(Buffer.from("+AGE-b\n"), "utf-7")).toMatchObject({ ok: false });
  });

  it("refuses a charset that it does not know, and bytes that UTF-16 cannot have", () => {
    expect(decodeText(Buffer.of(0xe9), "x-klingon")).toEqual({
      ok: false,
      reason: 'its charset "x-klingon" is unknown',
    });
    expect(decodeText(Buffer.of(0x41, 0, 0x42), "utf-16le")).toEqual({
      ok: false,
      reason: "it holds bytes that are not of its charset (utf-16le)",
    });
  });

  it.each([
    "utf8mb4",
    "utf-8;",
    '"utf-8"',
    "'UTF-8'",
    "utf_8",
    "unknown-8bit",
    "x-klingon",
    "us-ascii",
    "unicode",
  ])("reads UTF-8 that is called %s", (label) => {
    for (const words of ["plain", "Grüße 😀"]) {
      const { text, encode } = decoded(Buffer.from(words), label);
      expect(text).toBe(words);
      expect(encode("é")).toEqual(Buffer.from("é"));
    }
  });

  it.each([
    "iso-8859-15",
    "x-unknown",
    "utf-16le",
    "UTF-16BE",
    "utf-32",
    "ucs-4",
    "macintosh",
    "koi8-r",
    "",
  ])("reads plain ASCII that is called %s", (label) => {
    const { text, encode } = decoded(Buffer.from('<p>plain</p> <a href="https://x.com/a">x</a>'), label);
    expect(text).toBe('<p>plain</p> <a href="https://x.com/a">x</a>');
    expect(encode("abc").toString("latin1")).toBe("abc");
  });

  it("does not take for ASCII what is written in bytes of ASCII only", () => {
    for (const label of ["hz-gb-2312", "iso-2022-kr", "iso-2022-cn"])
      expect(decodeText(Buffer.from("~{<:Ky2;~}"), label)).toMatchObject({ ok: false });
  });

  const HTML = '<html lang="ja"><p>日本語の手紙 <a href="https://a.example/">ここ</a></p></html>';

  it.each([
    "utf-16",
    "UTF16",
    "unicode",
    "ucs-2",
    "ISO-10646-UCS-2",
  ])("refuses %s without a byte order mark, whichever order it has", (label) => {
    for (const order of ["utf-16le", "utf-16be"]) {
      const bytes = iconv.encode(HTML, order, { addBOM: false });
      const reason = "it is in UTF-16 without a byte order mark, so the order of its bytes is unknown";
      expect(decodeText(bytes, label)).toEqual({ ok: false, reason });
    }
  });

  it("refuses UTF-16 and UTF-32 that say they are something else", () => {
    const reason = "it seems to be in UTF-16 or UTF-32 without a byte order mark";
    for (const charset of ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]) {
      const bytes = iconv.encode(HTML, charset, { addBOM: false });
      for (const label of ["utf-8", "windows-1252", "us-ascii", "utf8mb4"])
        expect(decodeText(bytes, label)).toEqual({ ok: false, reason });
    }
  });

  it.each([
    ["utf-16be", "utf-16le"],
    ["utf-16le", "utf-16be"],
  ])("refuses %s that says it is %s, however short or foreign", (charset, label) => {
    const reason = `its bytes are in another order than its charset says (${label})`;
    for (const words of [HTML, "Hi, Anna", "<p>日本語</p>", "第一次最大开一一\r\n一　一\r\n"])
      expect(decodeText(iconv.encode(words, charset, { addBOM: false }), label)).toEqual({ ok: false, reason });
  });

  it("refuses UTF-32 that says it is UTF-16, and reads UTF-8 that does, and UTF-16 of few ASCII letters", () => {
    const reason = "it seems to be in UTF-32";
    for (const label of ["utf-16le", "utf-16be"]) {
      for (const charset of ["utf-32le", "utf-32be"])
        for (const words of [HTML, "Hi", "<p>x</p>"])
          expect(decodeText(iconv.encode(words, charset, { addBOM: false }), label)).toEqual({ ok: false, reason });
      expect(decoded(Buffer.from("Grüße 😀"), label).text).toBe("Grüße 😀");
      for (const words of ["第一次最大开一一　一", "一", "a plain text\0", "Привет, мир"])
        expect(decoded(iconv.encode(words, label, { addBOM: false }), label).text).toBe(words);
    }
  });

  it("refuses UTF-32, with a byte order mark or a name", () => {
    const reason = "it is in UTF-32, which mail clients do not read";
    for (const charset of ["utf-32le", "utf-32be"]) {
      expect(decodeText(iconv.encode(`\ufeff${HTML}`, charset, { addBOM: false }), "utf-8")).toEqual({
        ok: false,
        reason,
      });
      for (const label of ["utf-32", charset, "UCS-4"])
        expect(decodeText(iconv.encode(HTML, charset, { addBOM: false }), label)).toEqual({ ok: false, reason });
    }
  });

  it("reads a single letter NUL", () => {
    const { text, encode } = decoded(Buffer.from("a plain text\0"), "utf-8");
    expect(encode(text)).toEqual(Buffer.from("a plain text\0"));
  });
});
