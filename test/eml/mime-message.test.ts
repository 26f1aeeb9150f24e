import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { lines, read, rewritten } from "./mime.ts";

const PICTURE = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7) % 256)).toString("base64");

const NESTED = lines(
  "Received: from a.example",
  "\tby b.example; Mon, 2 Nov 2026 10:00:00 +0000",
  "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="outer"',
  "",
  "This is a preamble.",
  "--outer",
  'Content-Type: multipart/related; boundary="middle"',
  "",
  "--middle",
  'Content-Type: multipart/alternative; boundary="inner"',
  "",
  "--inner",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: 8bit",
  "",
  "See https://a.example/",
  "--inner",
  "Content-Type: text/html; charset=windows-1252",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "<p>=E9t=E9, a long line that the sender's own software has chosen to break at a=",
  " place of its own</p>  =20",
  '<a href=3D"https://a.example/?x=3D1&amp;y=3D2">a</a>',
  "<p>the end</p>",
  "--inner--",
  "",
  "--middle",
  "Content-Type: image/png; name=picture.png",
  "Content-Transfer-Encoding: base64",
  "Content-ID: <picture>",
  "",
  PICTURE,
  "--middle--",
  "",
  "--outer",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Disposition: attachment; filename=notes.txt",
  "",
  "https://in-an-attachment.example/",
  "--outer",
  "Content-Type: text/html",
  "Content-Disposition: inline; filename=page.html",
  "",
  "<a href=https://in-a-file.example/>",
  "--outer--",
  "An epilogue.",
  "",
);

