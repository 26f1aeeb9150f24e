/** Where the message token of a bounce may be, and what mail systems do to it on the way. */
import { describe, expect, it } from "vitest";
import { bounceReports, type Envelope, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { abuseReport, dsn, raw, TOKEN, textBounce, unknownUser } from "./mails.ts";

const recipients = [unknownUser("marie@example.com")];
const VERP = `bounces+${TOKEN}@mail.example.com`;
const tokensOf = async (mail: Uint8Array, envelope: Envelope = {}) =>
  bounceReports(await readBounceMail(mail, envelope), envelope)[0]?.tokens;

describe("the token of a bounce is found", () => {
  it("in Return-Path of the returned mail", async () => {
    expect(await tokensOf(dsn({ recipients, original: [`Return-Path: <${VERP}>`] }))).toEqual([TOKEN]);
  });

  it("in Postfix's X-Postfix-Sender", async () => {
    const text = new TextDecoder().decode(dsn({ recipients }));
    const mail = text.replace("Arrival-Date:", `X-Postfix-Sender: rfc822; ${VERP}\r\nArrival-Date:`);
    expect(await tokensOf(new TextEncoder().encode(mail))).toEqual([TOKEN]);
  });

  it("in Original-Mail-From of a complaint (RFC 5965 §3.2)", async () => {
    const complaint = abuseReport("abuse", ["To: x@isp.example"], [`Original-Mail-From: <${VERP}>`]);
    expect(await tokensOf(complaint)).toEqual([TOKEN]);
  });

  it("in the address that the bounce was sent to, where the envelope is lost", async () => {
    const mail = raw(
      "From: MAILER-DAEMON@mx.example.com",
      `To: ${VERP}`,
      "Subject: failure notice",
      "",
      "<marie@example.com>:\n550 User unknown",
    );
    expect(await tokensOf(mail)).toEqual([TOKEN]);
  });

  it("in the sender that a notice names", async () => {
    const sender = `A message sent by\n\n  <${VERP}>\n\ncould not be delivered.`;
    const text = `${sender} The following address failed:\n\n  marie@example.com\n    550 User unknown`;
    expect(await tokensOf(textBounce(text))).toEqual([TOKEN]);
  });

  it.each([
    ["folded behind the name", ["X-Waxseal-Message:", ` ${TOKEN}`]],
    ["folded in the middle", [`X-Waxseal-Message: ${TOKEN.slice(0, 20)}`, ` ${TOKEN.slice(20)}`]],
    ["encoded (RFC 2047), quoted-printable", [`X-Waxseal-Message: =?utf-8?q?${TOKEN}?=`]],
    ["encoded, base64", [`X-Waxseal-Message: =?utf-8?B?${btoa(TOKEN)}?=`]],
    [
      "encoded in two words",
      [`X-Waxseal-Message: =?utf-8?q?${TOKEN.slice(0, 20)}?=`, ` =?utf-8?q?${TOKEN.slice(20)}?=`],
    ],
    ["in a Message-ID that is folded", ["Message-ID:", ` <${TOKEN}@mail.example.com>`]],
  ])("in a header that is %s", async (_, original) => {
    expect((await tokensOf(dsn({ recipients, original })))?.[0]).toBe(TOKEN);
  });
});
