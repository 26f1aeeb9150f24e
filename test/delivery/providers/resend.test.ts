/** Resend: every documented event and what it comes to. */
import { describe, expect, it } from "vitest";
import { resend } from "../../../src/delivery/providers/resend.ts";
import { outcomes, report, TOKEN } from "./reports.ts";

function event(type: string, data: object = {}): object {
  return {
    type,
    created_at: "2026-11-22T23:41:12.126Z",
    data: {
      created_at: "2026-11-22T23:41:11.894719+00:00",
      email_id: "56761188-7520-42d8-8898-ff6fc54ce618",
      from: "Acme <news@example.com>",
      to: ["Marie <marie@example.net>"],
      subject: "Hello",
      tags: { waxseal: TOKEN, category: "news" },
      ...data,
    },
  };
}

function bounce(type: string, subType: string, ...diagnosticCode: string[]): object {
  const message = "The recipient's email provider sent a hard bounce message, but didn't specify the reason.";
  return event("email.bounced", { bounce: { type, subType, message, diagnosticCode } });
}

const NO_MAIL = { email: "marie@example.net", email_id: undefined, to: undefined, tags: undefined };
const contact = (more: object) => event("contact.updated", { ...NO_MAIL, ...more });
const listed = (type: string, origin: string) => event(type, { ...NO_MAIL, id: "e169aa45", origin, source_id: null });

describe("an event of Resend", () => {
  it.each([
    [event("email.sent"), "sent"],
    [event("email.delivered"), "delivered"],
    [event("email.delivery_delayed"), "deferred"],
    [event("email.complained"), "complained"],
    [event("email.failed", { failed: { reason: "reached_daily_quota" } }), "bounced 4"],
    [
      event("email.suppressed", {
        suppressed: {
          type: "OnAccountSuppressionList",
          message: "Resend has suppressed sending to this address",
        },
      }),
      "bounced 1",
    ],
    [
      event("email.suppressed", {
        suppressed: { type: "OnAccountSuppressionList", diagnosticCode: ["smtp; 550 5.1.1 user unknown"] },
      }),
      "bounced 2",
    ],
    [event("email.scheduled"), "ignored 1"],
    [event("email.opened"), "ignored 1"],
    [event("email.clicked", { click: { link: "https://example.com/" } }), "ignored 1"],
    [event("email.received"), "ignored 1"],
    [listed("suppression.added", "manual"), "addressOptedOut"],
    [listed("suppression.added", "complaint"), "addressOptedOut"],
    [listed("suppression.added", "bounce"), "ignored 1"],
    [listed("suppression.removed", "manual"), "ignored 1"],
    [contact({ unsubscribed: true }), "addressOptedOut"],
    [contact({ unsubscribed: false }), "ignored 1"],
    [{ ...contact({ unsubscribed: true }), type: "contact.created" }, "addressOptedOut"],
    [{ ...contact({ unsubscribed: false }), type: "contact.created" }, "ignored 1"],
    [event("domain.created"), "ignored 1"],

    [bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown"), "bounced 2"],
    [bounce("Permanent", "General", "smtp; 550 5.7.1 spam"), "bounced 1"],
    // Permanent, and nothing that says that the address is unusable.
    [bounce("Permanent", "General"), "bounced 1"],
    [bounce("Permanent", "NoEmail"), "bounced 1"],
    [bounce("Permanent", "Suppressed"), "bounced 1"],
    [bounce("Permanent", "OnAccountSuppressionList"), "bounced 1"],
    [bounce("Transient", "General", "smtp; 450 hm"), "bounced 3"],
    // An out-of-office mail, which Amazon takes for a bounce.
    [bounce("Transient", "General"), "ignored 1"],
    [bounce("Transient", "MailboxFull"), "bounced 3"],
    [bounce("Transient", "MessageTooLarge"), "bounced 4"],
    [bounce("Transient", "ContentRejected"), "bounced 1"],
    [bounce("Transient", "AttachmentRejected"), "bounced 1"],
    [bounce("Undetermined", "Undetermined"), "bounced 9"],
    // Payloads before 2025 have no type.
    [event("email.bounced", { bounce: { message: "The recipient's email provider sent a hard bounce" } }), "bounced 1"],
  ])("%j", (payload, expected) => {
    expect(outcomes(resend.read, payload)).toBe(expected);
  });

  it("is reported with address, time, the server's words and an id that is the same in a repetition", () => {
    expect(report(resend.read, bounce("Permanent", "General", "smtp; 550 5.1.1 no such user"))).toEqual({
      outcome: {
        type: "bounced",
        bounce: {
          category: 2,
          subcategory: "General",
          status: "5.1.1",
          details: "smtp; 550 5.1.1 no such user",
        },
      },
      tokens: [TOKEN],
      address: "marie@example.net",
      atMs: Date.parse("2026-11-22T23:41:12.126Z"),
      sourceId: "resend:56761188-7520-42d8-8898-ff6fc54ce618:email.bounced:1795390872126",
    });
  });

  it("is found by its tag in a list of tags, too", () => {
    const tags = [
      { name: "category", value: "news" },
      { name: "waxseal", value: "listed-token" },
    ];
    expect(report(resend.read, event("email.sent", { tags })).tokens).toEqual(["listed-token"]);
  });

  it("is found by the header where Resend hands headers back", () => {
    const data = { tags: undefined, headers: [{ name: "X-Waxseal-Message", value: "header-token" }] };
    expect(report(resend.read, event("email.sent", data)).tokens).toEqual(["header-token"]);
  });

  it("of several recipients names none, since Resend does not say which", () => {
    expect(report(resend.read, event("email.bounced", { to: ["a@x.example", "b@x.example"] })).address).toBeUndefined();
  });

  it.each([[{}], [{ type: "email.sent" }], [[]], ["text"]])("%j is not understood", (payload) => {
    expect(resend.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
