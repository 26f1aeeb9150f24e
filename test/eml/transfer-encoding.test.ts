import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../fuzz.ts";
import { lines, read, rewritten } from "./mime.ts";

describe("the transfer encoding of a part", () => {
  const printable = (...body: string[]) =>
    lines("Content-Type: text/html", "Content-Transfer-Encoding: quoted-printable", "", ...body);

  it("keeps a soft line break with spaces behind it on a line that did not change", async () => {
    const message = printable("a long=  ", " line", "b", "");
    expect(await rewritten(message, (text) => text.replace("b", "c"))).toBe(message.replace("\r\nb", "\r\nc"));
  });

  it("writes quoted-printable anew where line ends are encoded: its lines are not those of the text", async () => {
    for (const [body, before, after] of [
      [["a=0D=0Ab", "c", ""], "c", "d"],
      [["a=0D=0Ab", "c", ""], "b\r\nc", "b c"],
    ] as const) {
      const changed = await rewritten(printable(...body), (text) => text.replace(before, after));
      const { parts } = await read(changed);
      expect(parts[0]?.text).toBe("a\r\nb\r\nc\r\n".replace(before, after));
    }
  });

  it("keeps base64 that did not change as it is, and wraps with the line end of the message", async () => {
    const text = "<p>a</p>".repeat(20);
    const body = Buffer.from(text).toString("base64");
    const message = `Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n${body}`;
    expect(await rewritten(message, (same) => same)).toBe(message);
    const changed = await rewritten(message, (given) => `${given}<p>b</p>`);
    expect(changed).not.toContain("\r");
    expect(
      changed
        .split("\n")
        .slice(3, -1)
        .map((line) => line.length),
    ).toEqual([76, 76]);
  });

  it("wraps base64 at 76 characters and keeps how the part ends", async () => {
    const body = Buffer.from("<p>Grüße</p>".repeat(20)).toString("base64").replace(/.{76}/g, "$&\r\n");
    const message = lines(
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: BASE64",
      "",
      body,
      "",
      "",
    );
    const changed = await rewritten(message, (text) => text.replace("Grüße", "Gruß"));
    expect(changed.endsWith("\r\n\r\n")).toBe(true);
    expect(Math.max(...changed.split("\r\n").map((line) => line.length))).toBe(76);
    const { parts } = await read(Buffer.from(changed, "latin1"));
    expect(parts[0]?.text).toBe(`<p>Gruß</p>${"<p>Grüße</p>".repeat(19)}`);
  });

  it("turns a 7bit part to quoted-printable when a line passes 998 characters, and only then", async () => {
    const message = lines(
      "Subject: x",
      "Content-Type: text/html",
      "Content-Transfer-Encoding: 7bit",
      "X-After: y",
      "",
      "<p>a</p>",
      "",
    );
    const fits = await rewritten(message, () => `${"a".repeat(998)}\r\n`);
    expect(fits).toContain("Content-Transfer-Encoding: 7bit");
    expect(await rewritten(message, () => `${"a".repeat(999)}\r\n`)).toContain("quoted-printable");
    const binary = message.replace("7bit", "binary");
    expect(await rewritten(binary, () => "a".repeat(2000))).toContain("Content-Transfer-Encoding: binary");
    const long = `${"a=".repeat(500)}\r\n`;
    const changed = await rewritten(message, () => long);
    expect(changed).not.toContain("7bit");
    expect(changed.match(/Content-Transfer-Encoding: quoted-printable/g)).toHaveLength(1);
    expect(changed).toContain("X-After: y");
    expect(Math.max(...changed.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(76);
    expect((await read(Buffer.from(changed, "latin1"))).parts[0]?.text).toBe(long);
  });

  it("keeps a byte that quoted-printable should have encoded and did not", async () => {
    const message = lines(
      "Content-Type: text/html; charset=iso-8859-1",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "caf\xe9",
      "a",
      "",
    );
    expect((await read(message)).parts[0]?.text).toBe("café\r\na\r\n");
    expect(await rewritten(message, (text) => text.replace("a\r\n", "b\r\n"))).toBe(
      message.replace("\r\na\r\n", "\r\nb\r\n"),
    );
  });

  /** A CR without LF behind it, or an LF without CR before it. */
  const BARE = /\r(?!\n)|(?<!\r)\n/;

  it.each([
    ["an LF inside a line that changes", ["<p>a=0Ab</p> x", "c", ""], "<p>a\nb</p> y\r\nc\r\n"],
    ["a CR inside a line that changes", ["<p>a=0Db</p> x", "c", ""], "<p>a\rb</p> y\r\nc\r\n"],
    ["a line end inside a line that changes", ["<p>a=0D=0Ab</p> x", "c", ""], "<p>a\r\nb</p> y\r\nc\r\n"],
    ["a CR before the line's end", ["<p>x=0D", "c", ""], "<p>y\r\r\nc\r\n"],
    ["an LF at the end of the part", ["<p>x=0A"], "<p>y\n"],
    ["lower case digits", ["<p>a=0ab</p> x", "c", ""], "<p>a\nb</p> y\r\nc\r\n"],
  ] as const)("keeps encoded what is no line end of the message: %s", async (_what, body, text) => {
    const changed = await rewritten(printable(...body), (given) => given.replace("x", "y"));
    expect(changed).not.toMatch(BARE);
    expect((await read(changed)).parts[0]?.text).toBe(text);
    const escapesIn = (bytes: string) => bytes.toUpperCase().match(/=0[AD]/g);
    expect(escapesIn(changed)).toEqual(escapesIn(body.join("")));
  });

  it("keeps encoded line ends encoded where a line end went, in a message of CRLF and in one of LF", async () => {
    const message = printable("<p>a=0Ab=0Dc=0D=0Ad</p>", "x", "e=20", "");
    for (const lineEnd of ["\r\n", "\n"]) {
      const given = message.replaceAll("\r\n", lineEnd);
      const changed = await rewritten(given, (text) => text.replace(`x${lineEnd}`, "y"));
      expect(changed.replaceAll(lineEnd, "")).not.toMatch(/[\r\n]/);
      expect((await read(changed)).parts[0]?.text).toBe(`<p>a\nb\rc\r\nd</p>${lineEnd}ye ${lineEnd}`);
    }
  });

  it("keeps any text, and makes no bare CR or LF of it", async () => {
    const escapes = ["=0A", "=0D", "=0d=0a", "=C3=A9", "=3D", "=20"];
    const piece = fc.constantFrom(...escapes, "a", " ", "\t", "x", "--", "long".repeat(20), "=\n");
    const line = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    const body = fc.array(line, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom("\r\n", "\n"), fc.boolean(), async (written, lineEnd, joins) => {
        const message = printable(...written).replace(/\r?\n/g, lineEnd);
        const [part] = (await read(message)).parts;
        if (part === undefined) return;
        const edited = (text: string) => text.replaceAll("x", "a longer word").replace(joins ? "\na" : "", "");
        const changed = await rewritten(message, edited);
        const [after] = (await read(changed)).parts;
        // A part without text is read as none.
        expect(after?.text ?? "").toBe(edited(part.text));
        expect(changed.replaceAll(lineEnd, "")).not.toMatch(/[\r\n]/);
      }),
      runs(1_200),
    );
  });

  it("changes one line of quoted-printable, and keeps the bytes of those with encoded line ends", async () => {
    const message = printable("a=0Ab=", "c", "X", "d=0D=0Ae", "");
    expect(await rewritten(message, (text) => text.replace("X", "y"))).toBe(message.replace("X", "y"));
  });

  it("encodes a bare CR or LF of an 8bit part that becomes quoted-printable", async () => {
    const message = lines("Content-Type: text/html", "", "<p>a\rb\nc</p>", "");
    const changed = await rewritten(message, (text) => `${text}${"z".repeat(999)}\r\n`);
    expect(changed).toContain("Content-Transfer-Encoding: quoted-printable");
    expect(changed).not.toMatch(BARE);
    expect((await read(changed)).parts[0]?.text).toBe(`<p>a\rb\nc</p>\r\n${"z".repeat(999)}\r\n`);
  });

  it("keeps each line's own end where a part mixes them, and breaks lines as the part does", async () => {
    const part = `first\r\nx\n${"a".repeat(70)}x\r\n`;
    const message = `Subject: a\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n${part}`;
    const changed = await rewritten(message, (text) => text.replaceAll("x", "long word"));
    expect(changed).toBe(message.replace("\nx\n", "\nlong word\n").replace("ax\r\n", "along =\r\nword\r\n"));
  });

  it.each([
    ["8bits", "<p>é</p>"],
    ["8 bit", "<p>é</p>"],
    ["8-bit", "<p>é</p>"],
    ["8bit;", "<p>é</p>"],
    ["8BITMIME", "<p>é</p>"],
    ["unknown-8bit", "<p>é</p>"],
    ["7-bit", "<p>e</p>"],
    ["7 bits", "<p>e</p>"],
    ["utf-8", "<p>é</p>"],
    ["US-ASCII", "<p>e</p>"],
    ["none", "<p>e</p>"],
    ["identity", "<p>é</p>"],
    ['"7bit"', "<p>e</p>"],
  ])("reads and keeps a part whose Content-Transfer-Encoding is %s", async (encoding, html) => {
    const bytes = Buffer.from(html).toString("latin1");
    const message = lines(
      `Content-Transfer-Encoding: ${encoding}`,
      "Content-Type: text/html; charset=utf-8",
      "",
      bytes,
    );
    const { parts, remarks } = await read(message);
    expect({ texts: parts.map(({ text }) => text), remarks }).toEqual({ texts: [html], remarks: [] });
    expect(await rewritten(message, (text) => `${text}!`)).toBe(`${message}!`);
  });

  it.each([
    "quoted-printable;",
    '"quoted-printable"',
    "quoted_printable",
    "Quoted Printable",
    "quoted-printable, 8bit",
  ])("reads and writes quoted-printable that is called %s", async (encoding) => {
    const message = lines(
      `Content-Transfer-Encoding: ${encoding}`,
      "Content-Type: text/html; charset=utf-8",
      "",
      "<p>=C3=A9=3D</p>",
      "",
    );
    expect((await read(message)).parts.map(({ text }) => text)).toEqual(["<p>é=</p>\r\n"]);
    expect(await rewritten(message, (text) => text.replace("=", "=é"))).toBe(message.replace("=3D", "=3D=C3=A9"));
  });

  it.each(["base64;", "base-64", "'BASE64'"])("reads and writes base64 that is called %s", async (encoding) => {
    const message = (html: string) =>
      lines(
        `Content-Transfer-Encoding: ${encoding}`,
        "Content-Type: text/html",
        "",
        Buffer.from(html).toString("base64"),
      );
    expect(await rewritten(message("<p>a</p>"), (text) => text.replace("a", "b"))).toBe(message("<p>b</p>"));
  });
});
