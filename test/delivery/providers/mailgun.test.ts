/** Mailgun: every documented event and what it comes to. */
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
    [failed("suppress-bounce", 605, "Not delivering to previously bounced address"), "bounced 2"],
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
      occurrence: "mailgun:G9Bn5sl1TC6nu79C8C0bwg",
    });
  });

  it.each([[{}], [{ "event-data": {} }], [[]], ["text"]])("%j is not understood", (payload) => {
    expect(mailgun.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
