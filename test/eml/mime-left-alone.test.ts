import { describe, expect, it } from "vitest";
import { readMessage } from "../../src/eml/mime-message.ts";
import { lines, read, rewritten } from "./mime.ts";

describe("a part of a MIME message that is left as it is", () => {
  it.each(["signed", "encrypted"])("leaves what is %s alone and says so", async (signed) => {
    const message = lines(
      `Content-Type: multipart/${signed}; boundary=b`,
      "",
      "--b",
      "Content-Type: text/html",
      "",
      "<p>a</p>",
      "--b--",
      "",
    );
    const { parts, remarks } = await read(message);
    expect(parts).toEqual([]);
    expect(remarks.join(" ")).toContain(`multipart/${signed}`);
  });

  it("leaves an attached message alone and says so", async () => {
    const message = lines(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "See below.",
      "--b",
      "Content-Type: message/rfc822",
      "Content-Disposition: inline",
      "",
      "Subject: forwarded",
      "Content-Type: text/html",
      "",
      "<a href=https://forwarded.example/>",
      "--b--",
      "",
    );
    const { parts, remarks } = await read(message);
    expect(parts.map(({ text }) => text)).toEqual(["See below."]);
    expect(remarks).toContain("An attached message was left as it is.");
    expect(await rewritten(message, () => "Changed.")).toBe(message.replace("See below.", "Changed."));
  });

  it("leaves a part alone whose charset or transfer encoding nobody knows, and says so", async () => {
    const strange = await read(lines("Content-Type: text/html; charset=x-klingon", "", "<p>\xe9</p>"));
    expect(strange.parts).toEqual([]);
    expect(strange.remarks.join(" ")).toContain('charset "x-klingon" is unknown');
    const uuencoded = await read(
      lines("Content-Type: text/plain", "Content-Transfer-Encoding: x-uuencode", "", "begin"),
    );
    expect(uuencoded.parts).toEqual([]);
    expect(uuencoded.remarks.join(" ")).toContain('"x-uuencode" is unknown');
  });

  it.each([
    ["text/x-amp-html", "<html ⚡4email>", "mail clients that know AMP show it instead of the HTML"],
    ["text/calendar", "BEGIN:VCALENDAR", "the links of an invitation are not decorated"],
    ["application/ics", "BEGIN:VCALENDAR", "the links of an invitation are not decorated"],
  ])("is one of %s, and a remark says what that means", async (type, body, consequence) => {
    const message = lines(
      "Content-Type: multipart/alternative; boundary=b",
      "",
      "--b",
      "Content-Type: text/html",
      "",
      "<p>a</p>",
      "--b",
      `Content-Type: ${type}; charset=utf-8`,
      "",
      Buffer.from(body).toString("latin1"),
      "--b--",
      "",
    );
    const { parts, remarks } = await read(message);
    expect(parts.map(({ kind }) => kind)).toEqual(["html"]);
    expect(remarks).toEqual([
      expect.stringContaining(`The ${type} part of the message was left as it is: ${consequence}`),
    ]);
    expect(await rewritten(message, () => "<p>b</p>")).toBe(message.replace("<p>a</p>", "<p>b</p>"));
  });

  it("is no type that an object happens to have", async () => {
    expect((await read(lines("Content-Type: constructor", "", "x"))).remarks).toEqual([
      "No text/html or text/plain part to decorate; only the header changed.",
    ]);
  });

  it("is an attachment, by its name or by its disposition", async () => {
    for (const field of [
      "Content-Disposition: attachment",
      "Content-Disposition: ATTACHMENT; filename=a.html",
      "Content-Disposition: inline; filename=a.html",
      "X: y\r\nContent-Type: text/html; name=a.html",
    ]) {
      const type = field.includes("Content-Type") ? "" : "Content-Type: text/html\r\n";
      expect((await read(`${type}${field}\r\n\r\n<p>a</p>`)).parts).toEqual([]);
    }
    expect((await read("Content-Type: text/html\r\nContent-Disposition: inline\r\n\r\n<p>")).parts).toHaveLength(1);
  });

  it("is a text whose lines the reader joins, addresses too (RFC 3676, delsp)", async () => {
    const message = (delsp: string) =>
      lines(`Content-Type: text/plain; format=flowed; delsp=${delsp}`, "", "https://a.exa ", "mple/", "");
    const { parts, remarks } = await read(message("yes"));
    expect(parts).toEqual([]);
    expect(remarks.join(" ")).toContain("delsp=yes");
    expect((await read(message("no"))).parts).toHaveLength(1);
  });

  it("is an empty one", async () => {
    const { parts, remarks } = await read(lines("Content-Type: text/html", "", ""));
    expect(parts).toEqual([]);
    expect(remarks).toEqual(["No text/html or text/plain part to decorate; only the header changed."]);
  });

  it("is a plain text that OpenPGP has signed or encrypted", async () => {
    for (const kind of ["SIGNED MESSAGE", "MESSAGE"]) {
      const message = lines("Subject: x", "", "Hello", `-----BEGIN PGP ${kind}-----`, "https://a.example/", "");
      const { parts, remarks } = await read(message);
      expect(parts).toEqual([]);
      expect(remarks.join(" ")).toContain("OpenPGP");
    }
    expect((await read(lines("Subject: x", "", "the -----BEGIN PGP MESSAGE----- line", ""))).parts).toHaveLength(1);
    const page = lines("Content-Type: text/html", "", "<pre>", "-----BEGIN PGP MESSAGE-----", "");
    expect((await read(page)).parts).toHaveLength(1);
  });

  it("is what a digest holds: messages, unless a part says otherwise", async () => {
    const message = lines(
      "Content-Type: multipart/digest; boundary=b",
      "",
      "--b",
      "",
      "Subject: somebody else's",
      "",
      "https://digest.example/",
      "--b",
      "Content-Type: text/plain",
      "",
      "Table of contents",
      "--b--",
      "",
    );
    const { parts, remarks } = await read(message);
    expect(parts.map(({ text }) => text)).toEqual(["Table of contents"]);
    expect(remarks).toContain("An attached message was left as it is.");
  });

  const attached = lines(
    "--outer",
    "Content-Type: application/pdf",
    "Content-Transfer-Encoding: base64",
    "",
    "JVBERi0xLjQK",
  );
  const unclosed = (encoding: string, body: string) =>
    lines(
      "Content-Type: multipart/mixed; boundary=outer",
      "",
      "--outer",
      "Content-Type: multipart/alternative; boundary=inner",
      "",
      "--inner",
      "Content-Type: text/html",
      `Content-Transfer-Encoding: ${encoding}`,
      "",
      body,
      attached,
      "--outer--",
      "",
    );

  it("is one that runs into an attachment, because a multipart in between is never closed", async () => {
    for (const [encoding, body] of [
      ["7bit", "<p>a</p>"],
      ["quoted-printable", "<p>a</p>"],
      ["base64", "PHA+YTwvcD4="],
    ] as const) {
      const message = unclosed(encoding, body);
      const { parts, remarks } = await read(message);
      expect(parts).toEqual([]);
      expect(remarks.join(" ")).toContain("left as it is");
      expect(await rewritten(message, () => "changed")).toBe(message);
    }
  });

  it("is one with the end of another multipart in it, or with the beginning alone", async () => {
    for (const end of ["--outer--", "--outer \t", "--outer"]) {
      const message = unclosed("7bit", "<p>a</p>").split("--outer\r\nContent-Type: application")[0] ?? "";
      const { parts, remarks } = await read(`${message}${end}\r\n`);
      expect(parts).toEqual([]);
      expect(remarks.join(" ")).toContain("it contains a boundary");
    }
  });

  it("is not one that ends the message without being closed", async () => {
    const message = unclosed("7bit", "<p>a</p>").split("--outer\r\nContent-Type: application")[0] ?? "";
    expect(await rewritten(message, () => "<p>b</p>\r\n")).toBe(message.replace("<p>a</p>", "<p>b</p>"));
  });

  it("is not one with a line that is in the preamble as well", async () => {
    const message = lines("Content-Type: multipart/mixed; boundary=b", "", "- x", "", "--b", "", "- x", "", "--b--");
    expect((await read(message)).parts).toHaveLength(1);
  });

  it("is base64 with something behind it, which would be lost", async () => {
    const header = lines("Content-Type: text/html", "Content-Transfer-Encoding: base64", "", "");
    for (const footer of ["-- ", "_____", "PHA+YTwvcD4="]) {
      const { parts, remarks } = await read(`${header}PHA+YTwvcD4=\r\n${footer}\r\n`);
      expect(parts).toEqual([]);
      expect(remarks.join(" ")).toContain("no base64");
    }
    for (const body of ["PHA+YTwvcD4=", "PHA+YTwvcD4", " PHA+\tYTwv\r\ncD4 =\r\n\r\n"])
      expect((await read(header + body)).parts.map(({ text }) => text)).toEqual(["<p>a</p>"]);
  });
});

