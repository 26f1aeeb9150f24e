/** Postmark: every record type, every bounce type, and what it comes to. */
import { describe, expect, it } from "vitest";
import { postmark } from "../../../src/delivery/providers/postmark.ts";
import { newSend, outcomesOf, suppressionCheckOf } from "../../outcomes.ts";
import { ask, token } from "../../worker.ts";
import { knowing } from "../signed-webhooks.ts";
import { postmark as speaker } from "../speakers/postmark.ts";
import { outcomes, report, TOKEN } from "./reports.ts";

function bounce(Type: string, Details?: string, more: object = {}): object {
  return {
    RecordType: "Bounce",
    MessageStream: "broadcast",
    ID: 901_542_550,
    Type,
    TypeCode: 1,
    Name: Type,
    Tag: "Test",
    MessageID: "883953f4-6105-42a2-a16a-77a8eac79483",
    Metadata: { waxseal: TOKEN },
    ServerID: 23,
    Description: "…",
    Details,
    Email: "marie@example.net",
    From: "news@example.com",
    BouncedAt: "2019-11-05T16:33:54.9070259Z",
    DumpAvailable: true,
    Inactive: true,
    CanActivate: true,
    Subject: "Hello",
    ...more,
  };
}

const about = { MessageID: "883953f4", Metadata: { waxseal: TOKEN }, Recipient: "marie@example.net" };

const change = (more: object) => ({
  ...{ RecordType: "SubscriptionChange", ServerID: 23, MessageStream: "broadcast", Tag: "Test" },
  ...{ ChangedAt: "2020-02-01T10:53:34.416071Z", Origin: "Recipient", SuppressSending: true },
  ...about,
  ...more,
});

const noMail = { MessageID: null, Metadata: {} };

