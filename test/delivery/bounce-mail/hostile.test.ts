/** Mails that no server writes: endless, nested, broken. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { runs } from "../../fuzz.ts";
import { dsn, raw, TOKEN, textBounce, unknownUser } from "./mails.ts";

const encoder = new TextEncoder();
const ORIGINAL = ["To: marie@example.com", `X-Waxseal-Message: ${TOKEN}`];
const bounce = dsn({ recipients: [unknownUser("marie@example.com")], original: ORIGINAL });

const joined = (...parts: readonly Uint8Array[]) => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

describe("a mail of 20 MB", () => {
  const filler = new Uint8Array(20_000_000).fill(0x61);

  it("is a bounce when its report comes first", async () => {
    const { findings, returned } = await readBounceMail(joined(bounce, filler));
    expect(findings).toMatchObject([{ recipient: "marie@example.com", bounce: { category: 2 } }]);
    expect(returned.tokens).toEqual([TOKEN]);
  });

  it("is not a bounce when it is one line, one header, or addresses only", async () => {
    const begin = encoder.encode("From: MAILER-DAEMON@mx.example.com\r\nSubject: failure notice\r\n");
    const address = encoder.encode("\r\n\r\nDelivery failed:\r\n");
    expect((await readBounceMail(joined(begin, address, filler))).findings).toEqual([]);
    expect((await readBounceMail(joined(begin, encoder.encode("X: "), filler))).findings).toEqual([]);
    expect((await readBounceMail(filler)).findings).toEqual([]);
  });

  it("that names a million addresses is read to the hundredth", async () => {
    const fields = "Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n\n".repeat(280_000);
    const { findings } = await readBounceMail(dsn({ recipients: [[fields]] }));
    expect(findings).toHaveLength(100);
    const lines = Array.from({ length: 100_000 }, (_, at) => `<${at}@example.com>:\n550 User unknown`);
    const mail = await readBounceMail(textBounce(`Delivery failed:\n${lines.join("\n")}`));
    expect(mail.findings).toHaveLength(100);
    expect(bounceReports(mail)).toMatchObject([{ outcome: { type: "bounced", bounce: { category: 9 } } }]);
  });

  it.each([
    "<",
    "<a",
    "a@",
    "a@b.",
    "a@b <",
    " ",
    "user ",
    "mailbox a ",
    "sent to ",
    "-",
    "following: ",
    "expanded from ",
    "not ",
    "\n ",
    "X-A: b\n",
    "\n\n",
    "(",
    "=?utf-8?q?a?= ",
  ])("of %j over and over ends", async (text) => {
    const long = text.repeat(Math.ceil(300_000 / text.length));
    const mails = [
      textBounce(`Delivery failed:\n${long}`),
      textBounce(`Delivery failed:\n${long}`, ["Content-Type: text/html"]),
      textBounce("Delivery failed:", [`X-Failed-Recipients: ${long.slice(0, 200_000).replaceAll("\n", "")}`]),
      dsn({
        recipients: [[`Diagnostic-Code: smtp; ${long}`, ...unknownUser("marie@example.com")]],
        notice: long,
      }),
      dsn({
        recipients: [unknownUser("marie@example.com")],
        original: [`To: ${long}`, `Message-ID: ${long}`],
      }),
    ];
    for (const mail of mails) expect((await readBounceMail(mail)).findings.length).toBeLessThanOrEqual(100);
  });
});

it("a mail of many parts is read to its five hundredth boundary", async () => {
  const behind = (parts: number) => {
    const filler = "--b\r\n\r\nx\r\n".repeat(parts);
    return encoder.encode(new TextDecoder().decode(bounce).replace("--b\r\n", `${filler}--b\r\n`));
  };
  expect((await readBounceMail(behind(400))).findings).toHaveLength(1);
  expect((await readBounceMail(behind(600))).findings).toEqual([]);
});

describe("a nested mail", () => {
  const nested = (depth: number, inner: string): string =>
    depth === 0
      ? inner
      : [
          `Content-Type: multipart/mixed; boundary="b${depth}"`,
          "",
          `--b${depth}`,
          nested(depth - 1, inner),
          `--b${depth}--`,
          "",
        ].join("\r\n");
  const text = new TextDecoder().decode(bounce);

  it("is read ten parts deep", async () => {
    const status = ["Content-Type: message/delivery-status", "", ...unknownUser("marie@example.com"), ""].join("\r\n");
    const mail = encoder.encode(`From: MAILER-DAEMON@mx.example.com\r\n${nested(10, status)}`);
    expect((await readBounceMail(mail)).findings).toMatchObject([{ recipient: "marie@example.com" }]);
  });

  it("is a bounce when another holds its notice, which is read to its thousandth line", async () => {
    const around = (lines: number) =>
      raw(
        "From: MAILER-DAEMON@mx.example.com",
        'Content-Type: multipart/mixed; boundary="m"',
        "",
        "--m",
        "",
        "Failed.",
        "--m",
        "Content-Type: message/rfc822",
        "",
        text.replaceAll("\r", "").replace("It failed.", "It failed.\n".repeat(lines)),
        "--m--",
      );
    expect((await readBounceMail(around(900))).findings).toHaveLength(1);
    expect((await readBounceMail(around(1_100))).findings).toEqual([]);
  });

  it("is not a bounce a thousand parts deep", async () => {
    const mail = encoder.encode(`From: MAILER-DAEMON@mx.example.com\r\n${nested(1_000, "\r\nfailed")}`);
    expect((await readBounceMail(mail)).findings).toEqual([]);
  });

  it("is not a bounce because of an attached one, ten deep or one", async () => {
    for (const depth of [1, 10]) {
      let attached = text;
      for (let at = 0; at < depth; at++)
        attached = `From: marie@example.com\r\nContent-Type: message/rfc822\r\n\r\n${attached}`;
      expect((await readBounceMail(encoder.encode(attached))).findings).toEqual([]);
    }
  });
});

describe("broken MIME", () => {
  it("never throws, and never says more than the whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(bounce.length - 1), byte: fc.nat(255) }), { maxLength: 20 }),
        fc.nat(bounce.length),
        async (changes, end) => {
          const broken = bounce.slice(0, end);
          for (const { at, byte } of changes) if (at < end) broken[at] = byte;
          const read = await readBounceMail(broken);
          expect(bounceReports(read).length).toBeLessThanOrEqual(1);
        },
      ),
      runs(300),
    );
  });

  it("without boundaries, types or ends is read as far as it goes", async () => {
    const text = new TextDecoder().decode(bounce);
    const cut = encoder.encode(text.slice(0, text.indexOf("--b--")));
    expect((await readBounceMail(cut)).findings).toMatchObject([{ recipient: "marie@example.com" }]);
    const unbounded = encoder.encode(text.replace('; boundary="b"', ""));
    expect((await readBounceMail(unbounded)).findings.map(({ recipient }) => recipient)).not.toContain("");
    expect((await readBounceMail(raw(""))).findings).toEqual([]);
    expect((await readBounceMail(new Uint8Array())).findings).toEqual([]);
  });
});
