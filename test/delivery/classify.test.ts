import { describe, expect, it } from "vitest";
import { categoryOf, enhancedStatusOf } from "../../src/delivery/classify.ts";

describe("category 2 (invalid recipient), the address is unusable", () => {
  it.each([
    "550 5.1.1 <marie@example.com>... User unknown",
    [
      "550 5.1.1 The email account that you tried to reach does not exist.",
      "Please try double-checking the recipient's email address",
    ].join(" "),
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "554 delivery error: dd This user doesn't have a yahoo.com account (marie@yahoo.com) [0]",
    "User marie (marie@example.com) not listed in Domino Directory",
    "551 not our user",
    "550 No such user here",
    "550-No such person at this address",
    "550 unrouteable address",
    "550 5.1.1 unknown or illegal alias: marie@example.com",
    "553 5.3.0 <marie@example.com>... No such user here",
    "550 sorry, no mailbox here by that name (#5.1.1)",
    "550 Invalid recipient marie@example.com",
    "550 <marie@example.com>, Recipient unknown",
    "550 Unknown user marie",
    "550 recipient does not exist",
    "511 5.1.1 unknown address or alias: marie@example.com",
    "550 recipient no longer on server",
    "550 This address no longer accepts mail.",
    "The recipient name is not recognized",
    "550 Mailbox not found",
    "550 mailbox has been deleted",
    "Host or domain name not found. Name service error for name=nowhere.example type=AAAA: Host not found",
    "Sorry, I couldn't find any host named nowhere.example. (#5.1.2)",
    "550 Host unknown",
    "Domain nowhere.example does not accept mail (nullMX)",
    "556 5.1.10 Recipient address has null MX",
    "the host name nowhere.example is not known",
    "all relevant MX records point to non-existent hosts",
  ])("%s", (details) => {
    expect(categoryOf({ details })).toBe(2);
  });

  it("is said by status alone where RFC 3463 says it of the address", () => {
    for (const status of ["5.1.1", "5.1.2", "5.1.6", "5.1.10"]) expect(categoryOf({ status })).toBe(2);
  });

  it("is not said by a transient status alone, nor by 5.1.3 without words", () => {
    for (const status of ["4.1.1", "4.1.2", "4.2.1", "4.0.0", "5.1.3"]) expect(categoryOf({ status })).not.toBe(2);
  });

  it("is said by Exchange Online's directory and by a large provider's plain 550", () => {
    const denied = "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)";
    expect(categoryOf({ status: "5.4.1", replyCode: "550", details: denied })).toBe(2);
    const unavailable = "550 5.5.0 Requested action not taken: mailbox unavailable";
    expect(categoryOf({ status: "5.5.0", replyCode: "550", details: unavailable })).toBe(2);
    expect(categoryOf({ replyCode: "450", details: "450 Requested mail action not taken: mailbox unavailable" })).toBe(
      3,
    );
  });
});

describe("category 1 (blocked), refused as spam or by policy", () => {
  it.each([
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy.",
    "554 5.6.0 This message has been scored as spam with a probability of more than 90%",
    "554 IP=192.0.2.254 - A problem occurred. (Ask your postmaster for help.) (BL)",
    "550 SC-001 (BAY004) Unfortunately, messages from 192.0.2.1 weren't sent. You are on a block list",
    "521 5.2.1 AOL will not accept delivery of this message.",
    "550 Message rejected due to content restrictions",
    "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
    "550 Sender verify failed: unknown user",
    "553 5.1.8 <news@example.com>... Domain of sender address news@example.com does not exist",
    "550 5.1.0 Sender rejected: address unknown",
    "554 5.7.1 too many unknown users from your network: blocked for spamming",
    "550 Your IP has a poor reputation",
    "550 Reverse DNS lookup failed",
    "550 Access denied, banned sender",
  ])("%s", (details) => {
    expect(categoryOf({ details })).toBe(1);
  });

  it("is what 5.7.x says alone", () => {
    expect(categoryOf({ status: "5.7.1", replyCode: "550", details: "550 5.7.1 Denied" })).toBe(1);
  });
});

