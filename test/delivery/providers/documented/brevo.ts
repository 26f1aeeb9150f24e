import { brevo as provider } from "../../../../src/delivery/providers/brevo.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

const AT_MS = 1_604_933_654_000;

function event(name: string, more: object = {}): object {
  return {
    ...{ event: name, email: "marie@example.net", id: 26_224, date: "2020-11-09 15:54:14", ts: AT_MS / 1_000 },
    ...{ "message-id": "<202011091554.57876830@smtp-relay.mailin.fr>", ts_event: AT_MS / 1_000, ts_epoch: AT_MS },
    ...{ subject: "November news", "X-Mailin-custom": JSON.stringify({ waxseal: TOKEN, list: "7" }) },
    ...{ sending_ip: "192.0.2.1", template_id: 22, tags: ["news"], tag: '["news"]' },
    ...more,
  };
}

const bounce = (name: string, reason?: string) => event(name, { reason });
const found = (more: object) => event("delivered", { "X-Mailin-custom": undefined, tags: [], tag: undefined, ...more });

export const brevo: Documented = {
  read: provider.read,
  outcomes: [
    [event("request"), "sent"],
    [event("delivered"), "delivered"],
    [event("spam"), "complained"],
    [event("complaint"), "complained"],
    [event("unsubscribe"), "unsubscribed"],
    [event("unsubscribed"), "unsubscribed"],
    [event("unique_opened"), "ignored 1"],
    [event("opened"), "ignored 1"],
    [event("unique_proxy_open"), "ignored 1"],
    [event("proxy_open"), "ignored 1"],
    [event("click", { link: "https://example.com/" }), "ignored 1"],
    [event("list_addition"), "ignored 1"],
    [event("contact_updated"), "ignored 1"],
    // As Brevo calls it, whatever the server said: it tries again.
    [bounce("deferred", "550 RecipientError: 550 5.1.1 Recipient address rejected: User unknown"), "deferred"],

    [bounce("hard_bounce", "550 5.1.1 <marie@example.net>: Recipient address rejected: User unknown"), "bounced 2"],
    [bounce("hard_bounce", "550 5.7.1 Message rejected as spam"), "bounced 1"],
    // Permanent, and nothing that says that the address is unusable.
    [bounce("hard_bounce"), "bounced 1"],
    [bounce("soft_bounce", "452 4.2.2 The email account that you tried to reach is over quota"), "bounced 3"],
    [bounce("soft_bounce", "undefined Unable to find MX of domain example.net"), "bounced 9"],
    // Temporary according to Brevo: no recipient is suppressed.
    [bounce("soft_bounce", "550 5.1.1 User unknown"), "bounced 9"],
    [bounce("invalid_email"), "bounced 2"],
    [bounce("invalid_email", "550 5.7.1 sender address invalid"), "bounced 1"],
    [bounce("blocked", "blocked : due to blacklist user"), "bounced 1"],
    [bounce("error"), "bounced 4"],

    [[event("request"), event("delivered"), event("opened"), event("spam")], "sent, delivered, complained"],
    [[], "ignored 0"],
  ],
  reports: [
    [
      bounce("hard_bounce", "550 5.1.1 no such user"),
      {
        outcome: {
          type: "bounced",
          bounce: {
            ...{ category: 2, subcategory: "hard_bounce", status: "5.1.1" },
            details: "550 5.1.1 no such user",
          },
        },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: AT_MS,
        sourceId: `brevo:<202011091554.57876830@smtp-relay.mailin.fr>:hard_bounce:${AT_MS}`,
      },
    ],
    // The documentation's examples have seconds where its table says milliseconds; a tag may hold the token, too.
    ...[
      { ts_epoch: AT_MS / 1_000, tags: ["news", `waxseal:${TOKEN}`] },
      { ts_epoch: undefined, "X-Mailin-custom": `campaign:news|waxseal:${TOKEN}` },
    ].map((more): Documented["reports"][number] => [
      found(more),
      {
        outcome: { type: "delivered" },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: AT_MS,
        sourceId: `brevo:<202011091554.57876830@smtp-relay.mailin.fr>:delivered:${AT_MS}`,
      },
    ]),
  ],
  foreign: [{}, { hello: "world" }, { items: [] }, "text", null],
};
