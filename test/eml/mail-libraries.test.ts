/**
 * The header fields of a copy, written by mail libraries. One that is encoded (RFC 2047) is lost: mail clients do not
 * decode List-Unsubscribe.
 */
import { createTransport } from "nodemailer";
import { describe, expect, it } from "vitest";
import { decorate, type Recipient } from "../../src/decorate/index.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";

const keys = parseTokenKeys(makeTokenKey({ id: 1, development: true }));
if (!keys.ok) throw new Error(keys.reason);

const INTEGERS = { email: "1042", person: "3918273", campaign: "88012" };
const UUIDS = {
  email: "7d793037-a076-4a53-8f2c-94f1f1b1f2a4",
  person: "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
  campaign: "0b0a9a2e-3c41-4b8e-9d24-5d1c5f0e7a11",
  send: "c9bf9e57-1685-4c89-bafb-ff5af830be8a",
};
const LONGEST = { email: "e".repeat(64), person: "p".repeat(64), campaign: "c".repeat(64), send: "s".repeat(64) };
const SHORT_ORIGIN = "https://t.example.com";
const LONG_ORIGIN = "https://links.newsletters.of.a.company.with.a.long.name.example.com";

const COPIES = [
  ["integers", INTEGERS, SHORT_ORIGIN],
  ["integers, and a long origin", INTEGERS, LONG_ORIGIN],
  ["UUIDs", UUIDS, SHORT_ORIGIN],
  ["UUIDs, and a long origin", UUIDS, LONG_ORIGIN],
  ["the longest ids", LONGEST, LONG_ORIGIN],
] as const;

const headersOf = (recipient: Recipient, origin: string) =>
  decorate("<p>a</p>", { keys: keys.value, origin }, recipient).headers;

async function byNodemailer(headers: Readonly<Record<string, string>>): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const { message } = await transport.sendMail({ from: "a@b.example", to: "c@d.example", text: "x", headers });
  if (!Buffer.isBuffer(message)) throw new Error("nodemailer gave no message");
  return message.toString("latin1");
}

const PYTHONS_LINE = 78;

/**
 * A header of printable ASCII as Python's email.policy.SMTP writes it, for a field that has no type of its own:
 * `_refold_parse_tree` in Lib/email/_header_value_parser.py (CPython 3.11). Words that fit on no line are encoded.
 */
function byPython(name: string, value: string): string {
  if (`${name}: ${value}`.length <= PYTHONS_LINE) return `${name}: ${value}`;
  if (value.length + 1 <= PYTHONS_LINE) return `${name}:\r\n ${value}`;
  const lines = [`${name}:`];
  for (const word of value.split(" ")) {
    const last = lines.length - 1;
    if (word.length + 1 <= PYTHONS_LINE - (lines[last]?.length ?? 0)) lines[last] += ` ${word}`;
    else if (word.length + 1 <= PYTHONS_LINE) lines.push(` ${word}`);
    else lines.push(` =?utf-8?q?${word}?=`);
  }
  return lines.join("\r\n");
}

/** The longest value that PHPMailer's `encodeHeader` does not encode when it sends by SMTP: 998, less the overhead. */
const PHPMAILERS_LIMIT = 998 - 8 - "us-ascii".length;

/** Unfolded (RFC 5322 §2.2.3). */
const valueIn = (message: string, name: string) =>
  new RegExp(`^${name}:((?:.*)(?:\\r\\n[ \\t].*)*)`, "im")
    .exec(message)?.[1]
    ?.replace(/\r\n(?=[ \t])/g, "")
    .trim();

describe.each(COPIES)("the headers of a copy with %s", (_ids, recipient, origin) => {
  const headers = headersOf(recipient, origin);

  it("are written by nodemailer as they are, on lines of 76 characters at most", async () => {
    const message = await byNodemailer(headers);
    for (const [name, value] of Object.entries(headers)) expect(valueIn(message, name)).toBe(value);
    const [header = ""] = message.split("\r\n\r\n");
    expect(Math.max(...header.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(76);
  });

  it("are written by Python and by PHPMailer without encoded words", () => {
    for (const [name, value] of Object.entries(headers)) {
      expect(byPython(name, value)).not.toContain("=?");
      expect(valueIn(byPython(name, value), name)).toBe(value);
      expect(value.length).toBeLessThanOrEqual(PHPMAILERS_LIMIT);
    }
  });

  it("hold the tokens, between spaces that readers ignore (RFC 2369 §2)", () => {
    const address = (headers["List-Unsubscribe"] ?? "").replace(/[<>\s]/g, "");
    expect(address.startsWith(`${origin}/u/`)).toBe(true);
    const { email, person, campaign } = recipient;
    const token = address.slice(`${origin}/u/`.length);
    expect(verifyToken(keys.value, "unsubscribe", token)).toEqual({ ok: true, value: { email, person, campaign } });
    const message = headers["X-Waxseal-Message"].replace(/\s/g, "");
    expect(verifyToken(keys.value, "message", message)).toMatchObject({ ok: true, value: recipient });
  });
});

it("an address has its host without a space, which no mail client could mend", () => {
  for (const [, recipient, origin] of COPIES)
    expect(headersOf(recipient, origin)["List-Unsubscribe"]?.startsWith(`<${origin}/u/`)).toBe(true);
});

it("a header that fits on a line has no space in it", () => {
  const widest = 2 ** 32 - 1;
  const recipient = { email: widest, person: widest, campaign: widest };
  const headers = headersOf(recipient, "https://t.mail.example.co");
  expect(headers["List-Unsubscribe"]).toMatch(/^<https:\/\/[a-z.]+\/u\/[\w-]+>$/);
  expect(headers["X-Waxseal-Message"]).toMatch(/^[\w-]+$/);
});
