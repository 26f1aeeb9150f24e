import { sparkpost as provider } from "../../../../src/delivery/providers/sparkpost.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

function event(type: string, more: object = {}, kind = "message_event"): object {
  const fields = {
    ...{
      type,
      event_id: "92356927693813856",
      message_id: "000443ee14578172be22",
      transmission_id: "65832150921904138",
    },
    ...{ friendly_from: "news@example.com", msg_from: "bounces@sparkpost.example", subject: "November news" },
    ...{ rcpt_to: "marie@example.net", raw_rcpt_to: "Marie@example.net", rcpt_tags: ["news"] },
    ...{ rcpt_meta: { waxseal: TOKEN, customKey: "1" }, timestamp: "1460989507", customer_id: "1" },
    ...more,
  };
  return { msys: { [kind]: fields } };
}

function opened(type: string, user_agent_parsed: object): object {
  return event(type, { user_agent: "Mozilla/5.0 (X11)", user_agent_parsed }, "track_event");
}

function bounce(bounce_class: string, raw_reason?: string, type = "bounce"): object {
  return event(type, { bounce_class, raw_reason, error_code: raw_reason?.slice(0, 3) });
}

const NO_SUCH_USER = "550 5.1.1 <marie@example.net>: Recipient address rejected: User unknown";

/** Without a word of a server's. */
const CLASSES: readonly (readonly [number, string])[] = [
  [1, "bounced 9"],
  [10, "bounced 2"],
  [15, "bounced 1"],
  [20, "bounced 9"],
  [21, "bounced 4"],
  [22, "bounced 3"],
  [23, "bounced 4"],
  [24, "bounced 3"],
  [25, "bounced 1"],
  [26, "bounced 1"],
  [30, "bounced 1"],
  [40, "bounced 9"],
  [50, "bounced 1"],
  [51, "bounced 1"],
  [52, "bounced 1"],
  [53, "bounced 1"],
  [54, "bounced 1"],
  [60, "ignored 1"],
  [70, "bounced 3"],
  [80, "ignored 1"],
  [90, "unsubscribed"],
  [100, "ignored 1"],
  [999, "bounced 9"],
];

export const sparkpost: Documented = {
  read: provider.read,
  outcomes: [
    [[event("injection")], "sent"],
    [[event("delivery")], "delivered"],
    [[event("delay", { bounce_class: "21", raw_reason: "454 4.4.4 no MX or A for domain" })], "deferred"],
    [[event("spam_complaint", { fbtype: "abuse" })], "complained"],
    [[event("spam_complaint", { fbtype: "not-spam" })], "ignored 1"],
    [[event("list_unsubscribe", { mailfrom: "marie@example.net" }, "unsubscribe_event")], "unsubscribed"],
    [[event("link_unsubscribe", { target_link_url: "https://x.example/" }, "unsubscribe_event")], "unsubscribed"],
    ...["open", "initial_open", "click", "amp_open", "amp_initial_open", "amp_click"].map(
      (type) => [[event(type, {}, "track_event")], "ignored 1"] as const,
    ),
    ...["open", "initial_open"].flatMap((type) => [
      [[opened(type, { is_prefetched: true })], "automatedOpen"] as const,
      [[opened(type, { is_prefetched: false, is_proxy: true })], "ignored 1"] as const,
      // The pixel of another part of the mail.
      [[opened(`amp_${type}`, { is_prefetched: true })], "ignored 1"] as const,
    ]),
    ...["relay_injection", "relay_rejection", "relay_delivery", "relay_tempfail", "relay_permfail"].map(
      (type) => [[event(type, {}, "relay_event")], "ignored 1"] as const,
    ),
    [[event("ab_test_completed", {}, "ab_test_event"), event("success", {}, "ingest_event")], "ignored 2"],
    [[event("sms_status")], "ignored 1"],
    // What SparkPost posts when a webhook is set up.
    [[{ msys: {} }], "ignored 1"],
    [[event("injection"), event("open"), bounce("10", NO_SUCH_USER)], "sent, bounced 2"],

    ...CLASSES.map(([bounceClass, expected]) => [[bounce(String(bounceClass))], expected] as const),
    [[event("bounce", { bounce_class: 10 })], "bounced 2"],
    [[event("bounce")], "bounced 9"],
    [[bounce("10", NO_SUCH_USER, "out_of_band")], "bounced 2"],
    // The server's words say otherwise.
    [[bounce("10", "554 5.7.1 Sender address rejected: not in our domain")], "bounced 1"],
    [[bounce("30", NO_SUCH_USER)], "bounced 2"],
    [[bounce("20", "452 4.2.2 mailbox full")], "bounced 3"],
    // Temporary according to SparkPost: no recipient is suppressed.
    [[bounce("20", NO_SUCH_USER)], "bounced 9"],
    [[event("policy_rejection", { bounce_class: "25", raw_reason: "550 5.7.1 policy" })], "bounced 1"],
    [
      [event("generation_rejection", { raw_reason: "554 5.7.1 recipient address suppressed" }, "gen_event")],
      "bounced 1",
    ],
    [
      [event("generation_failure", { raw_reason: "554 5.3.3 Error while rendering part html" }, "gen_event")],
      "bounced 4",
    ],
  ],
  reports: [
    [
      [bounce("10", "550 5.1.1 no such user")],
      {
        outcome: {
          type: "bounced",
          bounce: { category: 2, subcategory: "10", status: "5.1.1", details: "550 5.1.1 no such user" },
        },
        tokens: [TOKEN],
        address: "Marie@example.net",
        atMs: 1_460_989_507_000,
        sourceId: "sparkpost:92356927693813856",
      },
    ],
    [
      [event("delivery", { timestamp: "2018-10-11T23:24:45.000+00:00", raw_rcpt_to: undefined })],
      {
        outcome: { type: "delivered" },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: Date.parse("2018-10-11T23:24:45.000Z"),
        sourceId: "sparkpost:92356927693813856",
      },
    ],
  ],
  foreign: [{}, { hello: "world" }, "text", null],
};