describe("a MIME message", () => {
  it("is written back byte for byte when nothing changes, with CRLF and with LF", async () => {
    for (const message of [NESTED, NESTED.replaceAll("\r\n", "\n")])
      expect(await rewritten(message, (text) => text)).toBe(message);
  });

  it("keeps boundaries on lines of their own, also behind a part that is an empty line", async () => {
    for (const lineEnd of ["\r\n", "\n"]) {
      const message = [
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "",
        "--b",
        "",
        "x",
        "--b--",
        "",
      ].join(lineEnd);
      expect((await read(message)).parts.map(({ text }) => text)).toEqual(["x"]);
      expect(await rewritten(message, (text) => `${text}y`)).toBe(message.replace(/x(?=\r?\n--b--)/, "xy"));
    }
  });

  it("shows its text parts decoded, and no attachment", async () => {
    const { parts } = await read(NESTED);
    expect(parts.map(({ kind }) => kind)).toEqual(["text", "html"]);
    expect(parts[1]?.text).toContain(
      "été, a long line that the sender's own software has chosen to break at a place of its own",
    );
    expect(parts[1]?.text).toContain('<a href="https://a.example/?x=1&amp;y=2">');
  });

  it("changes only the quoted-printable lines that the text changed on", async () => {
    const changed = await rewritten(NESTED, (text) =>
      text.replace("https://a.example/?x=1", "https://t.example/c/ABC=é"),
    );
    const expected = NESTED.replace("https://a.example/?x=3D1", "https://t.example/c/ABC=3D=E9");
    expect(changed).toBe(expected);
  });

  it("breaks a long quoted-printable line at 76 characters, with the line end of the message", async () => {
    const long = "x".repeat(300);
    for (const lineEnd of ["\r\n", "\n"]) {
      const message = NESTED.replaceAll("\r\n", lineEnd);
      const changed = await rewritten(message, (text, { kind }) =>
        kind === "html" ? text.replace("the end", long) : text,
      );
      const written = changed.split(lineEnd);
      expect(
        Math.max(...written.filter((line) => line.startsWith("x")).map((line) => line.length)),
      ).toBeLessThanOrEqual(76);
      expect(changed.replaceAll(`=${lineEnd}`, "")).toContain(long);
      expect(changed.replaceAll(lineEnd, "")).not.toMatch(/[\r\n]/);
    }
  });

  it("writes quoted-printable anew when a line end went, and the text stays the same", async () => {
    const changed = await rewritten(NESTED, (text) => text.replace("\r\n<p>the end", "<p>the end"));
    const { parts } = await read(Buffer.from(changed, "latin1"));
    expect(parts[1]?.text).toContain("</a><p>the end</p>");
    expect(parts[1]?.text).toContain("place of its own</p>   ");
  });

  it("finds the charset of a part that names none in its meta element", async () => {
    const message = lines("Content-Type: text/html", "", '<meta charset="koi8-r"><p>\xf0</p>', "");
    expect((await read(message)).parts[0]?.text).toContain("<p>П</p>");
  });

  it("finds a part whose type and charset have comments (RFC 2045 §5.1)", async () => {
    const message = lines("Content-Type: text/html (a page); charset=koi8-r (Russian)", "", "<p>\xf0</p>", "");
    expect((await read(message)).parts).toMatchObject([{ kind: "html", text: "<p>П</p>\r\n" }]);
  });

  // "日本語" in JIS X 0208, as RFC 1468 has it; iconv-lite does not write it.
  const JAPANESE = Buffer.from("\x1b$BF|K\\8l\x1b(B");

  it.each([
    ["windows-1252", iconv.encode("Grüße", "windows-1252")],
    ["iso-8859-1", iconv.encode("Été", "windows-1252")],
    ["iso-8859-5", iconv.encode("Привет", "iso-8859-5")],
    ["koi8-r", iconv.encode("Привет", "koi8-r")],
    ["shift_jis", iconv.encode("日本語ソ", "shift_jis")],
    ["iso-2022-jp", JAPANESE],
    ["utf-8", Buffer.from("Grüße 😀")],
  ])("keeps a part in %s in its charset, whatever its encoding", async (charset, words) => {
    const header = (encoding: string) =>
      `Content-Type: text/plain; charset="${charset}"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
    const body = (letter: string) => Buffer.concat([words, Buffer.from(` ${letter}\r\n`)]);
    const toB = (text: string) => text.replace(" a", " b");
    const message = header("8bit") + body("a").toString("latin1");
    expect(await rewritten(Buffer.from(message, "latin1"), toB)).toBe(toB(message));
    const base64 = (letter: string) => header("base64") + body(letter).toString("base64");
    expect(await rewritten(base64("a"), toB)).toBe(base64("b"));
  });

  it("keeps a part in UTF-16 in its charset, with its byte order mark and without", async () => {
    for (const [charset, mark] of [
      ["utf-16", "\ufeff"],
      ["utf-16le", ""],
      ["utf-16be", ""],
      ["utf-8", "\ufeff"],
    ] as const) {
      const message = (text: string) =>
        lines(
          `Content-Type: text/html; charset=${charset}`,
          "Content-Transfer-Encoding: base64",
          "",
          iconv.encode(mark + text, charset, { addBOM: false }).toString("base64"),
        );
      const changed = await rewritten(message("<p>Ünï 😀</p>"), (text) => text.replace(/^<p>/, "<b>"));
      expect(changed).toBe(message("<b>Ünï 😀</p>"));
    }
  });

  it("puts header fields at the top in place of those of the same name, and keeps the others", async () => {
    const message = lines(
      "From somebody@example.com Mon Nov  2 10:00:00 2026",
      "Subject: a",
      "list-unsubscribe:",
      " <https://old.example/>,",
      "\t<mailto:old@example.com>",
      "X-Odd:  two  spaces ",
      "",
      "text",
    );
    const { write } = await read(message);
    const written = await write(new Map(), [{ name: "List-Unsubscribe", value: "<https://t.example/u/A>" }]);
    expect(written.toString("latin1")).toBe(
      lines(
        "From somebody@example.com Mon Nov  2 10:00:00 2026",
        "List-Unsubscribe: <https://t.example/u/A>",
        "Subject: a",
        "X-Odd:  two  spaces ",
        "",
        "text",
      ),
    );
  });

  it("replaces a field to its end, also where the message is nothing but a header", async () => {
    const { write } = await read("Subject: a\r\nList-Unsubscribe:\r\n <mailto:old@example.com>");
    const written = await write(new Map(), [{ name: "List-Unsubscribe", value: "<https://t.example/u/A>" }]);
    expect(written.toString("latin1")).toBe("List-Unsubscribe: <https://t.example/u/A>\r\nSubject: a\r\n");
  });

  it("puts header fields into no part's header", async () => {
    const { parts, write } = await read(NESTED);
    const texts = new Map(parts.map((part) => [part, "x"]));
    const written = await write(texts, [{ name: "X-Waxseal-Message", value: "A" }]);
    expect(written.toString("latin1").match(/X-Waxseal-Message/g)).toHaveLength(1);
  });

  it("replaces a field with a space before its colon", async () => {
    const { write } = await read("List-Unsubscribe : <mailto:old@example.com>\r\nSubject: a\r\n\r\n");
    const written = await write(new Map(), [{ name: "List-Unsubscribe", value: "<https://t.example/u/A>" }]);
    expect(written.toString("latin1")).not.toContain("mailto");
  });

  it("leaves out fields about the bytes of a body that changed, and says so", async () => {
    const message = lines(
      "Subject: a",
      "Content-Length: 999",
      "Lines: 9",
      "Digest: sha-256=AQ==",
      "Content-Digest: sha-256=:AQ==:",
      "Content-Type: multipart/alternative; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain",
      "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
      "",
      "same",
      "--b",
      "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
      "Repr-Digest: sha-256=:AQ==:",
      "Content-Type: text/html",
      "Content-Length:",
      " 8",
      "",
      "<p>a</p>",
      "--b--",
      "",
    );
    expect((await read(message)).remarks).toEqual([
      "The header field Content-MD5 is left out where the body changes.",
      "The header field Content-Digest is left out where the body changes.",
      "The header field Repr-Digest is left out where the body changes.",
      "The header field Digest is left out where the body changes.",
      "The header field Content-Length is left out where the body changes.",
      "The header field Lines is left out where the body changes.",
    ]);
    expect(await rewritten(message, (text) => text)).toBe(message);
    expect(await rewritten(message, (text) => text.replace("<p>a", "<p>b"))).toBe(
      message
        .replace("Content-Length: 999\r\nLines: 9\r\nDigest: sha-256=AQ==\r\nContent-Digest: sha-256=:AQ==:\r\n", "")
        .replace(/(?<=--b\r\n)Content-MD5: .*\r\nRepr-Digest: .*\r\n(?=Content-Type: text\/html)/, "")
        .replace("Content-Length:\r\n 8\r\n", "")
        .replace("<p>a", "<p>b"),
    );
  });

  it("warns of a DKIM signature, which decorating breaks", async () => {
    const { remarks } = await read(lines("DKIM-Signature: v=1; a=rsa-sha256", "", "text"));
    expect(remarks.join(" ")).toContain("decorate first, then sign");
  });
});
