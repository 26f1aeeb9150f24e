import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/eml/charset.ts";

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
    ["unicode", "Ünï", "utf-16le"],
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
    expect(decodeText(Buffer.from("x"), "x-klingon")).toEqual({ ok: false, reason: "unknown charset" });
    expect(decodeText(Buffer.of(0x41), "utf-16le")).toEqual({
      ok: false,
      reason: "bytes that are not of its charset",
    });
  });
});
