import { unisenderGo as provider } from "../../../../src/delivery/providers/unisender-go.ts";
import { TOKEN } from "../reports.ts";
import type { Documented } from "./documented.ts";

const JOB = "1sn15Z-0007Le-GtVN";

function data(status: string, more: object = {}): object {
  return {
    ...{ job_id: JOB, metadata: { waxseal: TOKEN, cohort: "a" }, email: "marie@example.net", status },
    ...{ event_time: "2024-09-07 19:27:17" },
    ...more,
  };
}

function body(...events: { readonly event_name: string; readonly event_data: object }[]): object {
  return { auth: "b3cb4d6aef9d07095805c39e792e0542", events_by_user: [{ user_id: 456, project_id: "64", events }] };
}

function status(name: string, more: object = {}): { readonly event_name: string; readonly event_data: object } {
  return { event_name: "transactional_email_status", event_data: data(name, more) };
}

function failed(delivery_status?: string, destination_response?: string): object {
  return body(status("hard_bounced", { delivery_info: { delivery_status, destination_response } }));
}

const blocked = { block_time: "2024-09-07 19:27:17", block_type: "one_smtp", domain: "example.net" };

const FAILURES: readonly (readonly [delivery_status: string, category: number])[] = [
  ["err_user_unknown", 2],
  ["err_mailbox_discarded", 2],
  ["err_user_inactive", 1],
  ["err_will_retry", 3],
  ["err_mailbox_full", 3],
  ["err_spam_rejected", 1],
  ["err_spam_skipped", 1],
  ["err_spam_removed", 1],
  ["err_blacklisted", 1],
  ["err_too_large", 4],
  ["err_unsubscribed", 1],
  ["err_unreachable", 1],
  ["err_skip_letter", 3],
  ["err_domain_inactive", 4],
  ["err_destination_misconfigured", 4],
  ["err_delivery_failed", 1],
  ["err_lost", 4],
  ["err_internal", 4],
  ["err_giveup", 3],
  ["err_something_new", 1],
];

export const unisenderGo: Documented = {
  read: provider.read,
  outcomes: [
    [body(status("accepted")), "ignored 1"],
    [body(status("sent")), "sent"],
    [body(status("delivered")), "delivered"],
    [body(status("opened")), "ignored 1"],
    [body(status("clicked", { url: "https://example.com/" })), "ignored 1"],
    [body(status("unsubscribed")), "unsubscribed"],
    // Who subscribes again at a provider is not followed.
    [body(status("subscribed")), "ignored 1"],
    [body(status("soft_bounced", { delivery_info: { delivery_status: "err_will_retry" } })), "deferred"],
    [body(status("spam", { delivery_info: { delivery_status: "ok_fbl" } })), "complained"],
    [body(status("spam")), "complained"],
    // A filter's doing, and nobody's complaint.
    [body(status("spam", { delivery_info: { delivery_status: "ok_spam_folder" } })), "ignored 1"],
    [body({ event_name: "transactional_spam_block", event_data: blocked }), "ignored 1"],
    [body(), "ignored 0"],
    [body(status("sent"), status("opened"), status("delivered")), "sent, delivered"],
    // With "single event".
    [{ auth: "…", event_name: "transactional_email_status", user_id: 456, ...data("delivered") }, "delivered"],
    [{ auth: "…", event_name: "transactional_spam_block", ...blocked }, "ignored 1"],

    ...FAILURES.map(([word, category]) => [failed(word), `bounced ${category}`] as const),
    [failed(), "bounced 1"],
    [failed("err_delivery_failed", "550 5.1.1 User unknown"), "bounced 2"],
    // The server contradicts.
    [failed("err_user_unknown", "554 5.7.1 rejected as spam"), "bounced 1"],
    [failed("err_user_unknown", "552 5.2.2 Mailbox full"), "bounced 3"],
  ],
  reports: [
    [
      failed("err_user_unknown", "550 5.1.1 User unknown"),
      {
        outcome: {
          type: "bounced",
          bounce: {
            ...{ category: 2, subcategory: "err_user_unknown", status: "5.1.1" },
            details: "550 5.1.1 User unknown",
          },
        },
        tokens: [TOKEN],
        address: "marie@example.net",
        atMs: Date.parse("2024-09-07T19:27:17Z"),
        sourceId: `unisender-go:${JOB}:marie@example.net:hard_bounced:${Date.parse("2024-09-07T19:27:17Z")}`,
      },
    ],
  ],
  vocabulary: [
    [body(status("sent")), "sent"],
    [body(status("delivered")), "delivered"],
    [body(status("opened")), "opened"],
    [body(status("clicked")), "clicked"],
    [body(status("unsubscribed")), "unsubscribed"],
    [body(status("subscribed")), "subscribed"],
    [body(status("spam")), "complained"],
    [body(status("soft_bounced", { delivery_info: { delivery_status: "err_will_retry" } })), "deferred"],
    [failed("err_user_unknown", "550 5.1.1 no such user"), "bounced bounced"],
    [failed("err_user_inactive"), "bounced bounced"],
    [failed("err_mailbox_discarded"), "bounced bounced"],
    [failed("err_mailbox_full"), "bounced bounced"],
    [failed("err_spam_rejected"), "bounced spam"],
    [failed("err_blacklisted"), "bounced blocked"],
    [failed("err_too_large"), "bounced bounced"],
    [failed("err_unsubscribed"), "bounced unsubscribed"],
    [failed("err_unreachable"), "bounced bounced"],
    [failed("err_skip_letter"), "bounced bounced"],
    [failed("err_domain_inactive"), "bounced bounced"],
    [failed("err_destination_misconfigured"), "bounced bounced"],
    [failed("err_delivery_failed"), "bounced other"],
    [failed("err_spam_skipped"), "bounced spam"],
    [failed("err_lost"), "bounced other"],
  ],
  foreign: [{}, [], { events_by_user: {} }, { auth: "b3cb4d6aef9d07095805c39e792e0542" }, "text", null],
};
