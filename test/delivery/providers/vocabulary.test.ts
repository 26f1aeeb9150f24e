/**
 * What each provider says, in the vocabulary of django-anymail (its `EventType` and `RejectReason`), and what it comes
 * to here: the two agree. Where they do not, it says why.
 */
import { describe, expect, it } from "vitest";
import { postmark } from "../../../src/delivery/providers/postmark.ts";
import { mailtrap } from "./documented/mailtrap.ts";
import { mandrill } from "./documented/mandrill.ts";
import { postal } from "./documented/postal.ts";
import { unisenderGo } from "./documented/unisender-go.ts";
import { outcomes } from "./reports.ts";
import { PAIRS } from "./vocabulary.ts";

const NOTHING = /^ignored \d$/;
const HARD = /^bounced [12](, complained)?$/;

/** What agrees with an event type, or with an event type and a reason. */
const MEANING: Readonly<Record<string, RegExp>> = {
  /** Taken by the provider, or held back by it. */
  queued: /^(sent|deferred)$/,
  sent: /^sent$/,
  delivered: /^delivered$/,
  deferred: /^(deferred|ignored 1)$/,
  "deferred other": /^deferred$/,
  opened: NOTHING,
  clicked: NOTHING,
  autoresponded: NOTHING,
  subscribed: NOTHING,
  inbound: NOTHING,
  inbound_failed: NOTHING,
  unknown: NOTHING,
  complained: /^complained$/,
  "complained spam": /^complained$/,
  unsubscribed: /^unsubscribed$/,
  "unsubscribed unsubscribed": /^unsubscribed$/,
  /** By the provider itself, or by a server. */
  failed: /^bounced [24]$/,
  bounced: /^bounced \d$/,
  "bounced bounced": /^bounced \d$/,
  "bounced other": /^bounced \d$/,
  "bounced timed_out": /^bounced [34]$/,
  "bounced blocked": /^bounced 1$/,
  "bounced spam": /^bounced 1$/,
  "bounced unsubscribed": /^bounced 1$/,
  "bounced invalid": /^bounced 2$/,
  "rejected bounced": HARD,
  "rejected blocked": /^bounced 1$/,
  "rejected spam": /^bounced 1(, complained)?$/,
  "rejected unsubscribed": /^bounced 1$/,
  "rejected invalid": /^bounced 2$/,
  "rejected timed_out": /^bounced [34]$/,
  "rejected other": /^bounced \d(, complained)?$/,
  rejected: /^bounced \d$/,
};

const documented = Object.entries({ mailtrap, mandrill, postal, unisenderGo }).map(
  ([name, { read, vocabulary = [] }]) => [name, [read, vocabulary]] as const,
);

describe.each([...Object.entries(PAIRS), ...documented])("%s", (_, [read, pairs]) => {
  it.each(pairs)("%j is %s", (body, pair) => {
    expect(outcomes(read, body)).toMatch(MEANING[pair] ?? /no such pair/);
  });
});

// A complaint in that vocabulary. It is a server's filter that speaks, and nobody's word.
it("Postmark's SpamNotification is a refusal", () => {
  expect(outcomes(postmark.read, { RecordType: "Bounce", Type: "SpamNotification", ID: 1 })).toBe("bounced 1");
});