describe("a record of Postmark", () => {
  it.each([
    [{ RecordType: "Delivery", DeliveredAt: "2019-11-05T16:33:54.9070259Z", Details: "250 OK", ...about }, "delivered"],
    [
      { RecordType: "SpamComplaint", ID: 42, Email: "marie@example.net", Type: "SpamComplaint", ...about },
      "complained",
    ],
    [{ RecordType: "Open", FirstOpen: true, ...about }, "ignored 1"],
    [{ RecordType: "Click", OriginalLink: "https://example.com/", ...about }, "ignored 1"],
    [change({ SuppressionReason: "HardBounce" }), "bounced 1"],
    [change({ SuppressionReason: "ManualSuppression" }), "unsubscribed"],
    [change({ SuppressionReason: "SpamComplaint" }), "complained"],
    // Somebody of the account, or of Postmark, did it: it names no mail.
    [change({ SuppressionReason: "ManualSuppression", Origin: "Customer", ...noMail }), "addressOptedOut"],
    [change({ SuppressionReason: "ManualSuppression", Origin: "Admin", ...noMail }), "addressOptedOut"],
    [change({ SuppressionReason: "SpamComplaint", ...noMail }), "addressOptedOut"],
    // Of another mail of the account, which is not decorated here.
    [change({ SuppressionReason: "ManualSuppression", Metadata: { order: "17" } }), "unsubscribed"],
    [change({ SuppressSending: false, SuppressionReason: null }), "ignored 1"],
    [{ RecordType: "Inbound", From: "marie@example.net" }, "ignored 1"],
  ])("%j", (payload, expected) => {
    expect(outcomes(postmark.read, payload)).toBe(expected);
  });

  it("of a recipient who unsubscribes names them, the time and the change", () => {
    expect(report(postmark.read, change({ SuppressionReason: "ManualSuppression" }))).toEqual({
      outcome: { type: "unsubscribed", cause: "provider" },
      tokens: [TOKEN],
      address: "marie@example.net",
      atMs: Date.parse("2020-02-01T10:53:34.416Z"),
      sourceId: `postmark:883953f4:SubscriptionChange:${Date.parse("2020-02-01T10:53:34.416Z")}`,
    });
  });

  it.each([
    ["HardBounce", "smtp;550 5.1.1 The email account that you tried to reach does not exist.", "bounced 2"],
    ["HardBounce", undefined, "bounced 2"],
    ["HardBounce", "smtp;550 5.7.1 rejected as spam", "bounced 1"],
    ["HardBounce", "smtp;552 5.2.2 mailbox full", "bounced 3"],
    ["Transient", "smtp;451 try again", "deferred"],
    ["Unsubscribe", undefined, "unsubscribed"],
    ["Subscribe", undefined, "ignored 1"],
    ["AutoResponder", undefined, "ignored 1"],
    ["AddressChange", undefined, "ignored 1"],
    ["DnsError", undefined, "deferred"],
    ["SpamNotification", undefined, "bounced 1"],
    ["OpenRelayTest", undefined, "ignored 1"],
    ["Unknown", undefined, "bounced 9"],
    ["Unknown", "smtp;552 5.2.2 mailbox full", "bounced 3"],
    // Unclear to Postmark: no recipient is suppressed.
    ["Unknown", "550 5.1.1 user unknown", "bounced 9"],
    ["SoftBounce", undefined, "bounced 3"],
    ["VirusNotification", undefined, "bounced 1"],
    ["ChallengeVerification", undefined, "ignored 1"],
    ["BadEmailAddress", undefined, "bounced 2"],
    ["SpamComplaint", undefined, "complained"],
    ["ManuallyDeactivated", undefined, "bounced 1"],
    ["Unconfirmed", undefined, "bounced 4"],
    ["Blocked", undefined, "bounced 1"],
    ["SMTPApiError", undefined, "bounced 4"],
    ["InboundError", undefined, "ignored 1"],
    ["DMARCPolicy", undefined, "bounced 1"],
    ["TemplateRenderingFailed", undefined, "bounced 4"],
    ["SomethingNew", undefined, "bounced 9"],
  ])("Bounce %s %j is %s", (type, details, expected) => {
    expect(outcomes(postmark.read, bounce(type, details))).toBe(expected);
  });

  it("is reported with address, time, the server's words and Postmark's id", () => {
    expect(report(postmark.read, bounce("HardBounce", "smtp;550 5.1.1 no such user", { ID: 42 }))).toEqual({
      outcome: {
        type: "bounced",
        bounce: {
          category: 2,
          subcategory: "HardBounce",
          status: "5.1.1",
          details: "smtp;550 5.1.1 no such user",
        },
      },
      tokens: [TOKEN],
      address: "marie@example.net",
      atMs: Date.parse("2019-11-05T16:33:54.907Z"),
      sourceId: "postmark:42",
    });
  });

  it.each([
    "X-Waxseal-Message: returned-token",
    "X-Waxseal-Message:\r\n returned-token",
    "x-waxseal-message: returned-\n\ttoken",
    "X-Waxseal-Message: =?utf-8?q?returned-?=\r\n =?utf-8?q?token?=",
  ])("is found by the header in the bounce that Postmark hands back: %j", (header) => {
    const Content = `Return-Path: <>\r\n…\r\nX-Mailer: x\r\n${header}\r\nTo: marie\r\n\r\nHello`;
    expect(report(postmark.read, bounce("HardBounce", "", { Metadata: {}, Content })).tokens).toEqual([
      "returned-token",
    ]);
  });

  it.each([[{}], [[]], ["text"], [null]])("%j is not understood", (payload) => {
    expect(postmark.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});

describe("a change of Postmark's suppressions after a hard bounce", () => {
  it.each([
    ["smtp;550 5.1.1 no such user", [2], "invalid"],
    ["smtp;550 5.7.1 rejected as spam", [1], "blocked"],
    // The change alone is a refusal, of a day.
    ["smtp;552 5.2.2 mailbox full", [1, 3], "blocked"],
  ])("says no more than the server did, before or after it: %s", async (Details, categories, reason) => {
    const at = new Date(Date.now() - 60_000).toISOString();
    for (const isChangeFirst of [false, true]) {
      const { person, address, email, campaign, send } = newSend();
      const Metadata = { waxseal: token("message", { email, person, campaign, send }) };
      const bodies = [
        bounce("HardBounce", Details, { Email: address, BouncedAt: at, Metadata }),
        change({ Recipient: address, ChangedAt: at, Metadata, SuppressionReason: "HardBounce" }),
      ];
      for (const body of isChangeFirst ? bodies.toReversed() : bodies) {
        const webhook = speaker.sign(JSON.stringify(body), Date.now());
        expect((await ask("/v1/webhooks/postmark", { method: "POST", ...webhook }, knowing())).status).toBe(200);
      }
      const logged = (await outcomesOf(person)).flatMap(({ detail }) => detail?.category ?? []);
      expect(logged.toSorted()).toEqual(categories);
      const { reasons } = await suppressionCheckOf({ address });
      expect(reasons).toMatchObject([{ reason }]);
    }
  });
});
