import { mailersend as provider } from "../../../../src/delivery/providers/mailersend.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

const AT = "2023-02-27T21:09:49.506000Z";

function event(type: string, morph: object | null = null, email: object = {}): object {
  return {
    ...{
      type,
      domain_id: "yv69oxl5kl785kw2",
      created_at: "2023-02-27T21:09:50.520507Z",
      webhook_id: "2351ndgwr4zqx8ko",
    },
    url: "https://t.example.com/v1/webhooks/mailersend",
    data: {
      ...{ object: "activity", id: "63fd1c1d31b9c750540fe85c", type: type.replace("activity.", ""), created_at: AT },
      email: {
        ...{ object: "email", id: "63fd1c1de225707fa905f0a8", from: "news@example.com", subject: "November news" },
        ...{ status: "sent", tags: ["news", `waxseal:${TOKEN}`] },
        message: { object: "message", id: "63fd1c1d5f010335ed07066b" },
        recipient: { object: "recipient", id: "63f3bb1965d98aa98c07d6b7", email: "marie@example.net" },
        ...email,
      },
      ...{ morph, template_id: "" },
    },
  };
}

function bounce(type: string, reason: string | null): object {
  return event(`activity.${type}`, { object: "recipient_bounce", reason });
}

export const mailersend: Documented = {
  read: provider.read,
  outcomes: [
    [event("activity.sent"), "sent"],
    [event("activity.delivered"), "delivered"],
    [event("activity.deferred"), "deferred"],
    [event("activity.spam_complaint", { object: "spam_complaint", reason: null }), "complained"],
    [
      event("activity.unsubscribed", {
        object: "recipient_unsubscribe",
        reason: "option_3",
        readable_reason: "Too many",
      }),
      "unsubscribed",
    ],
    [event("activity.opened", { object: "open", ip: "192.0.2.1" }), "ignored 1"],
    [event("activity.opened_unique"), "ignored 1"],
    [event("activity.clicked", { object: "click", url: "https://example.com/" }), "ignored 1"],
    [event("activity.clicked_unique"), "ignored 1"],
    [event("activity.survey_opened"), "ignored 1"],
    [event("activity.survey_submitted"), "ignored 1"],
    [{ type: "sender_identity.verified", created_at: AT, data: { id: "1", email: "news@example.com" } }, "ignored 1"],
    [{ type: "recipient.on_hold_added", created_at: AT, data: [] }, "ignored 1"],
    [{ type: "maintenance.start", created_at: AT }, "ignored 1"],

    [bounce("hard_bounced", "550 5.1.1 The email account that you tried to reach does not exist"), "bounced 2"],
    [bounce("hard_bounced", "Host or domain name not found"), "bounced 2"],
    [bounce("hard_bounced", "550 5.7.1 Message rejected as spam"), "bounced 1"],
    // Permanent, and nothing that says that the address is unusable.
    [bounce("hard_bounced", null), "bounced 1"],
    [bounce("soft_bounced", "452 4.2.2 mailbox full"), "bounced 3"],
    [bounce("soft_bounced", "Unknown reason"), "bounced 9"],
    // Temporary according to MailerSend: no recipient is suppressed.
    [bounce("soft_bounced", "550 5.1.1 User unknown"), "bounced 9"],
  ],
  reports: [
    [
      bounce("hard_bounced", "550 5.1.1 no such user"),
      {
        outcome: {
          type: "bounced",
          bounce: { category: 2, subcategory: "hard_bounced", status: "5.1.1", details: "550 5.1.1 no such user" },
        },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: Date.parse(AT),
        sourceId: "mailersend:63fd1c1d31b9c750540fe85c",
      },
    ],
    [
      event("activity.sent", null, { tags: null, headers: [{ name: "X-Waxseal-Message", value: TOKEN }] }),
      {
        outcome: { type: "sent" },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: Date.parse(AT),
        sourceId: "mailersend:63fd1c1d31b9c750540fe85c",
      },
    ],
  ],
  foreign: [{}, { hello: "world" }, [], "text", null],
};
