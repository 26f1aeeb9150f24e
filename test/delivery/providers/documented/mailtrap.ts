import { mailtrap as provider } from "../../../../src/delivery/providers/mailtrap.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

function event(name: string, more: object = {}): object {
  return {
    ...{ event: name, timestamp: 1_728_669_700, sending_stream: "bulk", category: "News" },
    ...{ custom_variables: { waxseal: TOKEN, user_id: "123" }, message_id: "1df37d17-0286-4d8b-8edf-bc4ec5be86e6" },
    ...{ email: "marie@example.net", event_id: "bede7236-2284-43d6-a953-1fdcafd0fdbc" },
    ...{ sending_domain_name: "example.com" },
    ...more,
  };
}

const json = (...events: object[]) => ({ events });

function bounce(response: string | undefined, response_code: number, bounce_category: string): object {
  return json(event("bounce", { response, response_code, bounce_category }));
}

const suppressed = (reason: string) => json(event("reject", { reason: `Recipient in suppression list. ${reason}` }));
const login = { event: "activity_log.user.login", description: "logged in with SSO", timestamp: 1_735_830_138 };

export const mailtrap: Documented = {
  read: provider.read,
  outcomes: [
    [json(event("delivery")), "delivered"],
    [json(event("soft bounce", { response: "4.7.1 please retry", response_code: 451 })), "deferred"],
    [json(event("suspension", { reason: "Your account has reached its daily sending limit." })), "deferred"],
    [json(event("spam")), "complained"],
    [json(event("unsubscribe", { ip: "192.0.2.1" })), "unsubscribed"],
    [suppressed("Reason: unsubscription"), "bounced 1"],
    [suppressed("Reason: spam complaint"), "bounced 1, complained"],
    [json(event("reject", { reason: "unknown" })), "bounced 1"],
    [json(event("open")), "ignored 1"],
    [json(event("click", { url: "https://example.com/" })), "ignored 1"],
    [json(login), "ignored 1"],
    [json({ event: "inbound.message_received", inbox_id: 7, message_id: "1" }), "ignored 1"],
    [json(), "ignored 0"],
    [json(event("delivery"), event("open"), event("spam")), "delivered, complained"],
    // JSON Lines: of several, and of one.
    [[event("delivery"), event("spam")], "delivered, complained"],
    [event("delivery"), "delivered"],

    [bounce("bounced (550 5.1.1 The email account that you tried to reach does not exist.)", 550, "hard"), "bounced 2"],
    [bounce("[CS01] Message rejected due to local policy", 555, "spam"), "bounced 1"],
    // Permanent, and no word of a server that says that the address is unusable.
    [bounce(undefined, 550, "generalfail"), "bounced 1"],
    // After ten soft bounces.
    [bounce("hm", 451, "transientfail"), "bounced 3"],
    [bounce("4.2.2 The mailbox is full", 452, "transientfail"), "bounced 3"],
  ],
  reports: [
    [
      bounce("5.1.1 no such user", 550, "badmailbox"),
      {
        outcome: {
          type: "bounced",
          bounce: { category: 2, subcategory: "badmailbox", status: "5.1.1", details: "5.1.1 no such user" },
        },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: 1_728_669_700_000,
        sourceId: "mailtrap:bede7236-2284-43d6-a953-1fdcafd0fdbc",
      },
    ],
  ],
  vocabulary: [
    [json(event("delivery")), "delivered"],
    [json(event("open")), "opened"],
    [json(event("click")), "clicked"],
    [bounce("550 5.1.1 no such user", 550, "badmailbox"), "bounced bounced"],
    [json(event("soft bounce", { response_code: 450 })), "deferred other"],
    [json(event("spam")), "complained spam"],
    [json(event("unsubscribe")), "unsubscribed unsubscribed"],
    [json(event("reject", { reason: "unknown" })), "rejected blocked"],
    [json(event("suspension", { reason: "other" })), "deferred other"],
  ],
  foreign: [{}, { events: "none" }, { hello: "world" }, "text", null],
};
