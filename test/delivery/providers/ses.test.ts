/** Amazon SES: every documented event, in both formats, and what it comes to. */
import { describe, expect, it } from "vitest";
import { ses } from "../../../src/delivery/providers/ses.ts";
import { outcomes, report, reportsIn, TOKEN } from "./reports.ts";

const AT = "2026-11-24T08:00:01.000Z";
const mail = {
  timestamp: "2026-11-24T08:00:00.000Z",
  source: "Maison Lavande <news@example.com>",
  sendingAccountId: "123456789012",
  messageId: "0100018f-mail",
  destination: ["marie@example.net"],
  headersTruncated: false,
  headers: [
    { name: "From", value: "news@example.com" },
    { name: "Message-ID", value: "<custom@example.com>" },
  ],
  commonHeaders: { from: ["news@example.com"], messageId: "<custom@example.com>" },
  tags: { "ses:configuration-set": ["waxseal"], waxseal: [TOKEN] },
};

function notification(event: object): object {
  return {
    Type: "Notification",
    MessageId: "sns-1",
    TopicArn: "arn:aws:sns:eu-west-1:123456789012:ses-events",
    Message: `${JSON.stringify(event)}\n`,
    Timestamp: AT,
  };
}

function bounce(bounceType: string, bounceSubType: string, diagnosticCode?: string, status?: string): object {
  return notification({
    eventType: "Bounce",
    bounce: {
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress: "marie@example.net", action: "failed", status, diagnosticCode }],
      timestamp: AT,
      feedbackId: "feedback-1",
      reportingMTA: "dsn; a8-70.smtp-out.amazonses.com",
    },
    mail,
  });
}

function complaint(more: object): object {
  return notification({
    eventType: "Complaint",
    complaint: {
      complainedRecipients: [{ emailAddress: "marie@example.net" }],
      timestamp: AT,
      feedbackId: "feedback-2",
      ...more,
    },
    mail,
  });
}

const topics = (subscriptionStatus: string) => ({
  unsubscribeAll: false,
  topicSubscriptionStatus: [{ topicName: "ExampleTopicName", subscriptionStatus }],
});
const subscription = (newTopicPreferences: unknown, oldTopicPreferences: unknown) => ({
  eventType: "Subscription",
  subscription: {
    ...{ contactList: "ContactListName", timestamp: AT, source: "UnsubscribeHeader" },
    ...{ newTopicPreferences, oldTopicPreferences },
  },
  mail,
});

const opened = (isBotEvent: string | undefined, more: object = {}) => ({
  eventType: "Open",
  open: { ipAddress: "192.0.2.7", timestamp: AT, userAgent: "Mozilla/5.0 (X11)", isBotEvent, ...more },
  mail,
});