describe("category 3 (temporary), worth another attempt soon", () => {
  it.each([
    "552 5.2.2 <marie@example.com>... Mailbox full",
    "5.1.0 - Unknown address error 550-'5.2.2 <marie@example.com>... Mailbox Full'",
    "550 User mailbox exceeds allowed size: over quota",
    "552 Requested mail action aborted: exceeded storage allocation",
    "452 4.2.2 The email account that you tried to reach is over quota.",
    "Quota exceeded message delivery failed to /var/mail/box/INBOX",
    "450 4.7.1 Greylisted, please try again later",
    "450 4.7.1 <mail.example.com[192.0.2.1]>: Client host rejected: Greylisted",
    // Throttled because of the sender: a limit, and no refusal of the mail.
    "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
    "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
    "421 4.3.2 Too many connections",
    "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
    "connect to example.com[192.0.2.1]: Connection timed out",
    "all hosts have been failing for a long time and were last tried after this message arrived",
    "Message could not be delivered for too long",
    "450 4.1.1 <marie@example.com>: Recipient address rejected: unverified address: Address verification in progress",
    // They may be enabled again (RFC 3463 X.2.1), and an invalid recipient would not be mailed again.
    "550 5.2.1 The email account that you tried to reach is disabled.",
    "550 5.2.1 The email account that you tried to reach is inactive.",
    "550 Account suspended",
    [
      "554 delivery error: dd Sorry your message to marie@yahoo.com cannot be delivered.",
      "This account has been disabled or discontinued [#102].",
    ].join(" "),
    "550 user is temporarily locked",
  ])("%s", (details) => {
    expect(categoryOf({ details })).toBe(3);
  });
});

describe("category 4 (technical)", () => {
  it.each([
    "552 5.2.3 Message size exceeds fixed maximum message size (10485760)",
    "550 5.7.1 Relaying denied",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "connect to example.com[192.0.2.1]:25: Connection refused",
    "lost connection with example.com[192.0.2.1] while receiving the initial server greeting",
    "Host or domain name not found. Name service error for name=example.com type=MX: name server failure",
    "554 5.4.6 Too many hops 26 (25 max)",
    "mail for example.com loops back to myself",
    "451 4.3.0 Internal server error",
  ])("%s", (details) => {
    expect(categoryOf({ details })).toBe(4);
  });
});

describe("what the server's words do not mean", () => {
  it.each([
    "550 <unknown.user@example.com> refused",
    "550 <a@spam-mailbox-full.example> refused",
    "550 see https://example.com/reason#userunknown",
    "host user-unknown.example.com said: 550 no",
  ])("an address, a link or a host name: %s", (details) => {
    expect(categoryOf({ replyCode: "550", details })).toBe(9);
  });

  it("an unknown name while the name server may still answer", () => {
    const details =
      "Host or domain name not found. Name service error for name=example.com type=MX: Host not found, try again";
    expect(categoryOf({ status: "4.4.3", details })).toBe(3);
  });

  it("an unknown user where the sender was refused, or the content after the address was accepted", () => {
    const refusal = { status: "5.2.1", replyCode: "550", details: "550 5.2.1 User unknown" };
    expect(categoryOf({ ...refusal, command: "RCPT" })).toBe(2);
    expect(categoryOf(refusal)).toBe(9);
    expect(categoryOf({ ...refusal, command: "MAIL" })).toBe(1);
    expect(categoryOf({ ...refusal, command: "DATA" })).toBe(9);
    expect(categoryOf({ ...refusal, status: "5.1.1", command: "DATA" })).toBe(9);
  });

  it("a host or an IP address a status", () => {
    expect(categoryOf({ details: "host example.com[5.1.1.2] refused" })).toBe(9);
    expect(categoryOf({ details: "host example.com[192.5.1.1] refused" })).toBe(9);
  });

  it("nothing at all", () => {
    expect(categoryOf({})).toBe(9);
    expect(categoryOf({ status: "5.0.0", replyCode: "550", details: "550 5.0.0 no" })).toBe(9);
    expect(categoryOf({ status: "2.1.5", details: "250 2.1.5 Ok" })).toBe(9);
  });
});

describe("the most specific status", () => {
  it.each([
    ["5.1.1", "550 5.7.1 no", "5.1.1"],
    ["5.0.0", "550 5.1.1 User unknown", "5.1.1"],
    ["5.0.0", "5.1.0 - Unknown address error 550-'5.2.2 Mailbox Full'", "5.2.2"],
    ["4.3.0", "Quota exceeded", "4.3.0"],
    ["5.0.0", "no", "5.0.0"],
    [undefined, "550 User unknown (#5.1.1).", "5.1.1"],
    [undefined, "550 5.0.0 no", "5.0.0"],
    [undefined, "connect to example.com[4.4.4.4]: no", undefined],
  ])("%s with %s is %s", (status, details, most) => {
    expect(enhancedStatusOf(status, details)).toBe(most);
  });
});
