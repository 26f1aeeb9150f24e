/** Mailgun: every documented event, of legacy webhooks, too, and what it comes to. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { mailgun } from "../../../src/delivery/providers/mailgun.ts";
import { outcomes, report, TOKEN } from "./reports.ts";

function event(fields: object): object {
  return {
    signature: {
      timestamp: "1529006854",
      token: "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",
      signature: "…",
    },
    "event-data": {
      id: "G9Bn5sl1TC6nu79C8C0bwg",
      timestamp: 1_529_006_854.329574,
      "log-level": "info",
      recipient: "marie@example.net",
      "recipient-domain": "example.net",
      message: {
        headers: { to: "marie@example.net", "message-id": "20130503182626.18666@example.com" },
        size: 111,
      },
      "user-variables": { waxseal: TOKEN, other: "1" },
      flags: { "is-test-mode": false },
      ...fields,
    },
  };
}

function failed(reason: string, code: number, message: string, more: object = {}): object {
  return {
    event: "failed",
    severity: "permanent",
    reason,
    "delivery-status": { "attempt-no": 1, code, message, description: "", "session-seconds": 0.4, ...more },
  };
}

describe("an event of Mailgun", () => {
  it.each([
    [{ event: "accepted" }, "sent"],
    [{ event: "delivered", "delivery-status": { code: 250, message: "OK" } }, "delivered"],
    [{ event: "complained" }, "complained"],
    [{ event: "rejected", reject: { reason: "Sandbox subdomains are for test purposes only." } }, "bounced 4"],
    [{ event: "opened" }, "ignored 1"],
    [{ event: "opened", "client-info": { "user-agent": "Mozilla/5.0 (X11)", bot: "" } }, "ignored 1"],
    // Gmail's proxy, which loads pictures for its readers.
    [{ event: "opened", "client-info": { "user-agent": "Mozilla/5.0 (X11)", bot: "gmail" } }, "ignored 1"],
    [{ event: "opened", "client-info": { "user-agent": "Mozilla/5.0 (X11)", bot: "apple" } }, "automatedOpen"],
    [{ event: "opened", "client-info": { "user-agent": "Mozilla/5.0 (X11)", bot: "generic" } }, "automatedOpen"],
    [{ event: "clicked", url: "http://example.com/" }, "ignored 1"],
    [{ event: "unsubscribed" }, "unsubscribed"],
    [{ event: "stored" }, "ignored 1"],

    // Mailgun tries again by itself.
    [
      {
        event: "failed",
        severity: "temporary",
        reason: "generic",
        "delivery-status": { code: 498, message: "No MX for x.example" },
      },
      "deferred",
    ],
    [
      {
        event: "failed",
        severity: "temporary",
        reason: "greylisted",
        "delivery-status": { code: 450 },
      },
      "deferred",
    ],
    [{ event: "failed", severity: "temporary", reason: "espblock", "delivery-status": { code: 421 } }, "deferred"],

    [failed("bounce", 550, "5.1.1 The email account that you tried to reach does not exist."), "bounced 2"],
    [failed("bounce", 550, "", { "enhanced-code": "5.1.1" }), "bounced 2"],
    [failed("bounce", 552, "5.2.2 mailbox full"), "bounced 3"],
    [failed("bounce", 554, "5.7.1 blocked using a blacklist"), "bounced 1"],
    // Permanent, and nothing that says that the address is unusable.
    [failed("bounce", 550, "go away"), "bounced 1"],
    [failed("generic", 550, "go away"), "bounced 1"],
    [failed("generic", 421, "hm"), "bounced 3"],
    [failed("espblock", 421, "4.7.0 [TSS04] Messages temporarily deferred"), "bounced 1"],
    [failed("old", 602, "Too old"), "bounced 3"],
    [failed("generic", 498, "No MX for example.net"), "bounced 4"],
    [failed("suppress-bounce", 605, "Not delivering to previously bounced address"), "bounced 1"],
    [failed("suppress-unsubscribe", 606, "Not delivering to unsubscribed address"), "bounced 1"],
    [
      failed("suppress-complaint", 607, "Not delivering to a user who marked your messages as spam"),
      "bounced 1, complained",
    ],
  ])("%j", (fields, expected) => {
    expect(outcomes(mailgun.read, event(fields))).toBe(expected);
  });

  it("is reported with address, time, the server's words and Mailgun's id", () => {
    expect(report(mailgun.read, event(failed("bounce", 550, "5.1.1 no such user")))).toEqual({
      outcome: {
        type: "bounced",
        bounce: { category: 2, subcategory: "bounce", status: "5.1.1", details: "5.1.1 no such user" },
      },
      tokens: [TOKEN, "20130503182626.18666"],
      address: "marie@example.net",
      atMs: 1_529_006_854_330,
      sourceId: "mailgun:G9Bn5sl1TC6nu79C8C0bwg",
    });
  });

  it.each([[{}], [{ "event-data": {} }], [[]], ["text"]])("%j is not understood", (payload) => {
    expect(mailgun.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});

const NOW = 1_461_261_330_000;
const KEY = "mailgun-test-signing-key";
const HEADERS = JSON.stringify([
  ["Subject", "November news"],
  ["X-Waxseal-Message", "header-token"],
  ["Content-Type", ["multipart/alternative", { boundary: "74fb" }]],
]);
const LEGACY = {
  ...{ domain: "example.com", recipient: "marie@example.net", "Message-Id": "<20160421.19495@example.com>" },
  ...{ "message-headers": HEADERS, "X-Mailgun-Sid": "WyI=", "attachment-count": "1", "body-plain": "" },
};

type Fields = Readonly<Record<string, string | readonly string[]>>;

/** As Mailgun posts one: its own fields are last where the sender has variables of the same name. */
function legacyForm(fields: Fields, key = KEY): FormData {
  const timestamp = String(NOW / 1_000);
  const token = "06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0";
  const signature = createHmac("sha256", key)
    .update(timestamp + token)
    .digest("hex");
  const form = new FormData();
  for (const [name, values] of Object.entries({ ...LEGACY, ...fields })) {
    for (const value of [values].flat()) form.append(name, value);
  }
  for (const [name, value] of Object.entries({ timestamp, token, signature })) form.append(name, value);
  return form;
}