describe("an event of Amazon SES", () => {
  it.each([
    ["Send", { eventType: "Send", send: {}, mail }, "sent"],
    [
      "Delivery",
      { eventType: "Delivery", delivery: { timestamp: AT, recipients: ["marie@example.net"] }, mail },
      "delivered",
    ],
    [
      "DeliveryDelay",
      {
        eventType: "DeliveryDelay",
        deliveryDelay: {
          timestamp: AT,
          delayType: "MailboxFull",
          delayedRecipients: [{ emailAddress: "marie@example.net", status: "4.2.2", diagnosticCode: "smtp; 452" }],
        },
        mail,
      },
      "deferred",
    ],
    ["Reject", { eventType: "Reject", reject: { reason: "Bad content" }, mail }, "bounced 1"],
    [
      "Rendering Failure",
      { eventType: "Rendering Failure", failure: { errorMessage: "Attribute 'name' is not present" }, mail },
      "bounced 4",
    ],
    ["Open", opened("Unlikely"), "ignored 1"],
    ["Open from before SES said so", opened(undefined), "ignored 1"],
    ["Open by a bot", opened("Likely"), "automatedOpen"],
    ["Open by a bot without a name", opened("Likely", { userAgent: undefined }), "ignored 1"],
    ["Open by a bot at no time", opened("Likely", { timestamp: "today" }), "ignored 1"],
    ["Click", { eventType: "Click", click: { link: "https://example.com/", timestamp: AT }, mail }, "ignored 1"],
    ["Subscription without preferences", subscription(undefined, undefined), "ignored 1"],
    [
      "Subscription, from everything",
      subscription({ unsubscribeAll: true }, { unsubscribeAll: false }),
      "unsubscribed",
    ],
    ["Subscription, from a topic", subscription(topics("OptOut"), topics("OptIn")), "unsubscribed"],
    ["Subscription, to a topic", subscription(topics("OptIn"), topics("OptOut")), "ignored 1"],
    ["Subscription, still out of a topic", subscription(topics("OptOut"), topics("OptOut")), "ignored 1"],
    [
      "the first notification of a topic",
      { notificationType: "AmazonSnsSubscriptionSucceeded", message: "You have successfully subscribed" },
      "ignored 1",
    ],
    ["a type that does not exist yet", { eventType: "Levitation", mail }, "ignored 1"],
  ])("%s", (_, event, expected) => {
    expect(outcomes(ses.read, notification(event))).toBe(expected);
  });

  it.each([
    ["Permanent", "General", "smtp; 550 5.1.1 user unknown", "5.1.1", 2],
    ["Permanent", "General", "smtp; 554 5.7.1 rejected as spam", "5.7.1", 1],
    ["Permanent", "General", "smtp; 552 5.2.2 mailbox full", "5.2.2", 3],
    // Permanent, and nothing that says that the address is unusable.
    ["Permanent", "General", undefined, undefined, 1],
    // Amazon contradicts itself on what it means: the server's words decide.
    ["Permanent", "NoEmail", undefined, undefined, 1],
    ["Permanent", "NoEmail", "smtp; 550 5.1.1 user unknown", "5.1.1", 2],
    // The server's words say otherwise.
    ["Permanent", "NoEmail", "smtp; 554 5.7.1 rejected as spam", "5.7.1", 1],
    ["Permanent", "Suppressed", "Amazon SES did not send the message", "5.1.1", 1],
    ["Permanent", "OnAccountSuppressionList", "Amazon SES did not send the message", "5.1.1", 1],
    ["Permanent", "OnTenantSuppressionList", undefined, undefined, 1],
    ["Permanent", "EmailValidationSuppressed", undefined, undefined, 1],
    ["Permanent", "UnsubscribedRecipient", undefined, undefined, 1],
    ["Transient", "General", undefined, "4.0.0", 9],
    ["Transient", "General", "smtp; 450 4.4.1 connection timed out", "4.4.1", 3],
    // Temporary according to Amazon: no recipient is suppressed.
    ["Transient", "General", "smtp; 550 5.1.1 user unknown", "5.1.1", 9],
    ["Transient", "MailboxFull", undefined, undefined, 3],
    ["Transient", "CustomTimeoutExceeded", undefined, undefined, 3],
    ["Transient", "MessageTooLarge", undefined, undefined, 4],
    ["Transient", "ContentRejected", undefined, undefined, 1],
    ["Transient", "AttachmentRejected", undefined, undefined, 1],
    ["Undetermined", "Undetermined", undefined, undefined, 9],
  ])("Bounce %s/%s with %j is category %5$s", (type, subType, diagnostic, status, category) => {
    expect(outcomes(ses.read, bounce(type, subType, diagnostic, status))).toBe(`bounced ${category}`);
  });

  it("that is an out-of-office mail, which Amazon takes for a bounce, has no outcome", () => {
    expect(outcomes(ses.read, bounce("Transient", "General"))).toBe("ignored 1");
  });

  it.each([
    [{ complaintFeedbackType: "abuse", userAgent: "Yahoo!-Mail-Feedback/2.0" }, "complained"],
    [{ complaintFeedbackType: "fraud" }, "complained"],
    [{ complaintFeedbackType: "virus" }, "complained"],
    [{ complaintFeedbackType: "other" }, "complained"],
    [{}, "complained"],
    [{ complaintFeedbackType: "not-spam" }, "ignored 1"],
    [{ complaintFeedbackType: "auth-failure" }, "ignored 1"],
    [{ complaintSubType: "OnAccountSuppressionList" }, "bounced 1, complained"],
  ])("Complaint %j", (more, expected) => {
    expect(outcomes(ses.read, complaint(more))).toBe(expected);
  });

  it("is reported with address, time, the server's words and Amazon's id", () => {
    expect(report(ses.read, bounce("Permanent", "General", "smtp; 550 5.1.1 user unknown", "5.1.1"))).toEqual({
      outcome: {
        type: "bounced",
        bounce: {
          category: 2,
          subcategory: "General",
          status: "5.1.1",
          details: "smtp; 550 5.1.1 user unknown",
        },
      },
      tokens: [TOKEN, "custom"],
      address: "marie@example.net",
      atMs: Date.parse(AT),
      sourceId: "ses:feedback-1",
    });
  });

  it("has the same name in both formats, so that it counts once when both are switched on", () => {
    const delivery = { timestamp: AT, recipients: ["marie@example.net"] };
    const published = report(ses.read, notification({ eventType: "Delivery", delivery, mail }));
    const notified = report(ses.read, notification({ notificationType: "Delivery", delivery, mail }));
    expect(notified).toEqual(published);
  });

  it("is found by the header, the Message-ID and the envelope sender of the original when it has no tag", () => {
    const original = {
      ...mail,
      tags: undefined,
      source: "bounces+verp-token@example.com",
      headers: [{ name: "x-waxseal-message", value: " header-token " }],
      commonHeaders: { messageId: "<id-token@example.com>" },
    };
    const { tokens } = report(ses.read, notification({ eventType: "Send", mail: original }));
    expect(tokens).toEqual(["header-token", "id-token", "verp-token"]);
  });

  it.each([
    ["folded in the middle", "header-\r\n token"],
    ["unfolded to a space", "header- token"],
    ["encoded (RFC 2047)", "=?utf-8?q?header-?=\r\n =?utf-8?q?token?="],
    ["encoded in base64", `=?UTF-8?B?${btoa("header-token")}?=`],
  ])("is found by a header that came back %s", (_how, value) => {
    const original = { ...mail, tags: undefined, headers: [{ name: "X-Waxseal-Message", value }] };
    expect(report(ses.read, notification({ eventType: "Send", mail: original })).tokens[0]).toBe("header-token");
  });

  it("of several recipients is reported for each", () => {
    const bouncedRecipients = [{ emailAddress: "jane@example.com" }, { emailAddress: "Richard <richard@example.com>" }];
    const event = { eventType: "Bounce", bounce: { bounceType: "Transient", bouncedRecipients }, mail };
    const { reports } = reportsIn(ses.read, notification(event));
    expect(reports.map(({ address }) => address)).toEqual(["jane@example.com", "richard@example.com"]);
  });

  it("is reported for each recipient that can be read", () => {
    const bouncedRecipients = [{ emailAddress: "jane@example.com" }, null, "richard@example.com", { emailAddress: 7 }];
    const event = { eventType: "Bounce", bounce: { bounceType: "Permanent", bouncedRecipients }, mail };
    const { reports } = reportsIn(ses.read, notification(event));
    expect(reports.map(({ address }) => address)).toEqual(["jane@example.com", undefined]);
  });
});

describe("other messages of SNS", () => {
  it.each(["SubscriptionConfirmation", "UnsubscribeConfirmation"])("%s has no outcome", (Type) => {
    expect(reportsIn(ses.read, { Type, Message: "You have chosen …" })).toEqual({
      reports: [],
      ignored: 0,
      unreadable: 0,
    });
  });

  it("the sentence that SES publishes when the topic is set up is ignored", () => {
    const Message = "Successfully validated SNS topic for Amazon SES event publishing.";
    expect(outcomes(ses.read, { Type: "Notification", Message })).toBe("ignored 1");
  });

  it.each([
    ["no object", []],
    ["no envelope", { eventType: "Bounce" }],
    ["an alarm of another service", { Type: "Notification", Message: "CPU is at 90 %" }],
    ["JSON of another service", { Type: "Notification", Message: '{"AlarmName":"cpu"}' }],
  ])("%s is not understood", (_, payload) => {
    expect(ses.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