describe("a file that is no MIME message", () => {
  it.each([
    "",
    "\r\nSubject: a\r\n\r\ntext",
    "Hello there,\r\nhttps://a.example/\r\n",
    "<p>a link: b</p>",
  ])("is refused: %j", async (text) => {
    expect(await readMessage(Buffer.from(text))).toEqual({
      ok: false,
      reason: "it does not begin with a header",
    });
  });

  it("is refused when its lines end in CR alone, unlike those of new header fields", async () => {
    expect(await readMessage(Buffer.from("Subject: a\r\rSee https://a.example/\r"))).toEqual({
      ok: false,
      reason: "its lines end in CR alone",
    });
  });

  it("is refused when a part has no empty line after its header, whose end nobody knows", async () => {
    const message = lines(
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Subject: x",
      "--b",
      "",
      "y",
      "--b--",
    );
    expect(await readMessage(Buffer.from(message))).toEqual({
      ok: false,
      reason: "it cannot be taken apart and put together again without loss",
    });
  });

  it("is no mailbox when only the words are those of one", async () => {
    const quoted = "Subject: a\n\nthey wrote:\n\nFrom now on\nSubject: b\n";
    expect((await read(quoted)).parts).toHaveLength(1);
    expect(
      (await read(`From a@b.example Mon Nov  2 2026\n${quoted.replace("wrote:\n", "wrote:")}`)).parts,
    ).toHaveLength(1);
  });

  it("is a mailbox of several messages, and one of a single message is read", async () => {
    const one = "From a@b.example Mon Nov  2 10:00:00 2026\nSubject: a\n\ntext\n>From here\n\nFrom now on\n\n";
    expect((await read(one)).parts).toHaveLength(1);
    expect(await readMessage(Buffer.from(one + one))).toEqual({
      ok: false,
      reason: "it is a mailbox of several messages",
    });
  });
});
