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
import { INVALID_WORDS } from "./invalid-words.ts";
import { outcomes } from "./reports.ts";
import { PAIRS } from "./vocabulary.ts";

const NOTHING = /^ignored \d$/;
const NOT_INVALID = /^bounced [1349](, complained)?$/;

/** What agrees with an event type, or with an event type and a reason. */
const MEANING: Readonly<Record<string, RegExp>> = {
  /** Taken by the provider, or held back by it. */
  queued: /^(sent|deferred)$/,
  sent: /^sent$/,
  delivered: /^delivered$/,
  deferred: /^deferred$/,
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
  bounced: /^bounced [12349]$/,
  "bounced bounced": /^bounced [12349]$/,
  "bounced other": NOT_INVALID,
  "bounced timed_out": /^bounced [34]$/,
  "bounced blocked": /^bounced 1$/,
  "bounced spam": /^bounced 1$/,
  "bounced unsubscribed": /^bounced 1$/,
  "bounced invalid": /^bounced 2$/,
  "rejected bounced": /^bounced 1$/,
  "rejected blocked": /^bounced 1$/,
  "rejected spam": /^bounced 1(, complained)?$/,
  "rejected unsubscribed": /^bounced 1$/,
  "rejected invalid": /^bounced 2$/,
  "rejected timed_out": /^bounced [34]$/,
  "rejected other": NOT_INVALID,
  rejected: NOT_INVALID,
};

const documented = Object.entries({ mailtrap, mandrill, postal, unisenderGo }).map(
  ([name, { read, vocabulary = [] }]) => [name, [read, vocabulary]] as const,
);

describe.each([...Object.entries(PAIRS), ...documented])("%s", (_, [read, pairs]) => {
  it.each(pairs)("%j is %s", (body, pair) => {
    expect(outcomes(read, body)).toMatch(MEANING[pair] ?? /no such pair/);
  });
});

/** What servers and resolvers say that is not about the recipient's address, or is not for ever. */
const CONTRADICTING = [
  "554 5.7.1 Message rejected as spam",
  "550 5.7.1 rejected by policy",
  "550 5.7.26 This mail is unauthenticated",
  "554 5.7.1 Sender address rejected: Domain not found",
  "550 5.1.8 sender address domain does not exist",
  "550 Sender verify failed: no such user",
  "550 5.7.1 user unknown",
  "550 5.2.1 The email account that you tried to reach is disabled",
  "552 5.2.2 mailbox full",
  "552 5.2.2 user over quota",
  "452 4.2.2 mailbox full",
  "450 4.1.1 user unknown, try again later",
  "450 4.7.1 greylisted",
  "451 4.4.1 connection timed out",
  "550 5.4.1 connection refused",
  "421 service not available",
  "DNS temporary failure",
  "DNS lookup failed: timeout",
  "DNS lookup failed",
  "DNS error: SERVFAIL",
  "temporary failure in name resolution",
  "Host or domain name not found. Name service error: try again",
  "unable to get mx info: failed to get IPs from PTR record",
  "TLS handshake failed",
];

describe.each(INVALID_WORDS)("%s for an address that does not exist", (_, read, bodyWith) => {
  it("does not outweigh a server that says something else", () => {
    const wrong = CONTRADICTING.filter((reply) => !/^bounced [1349]$/.test(outcomes(read, bodyWith(reply))));
    expect(wrong).toEqual([]);
  });

  it("is believed beside a server that says the same", () => {
    expect(outcomes(read, bodyWith("550 5.1.1 no such user"))).toBe("bounced 2");
  });
});

// A deferral in that vocabulary. It is a stranger's mail, and nobody's answer.
it("Postmark's OpenRelayTest is none", () => {
  expect(outcomes(postmark.read, { RecordType: "Bounce", Type: "OpenRelayTest", ID: 1 })).toBe("ignored 1");
});

// A complaint in that vocabulary. It is a server's filter that speaks, and nobody's word.
it("Postmark's SpamNotification is a refusal", () => {
  expect(outcomes(postmark.read, { RecordType: "Bounce", Type: "SpamNotification", ID: 1 })).toBe("bounced 1");
});
