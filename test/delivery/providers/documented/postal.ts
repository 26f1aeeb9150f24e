import { postal as provider } from "../../../../src/delivery/providers/postal.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

const UUID = "58e8d7ee-2cd5-4db2-9af3-3f436105795a";

const message = {
  ...{ id: 1563, token: "zw6psSlgo6ki", direction: "outgoing", message_id: "c462ad36@rp.postal.example.com" },
  ...{ to: "marie@example.net", from: "news@example.com", subject: "Hello", timestamp: 1_606_752_104.69 },
  ...{ spam_status: "NotChecked", tag: TOKEN },
};

function event(name: string, payload: object): object {
  return { event: name, timestamp: 1_606_753_101.354, payload, uuid: UUID };
}

function status(name: string, status: string, output: string, details = "…", more: object = {}): object {
  const attempt = { sent_with_ssl: true, timestamp: 1_606_752_106.985, time: 0.89 };
  return event(name, { message: { ...message, ...more }, status, details, output, ...attempt });
}

const failed = (output: string, details?: string) => status("MessageDeliveryFailed", "HardFail", output, details);
const bounce = { ...message, id: 233_864, direction: "incoming", to: "bk87jw@psrp.postal.example.com", tag: null };

export const postal: Documented = {
  read: provider.read,
  outcomes: [
    [status("MessageSent", "Sent", "250 2.0.0 OK\n"), "delivered"],
    [status("MessageDelayed", "SoftFail", "451 4.7.1 try again"), "deferred"],
    // A queue of Postal's own, from which people release it.
    [
      status("MessageHeld", "Held", "", "Recipient (marie@example.net) is on the suppression list (reason: too many)"),
      "deferred",
    ],
    [event("MessageBounced", { original_message: message, bounce }), "bounced 9"],
    ...["Automatic reply: News", "Abwesenheitsnotiz: News", "Réponse automatique : News"].map(
      (subject) =>
        [event("MessageBounced", { original_message: message, bounce: { ...bounce, subject } }), "ignored 1"] as const,
    ),
    [event("MessageLinkClicked", { message, url: "https://example.com/", token: "a" }), "ignored 1"],
    [event("MessageLoaded", { message, ip_address: "192.0.2.1", user_agent: "Mozilla/5.0" }), "ignored 1"],
    [event("DomainDNSError", { domain: "example.com", spf_status: "Missing", server: { uuid: UUID } }), "ignored 1"],
    [event("SendLimitExceeded", { server: { uuid: UUID }, volume: 1000, limit: 1000 }), "ignored 1"],
    // A mail that came in and could not be handed on.
    [
      status("MessageDeliveryFailed", "HardFail", "Not found", "Received a 404", { direction: "incoming" }),
      "ignored 1",
    ],

    [failed("550 5.1.1 <marie@example.net>: Recipient address rejected: User unknown\n"), "bounced 2"],
    [failed("554 5.7.1 rejected as spam"), "bounced 1"],
    [failed("550 go away"), "bounced 1"],
    // Postal asked no server.
    [failed("", "Maximum number of delivery attempts (18) has been reached."), "bounced 3"],
    [failed("", "Message is likely spam. Threshold is 5.0 and the message scored 9.2."), "bounced 1"],
    [failed("", "Message's domain no longer exist"), "bounced 4"],
  ],
  reports: [
    [
      failed("550 5.1.1 no such user"),
      {
        outcome: {
          type: "bounced",
          bounce: {
            ...{ category: 2, subcategory: "MessageDeliveryFailed", status: "5.1.1" },
            details: "550 5.1.1 no such user",
          },
        },
        tokens: [TOKEN, "c462ad36"],
        address: "marie@example.net",
        atMs: 1_606_752_106_985,
        sourceId: `postal:${UUID}`,
      },
    ],
    [
      event("MessageBounced", { original_message: { ...message, tag: null, from: "b+token@example.com" }, bounce }),
      {
        outcome: { type: "bounced", bounce: { category: 9, subcategory: "MessageBounced" } },
        tokens: ["token", "c462ad36"],
        address: "marie@example.net",
        atMs: 1_606_753_101_354,
        sourceId: `postal:${UUID}`,
      },
    ],
  ],
  vocabulary: [
    [status("MessageSent", "Sent", "250 OK"), "delivered"],
    [status("MessageDelayed", "SoftFail", "451 4.7.1 try again"), "deferred"],
    [failed("550 5.1.1 no such user"), "failed"],
    [failed("", "Message's domain no longer exist"), "failed"],
    [status("MessageHeld", "Held", "", "Server is in development mode."), "queued"],
    // Named by what it holds, whatever the event is called.
    [event("MessageDelayed", { original_message: message, bounce }), "bounced bounced"],
    [event("MessageLinkClicked", { message, url: "https://example.com/" }), "clicked"],
    [event("MessageLoaded", { message }), "unknown"],
  ],
  foreign: [{}, [], "text", null, { event: "MessageSent" }, { rcpt_to: "in@example.com", mail_from: "a@b.example" }],
};
