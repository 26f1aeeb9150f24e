import { mailjet as provider } from "../../../../src/delivery/providers/mailjet.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

function event(name: string, more: object = {}): object {
  return {
    ...{ event: name, time: 1_433_333_949, MessageID: 19_421_777_835_146_490, email: "marie@example.net" },
    ...{ Message_GUID: "1ab23cd4-e567-8901-2345-6789f0ab1c2d", mj_campaign_id: 7257, mj_contact_id: 4 },
    ...{ customcampaign: "", CustomID: "", Payload: JSON.stringify({ waxseal: TOKEN, list: 7 }) },
    ...more,
  };
}

function bounce(error: string, hard_bounce: boolean, comment = ""): object {
  return event("bounce", { blocked: false, hard_bounce, error_related_to: "…", error, comment });
}

/** Of a bounce that is permanent, and of a mail that Mailjet did not send. */
const ERRORS: readonly (readonly [error: string, hard: string, blocked: string])[] = [
  ["user unknown", "bounced 2", "bounced 2"],
  ["mailbox inactive", "bounced 1", "bounced 1"],
  ["quota exceeded", "bounced 3", "bounced 3"],
  ["blacklisted", "bounced 1", "bounced 1"],
  ["spam reporter", "bounced 1, complained", "bounced 1, complained"],
  ["invalid domain", "bounced 2", "bounced 2"],
  ["no mail host", "bounced 4", "bounced 4"],
  ["relay/access denied", "bounced 1", "bounced 1"],
  ["greylisted", "bounced 3", "bounced 3"],
  ["typofix", "bounced 2", "bounced 2"],
  ["bad or empty template", "bounced 4", "bounced 4"],
  ["error in template language", "bounced 4", "bounced 4"],
  ["sender blocked", "bounced 1", "bounced 1"],
  ["content blocked", "bounced 1", "bounced 1"],
  ["policy issue", "bounced 1", "bounced 1"],
  ["system issue", "bounced 4", "bounced 4"],
  ["protocol issue", "bounced 4", "bounced 4"],
  ["connection issue", "bounced 3", "bounced 3"],
  ["preblocked", "bounced 1", "bounced 1"],
  ["duplicate in campaign", "bounced 4", "bounced 4"],
  ["something new", "bounced 1", "bounced 1"],
];

const sent = { email: "marie@example.net", atMs: 1_433_333_949_000 };

export const mailjet: Documented = {
  read: provider.read,
  outcomes: [
    [event("sent", { smtp_reply: "sent (250 2.0.0 OK 1433333948 fa5si855896wjc.199 - gsmtp)" }), "delivered"],
    [event("open", { ip: "192.0.2.1", geo: "US", agent: "Mozilla/5.0" }), "ignored 1"],
    [event("click", { url: "https://example.com/" }), "ignored 1"],
    [event("spam", { source: "JMRPP" }), "complained"],
    [event("unsub", { mj_list_id: 1, ip: "192.0.2.1" }), "unsubscribed"],
    [[event("sent"), event("open"), event("spam")], "delivered, complained"],

    ...ERRORS.map(([error, hard]) => [bounce(error, true), hard] as const),
    ...ERRORS.map(([error, _, blocked]) => [event("blocked", { error }), blocked] as const),
    [event("blocked"), "bounced 1"],
    [bounce("", true), "bounced 1"],
    [bounce("", false), "bounced 9"],
    [bounce("", true, "550 5.1.1 User unknown"), "bounced 2"],
    // "Delivery will be re-attempted."
    [bounce("greylisted", false), "deferred"],
    // Temporary according to Mailjet: no recipient is suppressed.
    [bounce("user unknown", false), "bounced 9"],
    [bounce("mailbox inactive", false), "bounced 9"],
    [bounce("invalid domain", false, "Host or domain name not found"), "bounced 9"],
    // The server's words say otherwise.
    [bounce("user unknown", true, "554 5.7.1 rejected as spam"), "bounced 1"],
    [
      bounce("user unknown", true, "Host or domain name not found. Name service error for name=x.example type=A"),
      "bounced 2",
    ],
  ],
  reports: [
    [
      bounce("user unknown", true, "550 5.1.1 no such user"),
      {
        outcome: {
          type: "bounced",
          bounce: { category: 2, subcategory: "user unknown", status: "5.1.1", details: "550 5.1.1 no such user" },
        },
        tokens: [TOKEN],
        address: sent.email,
        atMs: sent.atMs,
        sourceId: "mailjet:1ab23cd4-e567-8901-2345-6789f0ab1c2d:bounce:1433333949000",
      },
    ],
    ...[
      { Payload: "", CustomID: TOKEN },
      { Payload: `waxseal=${TOKEN}` },
      { Payload: TOKEN, Message_GUID: "1ab23cd4-e567-8901-2345-6789f0ab1c2d" },
    ].map((more): Documented["reports"][number] => [
      event("sent", more),
      {
        outcome: { type: "delivered" },
        tokens: [TOKEN],
        address: sent.email,
        atMs: sent.atMs,
        sourceId: "mailjet:1ab23cd4-e567-8901-2345-6789f0ab1c2d:sent:1433333949000",
      },
    ]),
  ],
  foreign: [{}, { hello: "world" }, "text", null],
};
