import { describe, expect, it } from "vitest";
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

  it("keeps base64 that did not change as it stands, and wraps with the line end of the message", async () => {
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
});
