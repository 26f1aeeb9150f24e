import { mandrill as provider } from "../../../../src/delivery/providers/mandrill.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

const about = { _id: "7d9e0c3a51f24b0c", ts: 1_461_095_246 };

function message(event: string, more: object = {}): object {
  const msg = {
    ...{ _id: about._id, ts: 1_461_095_211, subject: "Hello", email: "marie@example.net", sender: "news@example.com" },
    ...{ tags: ["news"], opens: [], clicks: [], state: "sent", metadata: { waxseal: TOKEN, user: 111 } },
    ...more,
  };
  return { event, msg, ...about };
}

const form = (...events: object[]) => ({ mandrill_events: [JSON.stringify(events)] });
const bounced = (event: string, bounce_description: string, diag?: string) =>
  form(message(event, { state: "bounced", bounce_description, bgtools_code: 10, diag }));

const deferred = { smtp_events: [{ type: "deferred", diag: "451 4.3.5 Temporarily unavailable, try again later." }] };
const denied = { reason: "hard-bounce", email: "marie@example.net", detail: "550 no such user", expired: false };

export const mandrill: Documented = {
  read: provider.read,
  outcomes: [
    [form(message("send")), "sent"],
    [form(message("delivered")), "delivered"],
    [form(message("deferral", deferred)), "deferred"],
    [form(message("spam")), "complained"],
    [form(message("unsub")), "unsubscribed"],
    // Without a reason, or for a new one, nobody is suppressed.
    [form(message("reject", { state: "rejected" })), "bounced 9"],
    ...Object.entries({
      "hard-bounce": "bounced 1",
      "soft-bounce": "bounced 1",
      spam: "bounced 1, complained",
      unsub: "bounced 1",
      custom: "bounced 1",
      // The sender's own fault.
      "invalid-sender": "bounced 4",
      invalid: "bounced 4",
      "test-mode-limit": "bounced 4",
      unsigned: "bounced 4",
      rule: "bounced 4",
      "something-new": "bounced 9",
    }).map(([reason, expected]) => [form(message("reject", { reject: { reason } })), expected] as const),
    [form(message("open", { opens: [{ ts: about.ts }] })), "ignored 1"],
    [form({ ...message("click"), url: "https://example.com/" }), "ignored 1"],
    [form({ event: "inbound", ts: about.ts, msg: { raw_msg: "Received: …", email: "in@example.com" } }), "ignored 1"],
    [form({ type: "blacklist", action: "add", reject: denied, ts: about.ts }), "ignored 1"],
    ...["unsub", "spam", "custom"].flatMap((reason) =>
      Object.entries({ add: "addressOptedOut", change: "addressOptedOut", remove: "ignored 1" }).map(
        ([action, expected]) =>
          [form({ type: "denylist", action, reject: { ...denied, reason }, ts: about.ts }), expected] as const,
      ),
    ),
    [form({ type: "whitelist", action: "remove", entry: { email: "marie@example.net" }, ts: about.ts }), "ignored 1"],
    [form(), "ignored 0"],
    [form(message("send"), message("open"), message("delivered")), "sent, delivered"],

    [bounced("hard_bounce", "bad_mailbox", "smtp;550 5.1.1 The email account does not exist."), "bounced 2"],
    [bounced("hard_bounce", "general", "smtp;550 5.7.1 blocked using a blacklist"), "bounced 1"],
    // Permanent, and no word of a server that says that the address is unusable.
    [bounced("hard_bounce", "bad_mailbox"), "bounced 1"],
    [bounced("soft_bounce", "mailbox_full", "smtp;552 5.2.2 Over Quota"), "bounced 3"],
    [bounced("soft_bounce", "general", "smtp;550 5.1.1 User unknown"), "bounced 9"],
    [bounced("soft_bounce", "general"), "bounced 9"],
  ],
  reports: [
    [
      bounced("hard_bounce", "bad_mailbox", "smtp;550 5.1.1 no such user"),
      {
        outcome: {
          type: "bounced",
          bounce: { category: 2, subcategory: "bad_mailbox", status: "5.1.1", details: "smtp;550 5.1.1 no such user" },
        },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: 1_461_095_246_000,
        sourceId: "mandrill:7d9e0c3a51f24b0c:hard_bounce:1461095246000",
      },
    ],
  ],
  vocabulary: [
    [form(message("send")), "sent"],
    [form(message("deferral", deferred)), "deferred"],
    [bounced("hard_bounce", "bad_mailbox", "smtp;550 5.1.1 no such user"), "bounced"],
    [bounced("soft_bounce", "mailbox_full", "smtp;552 5.2.2 Over Quota"), "bounced"],
    [form(message("open")), "opened"],
    [form(message("click")), "clicked"],
    [form(message("spam")), "complained"],
    [form(message("unsub")), "unsubscribed"],
    [form(message("reject")), "rejected"],
    [form({ type: "whitelist", action: "add" }), "unknown"],
    [form({ type: "blacklist", action: "add", reject: denied }), "unknown"],
    [form({ event: "inbound", msg: { raw_msg: "Received: …" } }), "inbound"],
  ],
  foreign: [{}, { mandrill_events: [] }, { mandrill_events: ["[]", "[]"] }, { mandrill_events: ["{}"] }, { a: ["b"] }],
};