async function opened(body: FormData | URLSearchParams | string, type?: string) {
  const request = new Response(body, type === undefined ? {} : { headers: { "Content-Type": type } });
  const { headers } = request;
  const webhook = {
    urls: [],
    headers,
    body: new Uint8Array(await request.arrayBuffer()),
  };
  const offline = async () => new Response();
  return await mailgun.verifiedBody(webhook, { MAILGUN_SIGNING_KEY: KEY }, { nowMs: NOW + 60_000, fetch: offline });
}

async function legacy(fields: Fields): Promise<unknown> {
  const payload = await opened(legacyForm(fields));
  if (!payload.ok) throw new Error(payload.reason);
  return payload.value;
}

const dropped = (reason: string, code: string, description: string) => ({
  event: "dropped",
  reason,
  code,
  description,
});

describe("a legacy event of Mailgun", () => {
  it.each([
    [{ event: "delivered" }, "delivered"],
    [{ event: "complained" }, "complained"],
    [{ event: "unsubscribed" }, "unsubscribed"],
    [{ event: "opened", "user-agent": "Mozilla/5.0" }, "ignored 1"],
    [{ event: "clicked", url: "https://example.com/" }, "ignored 1"],
    [{ event: "bounced", code: "550", error: "550 5.1.1 The account does not exist." }, "bounced 2"],
    [{ event: "bounced", code: "5.1.1", error: "smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found" }, "bounced 2"],
    [{ event: "bounced", code: "5.1.1" }, "bounced 2"],
    [{ event: "bounced", code: "550", error: "", notification: "go away" }, "bounced 1"],
    [{ event: "bounced", code: "552", error: "5.2.2 mailbox full" }, "bounced 3"],
    [dropped("hardfail", "605", "Not delivering to previously bounced address"), "bounced 1"],
    [dropped("hardfail", "606", "Not delivering to unsubscribed address"), "bounced 1"],
    [dropped("hardfail", "607", "Not delivering to a user who marked your messages as spam"), "bounced 1, complained"],
    [dropped("old", "499", "Unable to connect to MX servers: [example.net]"), "bounced 4"],
    [dropped("old", "602", "Too old"), "bounced 3"],
    [dropped("hardfail", "550", "go away"), "bounced 1"],
  ])("%j is %s", async (fields, expected) => {
    expect(outcomes(mailgun.read, await legacy(fields))).toBe(expected);
  });

  it("is reported with address, time, the server's words and its mail", async () => {
    const bounced = { event: "bounced", code: "550", error: "550 5.1.1 no such user", waxseal: TOKEN };
    expect(report(mailgun.read, await legacy(bounced))).toEqual({
      outcome: {
        type: "bounced",
        bounce: { category: 2, subcategory: "bounce", status: "5.1.1", details: "550 5.1.1 no such user" },
      },
      tokens: [TOKEN, "header-token", "20160421.19495"],
      address: "marie@example.net",
      atMs: NOW,
      sourceId: "mailgun:<20160421.19495@example.com>:bounced",
    });
  });

  it("is told from the sender's variables of the same names", async () => {
    const own = { timestamp: "mine", token: "mine", signature: "mine", recipient: ["marie@example.net", "me"] };
    const payload = await legacy({ event: ["unsubscribed", "mine"], ...own, waxseal: TOKEN });
    expect(report(mailgun.read, payload)).toMatchObject({
      address: "marie@example.net",
      tokens: [TOKEN, ...["header-token", "20160421.19495"]],
    });
  });

  it("may be urlencoded, and may bring the bounced mail as a file", async () => {
    const form = legacyForm({ event: "delivered" });
    const texts = [...form].map(([name, value]): [string, string] => [name, String(value)]);
    form.append("attachment-1", new File(["x".repeat(10_000)], "bounced.eml"));
    for (const body of [form, new URLSearchParams(texts)]) {
      const payload = await opened(body);
      expect(payload.ok && outcomes(mailgun.read, payload.value)).toBe("delivered");
    }
  });

  it.each([
    ["of another key", legacyForm({ event: "delivered" }, "another-test-signing-key")],
    ["without a signature", new URLSearchParams({ ...LEGACY, event: "delivered" })],
    [
      "with more fields than any has",
      legacyForm(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`v${n}`, ""]))),
    ],
    ["that is no form", "hello", "multipart/form-data; boundary=74fb"],
    ["without a boundary", "hello", "multipart/form-data"],
    ["of many empty fields", "&".repeat(1_000_000), "application/x-www-form-urlencoded"],
  ])("%s is refused", async (_, body, type?: string) => {
    expect(await opened(body, type)).toEqual({
      ok: false,
      reason: expect.stringMatching(/^(unsigned|bad_signature)$/),
    });
  });
});
