/** Cloudflare Email Sending: every documented event and what it comes to. */
import { describe, expect, it } from "vitest";
import { readCloudflareEvent } from "../../../src/delivery/providers/cloudflare.ts";
import { cloudflareEvent } from "./cloudflare-event.ts";
import { outcomes, report, TOKEN } from "./reports.ts";

function bounced(type: string, smtpResponse?: string, smtpEnhancedStatusCode?: string): object {
  const smtpStatusCode = smtpResponse?.slice(0, 3);
  return cloudflareEvent("bounced", {
    delivery: { status: "bounced", smtpStatusCode, smtpEnhancedStatusCode, smtpResponse },
    bounce: { type, classification: "permanent_failure", reason: smtpResponse },
  });
}

describe("an event of Cloudflare Email Sending", () => {
  it.each([
    [cloudflareEvent("delivered"), "delivered"],
    [cloudflareEvent("deferred", { terminal: false, bounce: { type: "soft" } }), "deferred"],
    [cloudflareEvent("failed", { failure: { reason: "delivery_failed" } }), "bounced 4"],
    [
      cloudflareEvent("rejected", {
        rejection: { reason: "suppressed", party: "recipient", detail: "Recipient is suppressed" },
      }),
      "bounced 1",
    ],
    [cloudflareEvent("complained", { complaint: { type: "abuse" } }), "complained"],
    [cloudflareEvent("complained", { complaint: { type: "not-spam" } }), "ignored 1"],
    [cloudflareEvent("levitated"), "ignored 1"],

    [bounced("hard", "550 5.1.1 User unknown", "5.1.1"), "bounced 2"],
    [bounced("hard", "550 5.7.1 spam", "5.7.1"), "bounced 1"],
    // Permanent, and nothing that says that the address is unusable.
    [bounced("hard"), "bounced 1"],
    [bounced("soft", "452 4.2.2 mailbox full", "4.2.2"), "bounced 3"],
    [bounced("soft"), "bounced 9"],
    // Temporary according to Cloudflare: no recipient is suppressed.
    [bounced("soft", "550 5.1.1 User unknown", "5.1.1"), "bounced 9"],
  ])("%j", (payload, expected) => {
    expect(outcomes(readCloudflareEvent, payload)).toBe(expected);
  });

  it("is reported with address, time, the server's words and Cloudflare's id", () => {
    expect(report(readCloudflareEvent, bounced("hard", "550 5.1.1 User unknown", "5.1.1"))).toEqual({
      outcome: {
        type: "bounced",
        bounce: { category: 2, subcategory: "hard", status: "5.1.1", details: "550 5.1.1 User unknown" },
      },
      tokens: [TOKEN],
      address: "marie@example.net",
      atMs: Date.parse("2026-06-01T02:48:57.132Z"),
      sourceId: "cloudflare:0190d0c4-7e9a-7b3c-9f12-1a2b3c4d5e6f",
    });
  });

  it.each([
    [{}],
    [{ type: "cf.r2.object.created", payload: {} }],
    ["text"],
    [null],
  ])("%j is not understood", (payload) => {
    expect(readCloudflareEvent(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
