/** A token in the form that it has in an address, which servers on the way may write in any case. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { bounceReports, type Envelope, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { addressForm } from "../../../src/tokens/address-form.ts";
import { parseTokenKeys } from "../../../src/tokens/keys.ts";
import { verifyToken } from "../../../src/tokens/verify.ts";
import { token } from "../../worker.ts";
import { abuseReport, dsn, textBounce, unknownUser } from "./mails.ts";

const SEND = { email: "1042", person: "7", campaign: "88012", send: "s1" };
const FORM = addressForm(token("message", SEND));
const recipients = [unknownUser("marie@example.com")];

async function sendOf(mail: Uint8Array, envelope: Envelope = {}) {
  const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
  if (!keys.ok) throw new Error(keys.reason);
  const tokens = bounceReports(await readBounceMail(mail, envelope), envelope)[0]?.tokens ?? [];
  const verified = tokens.map((each) => verifyToken(keys.value, "message", each));
  return verified.find((each) => each.ok);
}

describe.each([
  ["as it was sent", FORM],
  ["in capitals", FORM.toUpperCase()],
])("the send is found by a token in an address, %s,", (_, form) => {
  const address = `bounces+${form}@mail.example.com`;
  const found = { ok: true, value: SEND };

  it("of the envelope, without returned headers", async () => {
    const notice = textBounce("Delivery failed:\n\n<marie@example.com>:\n550 User unknown");
    expect(await sendOf(notice, { from: "", to: address })).toEqual(found);
    const dressed = `prvs=0123=bounces+${form}=marie=example.com@mail.example.com`;
    expect(await sendOf(notice, { from: "", to: dressed })).toEqual(found);
  });

  it("of Return-Path, X-Postfix-Sender and Original-Mail-From", async () => {
    expect(await sendOf(dsn({ recipients, original: [`Return-Path: <${address}>`] }))).toEqual(found);
    const postfix = new TextDecoder()
      .decode(dsn({ recipients }))
      .replace("Arrival-Date:", `X-Postfix-Sender: rfc822; ${address}\r\nArrival-Date:`);
    expect(await sendOf(new TextEncoder().encode(postfix))).toEqual(found);
    const complaint = abuseReport("abuse", ["Subject: Hi"], [`Original-Mail-From: <${address}>`]);
    expect(await sendOf(complaint)).toEqual(found);
  });
});
