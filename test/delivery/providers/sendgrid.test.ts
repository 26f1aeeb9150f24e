/** SendGrid: every documented event and what it comes to. */
import { describe, expect, it } from "vitest";
import { sendgrid } from "../../../src/delivery/providers/sendgrid.ts";
import { outcomes, report, reportsIn, TOKEN } from "./reports.ts";

function event(fields: object): object {
  return {
    email: "marie@example.net",
    timestamp: 1_513_299_569,
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    category: ["cat facts"],
    sg_event_id: "sg_event_id_1",
    sg_message_id: "sg_message_id.filter0001.16648.5515E0B88.0",
    waxseal: TOKEN,
    ...fields,
  };
}

const bounce = (fields: object) => ({ event: "bounce", type: "bounce", status: "5.0.0", ...fields });

describe("an event of SendGrid", () => {
  it.each([
    [{ event: "processed" }, "sent"],
    [{ event: "delivered", response: "250 OK" }, "delivered"],
    [{ event: "deferred", response: "400 try again later", attempt: "5" }, "deferred"],
    [{ event: "spamreport" }, "complained"],
    [{ event: "open", useragent: "Mozilla/4.0", ip: "255.255.255.255" }, "ignored 1"],
    [{ event: "open", useragent: "Mozilla/4.0", sg_machine_open: false }, "ignored 1"],
    [{ event: "open", useragent: "Mozilla/4.0", sg_machine_open: true }, "automatedOpen"],
    [{ event: "click", url: "http://www.sendgrid.com/" }, "ignored 1"],
    [{ event: "unsubscribe" }, "unsubscribed"],
    [{ event: "group_unsubscribe", asm_group_id: 10 }, "unsubscribed"],
    [{ event: "group_resubscribe", asm_group_id: 10 }, "ignored 1"],
    [{ event: "account_status_change", type: "compliance_suspend", timestamp: 1_660_257_600 }, "ignored 1"],

    [bounce({ reason: "500 unknown recipient", bounce_classification: "Invalid Address" }), "bounced 2"],
    [bounce({ reason: "550 5.1.1 The email account that you tried to reach does not exist." }), "bounced 2"],
    // The server's words say otherwise.
    [bounce({ reason: "550 5.7.1 rejected as spam", bounce_classification: "Invalid Address" }), "bounced 1"],
    [bounce({ reason: "552 5.2.2 mailbox full", bounce_classification: "Invalid Address" }), "bounced 3"],
    // Permanent, and nothing that says that the address is unusable.
    [bounce({ reason: "550 refused" }), "bounced 1"],
    [bounce({ bounce_classification: "Unclassified", reason: "550 refused" }), "bounced 1"],
    [bounce({ bounce_classification: "Content" }), "bounced 1"],
    [bounce({ bounce_classification: "Reputation" }), "bounced 1"],
    [bounce({ bounce_classification: "Technical" }), "bounced 4"],
    [bounce({ bounce_classification: "Technical Failure" }), "bounced 4"],
    [bounce({ bounce_classification: "Frequency or Volume Too High" }), "bounced 3"],
    [bounce({ bounce_classification: "Mailbox Unavailable", reason: "552 5.2.2 mailbox full" }), "bounced 3"],
    [bounce({ type: "blocked", reason: "550 5.7.1 blocked by RBL", status: "5.7.1" }), "bounced 1"],
    [bounce({ type: "blocked", reason: "451 try again later" }), "bounced 3"],
    // Temporary according to SendGrid: no recipient is suppressed.
    [bounce({ type: "blocked", bounce_classification: "Invalid Address", reason: "550 5.1.1 unknown" }), "bounced 9"],
    [{ event: "blocked", reason: "no" }, "bounced 9"],

    [{ event: "dropped", reason: "Bounced Address" }, "bounced 1"],
    [{ event: "dropped", reason: "Invalid" }, "bounced 2"],
    [{ event: "dropped", reason: "Spam Reporting Address" }, "bounced 1, complained"],
    [{ event: "dropped", reason: "Unsubscribed Address" }, "bounced 1"],
    [{ event: "dropped", reason: "Spam Content (if Spam Checker app enabled)" }, "bounced 1"],
    [{ event: "dropped", reason: "Invalid SMTPAPI header" }, "bounced 4"],
    [{ event: "dropped", reason: "Recipient List over Package Quota" }, "bounced 4"],
    [{ event: "dropped", reason: "something new" }, "bounced 9"],
    // SendGrid gave up after three days of temporary refusals.
    [{ event: "dropped", type: "expired", reason: "Message expired" }, "bounced 3"],
    [bounce({ type: "expired", reason: "unable to get mx info" }), "bounced 3"],
  ])("%j", (fields, expected) => {
    expect(outcomes(sendgrid.read, [event(fields)])).toBe(expected);
  });

  it("is reported with address, time, the server's words and SendGrid's id", () => {
    const payload = bounce({ reason: "550 5.1.1 no such user", status: "5.1.1", timestamp: 1_513_299_569.5 });
    expect(report(sendgrid.read, [event(payload)])).toEqual({
      outcome: {
        type: "bounced",
        bounce: { category: 2, subcategory: "bounce", status: "5.1.1", details: "550 5.1.1 no such user" },
      },
      tokens: [TOKEN, "14c5d75ce93.dfd.64b469"],
      address: "marie@example.net",
      atMs: 1_513_299_569_500,
      sourceId: "sendgrid:sg_event_id_1",
    });
  });

  it("comes with a thousand others", () => {
    const payload = Array.from({ length: 1_000 }, (_, n) =>
      event({ event: n % 2 === 0 ? "delivered" : "open", sg_event_id: `${n}` }),
    );
    const { reports, ignored } = reportsIn(sendgrid.read, payload);
    expect({ reports: reports.length, ignored }).toEqual({ reports: 500, ignored: 500 });
  });

  it("is read although others beside it cannot be", () => {
    const payload = [event({ event: undefined }), event({ event: "delivered" }), null, 7, "text", [], { event: {} }];
    const { reports, ignored, unreadable } = reportsIn(sendgrid.read, payload);
    expect(reports.map(({ outcome }) => outcome.type)).toEqual(["delivered"]);
    expect({ ignored, unreadable }).toEqual({ ignored: 0, unreadable: 6 });
  });

  it.each(["constructor", "__proto__", "toString"])("called %j is ignored", (name) => {
    expect(outcomes(sendgrid.read, [event({ event: name })])).toBe("ignored 1");
  });

  it("is an invalid recipient by the first 384 characters of its reason, when it has no more", () => {
    const said = "550 5.1.1 user unknown";
    const ofLength = (length: number, type = "bounce") =>
      outcomes(sendgrid.read, [event(bounce({ reason: `${said}${" ".repeat(length - said.length)}`, type }))]);
    expect([ofLength(384), ofLength(385)]).toEqual(["bounced 2", "bounced 1"]);
    const long = `${"x".repeat(384)} 552 5.2.2`;
    expect(outcomes(sendgrid.read, [event(bounce({ reason: long, type: "blocked" }))])).toBe("bounced 9");
  });

  it("is of the same category alone and among 500", () => {
    const gone = `550 5.1.1 <marie@${"a".repeat(60)}.example.net>: Recipient address rejected: User unknown`;
    const refusals = [gone, `${gone} (account suspended, retry later)`].map((reason) => event(bounce({ reason })));
    const others = Array.from({ length: 498 }, () => event(bounce({ reason: "550 user unknown ".repeat(40) })));
    const alone = refusals.map((refusal) => outcomes(sendgrid.read, [refusal]));
    expect(
      outcomes(sendgrid.read, [...refusals, ...others])
        .split(", ")
        .slice(0, 2),
    ).toEqual(alone);
    expect(alone[0]).toBe("bounced 2");
    expect(alone[1]).not.toBe("bounced 2");
  });

  it("is no invalid recipient where the server names somebody else", () => {
    const reason = "550 5.1.1 <news@shop.example>: User unknown";
    expect(outcomes(sendgrid.read, [event(bounce({ reason }))])).toBe("bounced 1");
  });

  it.each([1e30, "1e30", -1e30])("at %j keeps the time that was reported", (timestamp) => {
    expect(report(sendgrid.read, [event({ event: "delivered", timestamp })]).atMs).toBe(Number(timestamp) * 1000);
  });

  it.each(["Infinity", "-Infinity", "NaN", "soon", "", 1e306, null, {}])("at %j has no time", (timestamp) => {
    expect(report(sendgrid.read, [event({ event: "delivered", timestamp })]).atMs).toBeUndefined();
  });

  it.each([
    ["an ornament of another type than documented", { email: 7, category: "one", waxseal: null, timestamp: {} }],
    ["unknown fields", { machine_open: true, future: { a: 1 } }],
  ])("is not lost because of %s", (_, fields) => {
    expect(outcomes(sendgrid.read, [event({ event: "delivered", ...fields })])).toBe("delivered");
  });

  it.each([[{ event: "delivered" }], ["text"], [null]])("%j is not understood", (payload) => {
    expect(sendgrid.read(payload)).toEqual({ ok: false, reason: "unknown_shape" });
  });
});
