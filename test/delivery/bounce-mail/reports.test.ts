import { describe, expect, it } from "vitest";
import { bounceReports, type Envelope, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { abuseReport, dsn, failed, mailboxFull, OTHER_TOKEN, raw, TOKEN, textBounce, unknownUser } from "./mails.ts";

async function reports(mail: Uint8Array, envelope: Envelope = {}) {
  return bounceReports(await readBounceMail(mail, envelope), envelope);
}
const tokensOf = async (mail: Uint8Array, envelope?: Envelope) => (await reports(mail, envelope))[0]?.tokens;

const recipients = [unknownUser("marie@example.com")];
const HEADER = `X-Waxseal-Message: ${TOKEN}`;

describe("the token of a bounce is found", () => {
  it("in the envelope's recipient, and there first", async () => {
    const mail = dsn({ recipients, original: [`X-Waxseal-Message: ${OTHER_TOKEN}`] });
    expect(await tokensOf(mail, { to: `bounces+${TOKEN}@mail.example.com` })).toEqual([TOKEN, OTHER_TOKEN]);
    const dressed = `prvs=0123=bounces+${TOKEN}=marie=example.com@mail.example.com`;
    expect((await tokensOf(mail, { to: dressed }))?.[0]).toMatch(new RegExp(`^${TOKEN}=`));
    expect(await tokensOf(dsn({ recipients }), { to: "bounces@mail.example.com" })).toEqual([]);
  });

  it.each([
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
  ])("in the headers of the mail returned as %s", async (originalType) => {
    expect(await tokensOf(dsn({ recipients, originalType, original: ["To: marie@example.com", HEADER] }))).toEqual([
      TOKEN,
    ]);
  });

  it("in a folded header, of any case", async () => {
    expect(await tokensOf(dsn({ recipients, original: ["x-waxseal-message:", ` ${TOKEN}`] }))).toEqual([TOKEN]);
  });

  it("in the Message-ID of the returned mail", async () => {
    expect(await tokensOf(dsn({ recipients, original: [`Message-ID: <${TOKEN}@mail.example.com>`] }))).toEqual([TOKEN]);
  });

  it.each(["In-Reply-To", "References"])("in the bounce's %s", async (name) => {
    const headers = [`${name}: <other@example.com> <${TOKEN}@mail.example.com>`];
    expect(await tokensOf(dsn({ recipients, headers }))).toEqual([TOKEN]);
  });

  it.each([
    [
      "behind a line",
      `--- Below this line is a copy of the message.\n\nReturn-Path: <a@example.com>\n${HEADER}\nSubject: Hello\n\nHi`,
    ],
    [
      "indented",
      `   ----- Original message -----\n\n  Received: by mx\n    for <marie@example.com>\n  ${HEADER}\n\n  Hi`,
    ],
    ["quoted", `Original message follows:\n\n> From: a@example.com\n> ${HEADER}\n>\n> Hi`],
    ["in the middle", `Original message headers:\n\n${HEADER}\nTo: marie@example.com`],
  ])("in headers that are quoted as text: %s", async (_, original) => {
    expect(
      await tokensOf(textBounce(`Delivery failed:\n\n<marie@example.com>:\n550 User unknown\n\n${original}`)),
    ).toEqual([TOKEN]);
  });

  it("not in a mail that is not a bounce", async () => {
    const said = [
      "From: marie@example.com",
      "To: bounces@mail.example.com",
      HEADER,
      `In-Reply-To: <${TOKEN}@example.com>`,
    ];
    const envelope = { from: "marie@example.com", to: `bounces+${TOKEN}@mail.example.com` };
    expect(await reports(raw(...said, "", `Hello\n\n${HEADER}`), envelope)).toEqual([]);
    expect(
      await reports(raw(...said, "Auto-Submitted: auto-replied", "", "I am away."), {
        ...envelope,
        from: "<>",
      }),
    ).toEqual([]);
  });

  it("not in the body of the returned mail, nor in the bounce's own headers", async () => {
    expect(
      await tokensOf(dsn({ recipients, headers: [HEADER], original: ["To: marie@example.com", "", HEADER] })),
    ).toEqual([]);
  });
});

describe("the outcome of a bounce mail", () => {
  const outcome = async (mail: Uint8Array) => (await reports(mail))[0]?.outcome;
  const category = async (mail: Uint8Array) => {
    const found = await outcome(mail);
    return found?.type === "bounced" ? found.bounce.category : found?.type;
  };
  const both = [unknownUser("marie@example.com"), mailboxFull("jean@example.com")];

  it("is that of the only address", async () => {
    expect(await category(dsn({ recipients }))).toBe(2);
  });

  it("is that of the one address in To of the returned mail", async () => {
    expect(await category(dsn({ recipients: both, original: ["To: Marie <MARIE@example.com>"] }))).toBe(2);
    expect(await category(dsn({ recipients: both, original: ["To: jean@example.com"] }))).toBe(3);
  });

  it("is what several addresses have in common, and never an invalid recipient", async () => {
    const twoUnknown = [unknownUser("marie@example.com"), unknownUser("jean@example.com")];
    for (const original of [
      ["Subject: Hello"],
      ["To: marie@example.com, jean@example.com"],
      ["To: info@example.com"],
    ]) {
      expect(await category(dsn({ recipients: both, original }))).toBe(9);
      expect(await category(dsn({ recipients: twoUnknown, original }))).toBe(9);
      expect(
        await category(
          dsn({ recipients: [mailboxFull("marie@example.com"), mailboxFull("jean@example.com")], original }),
        ),
      ).toBe(3);
    }
  });

  it("is none when one of several addresses was reached or is delayed", async () => {
    for (const action of ["delivered", "delayed"]) {
      const reached = ["Final-Recipient: rfc822; jean@example.com", `Action: ${action}`, "Status: 2.0.0"];
      expect(await reports(dsn({ recipients: [unknownUser("marie@example.com"), reached] }))).toEqual([]);
    }
  });

  it("is one when the same address is named twice", async () => {
    expect(
      await category(dsn({ recipients: [unknownUser("marie@example.com"), unknownUser("Marie@example.com")] })),
    ).toBe(2);
  });

  it("is not an invalid recipient when the address was reached by an alias", async () => {
    const behind = (mailed: string) =>
      dsn({ recipients: [[...unknownUser("marie@example.com"), `Original-Recipient: rfc822; ${mailed}`]] });
    expect(await category(behind("info@example.com"))).toBe(9);
    expect(await category(behind("marie@example.org"))).toBe(9);
    expect(await category(behind("marie@example.com"))).toBe(2);
    expect(await category(behind("marie@mail.example.com"))).toBe(2);
    const exim = "Delivery failed:\n\n  marie@example.com\n    (generated from info@example.com)\n    550 Unknown user";
    expect(await category(textBounce(exim))).toBe(9);
  });

  it("is not an invalid recipient when the server speaks of the mail's sender", async () => {
    const said = (address: string) =>
      dsn({
        recipients: [failed("marie@example.com", "5.1.2", `550 5.1.2 <${address}>...Domain does not exist`)],
        original: ["From: News <news@example.com>", "Return-Path: <b@mail.example.com>", "To: marie@example.com"],
      });
    expect(await category(said("news@example.com"))).toBe(9);
    expect(await category(said("B@mail.example.com"))).toBe(9);
    expect(await category(said("marie@example.com"))).toBe(2);
  });

  it("and has an outcome", async () => {
    const status = (action: string) => [
      ["Final-Recipient: rfc822; marie@example.com", `Action: ${action}`, "Status: 4.4.7"],
    ];
    expect(await outcome(dsn({ recipients: status("delayed") }))).toEqual({ type: "deferred" });
    expect(await outcome(dsn({ recipients: status("delivered") }))).toEqual({ type: "delivered" });
    expect(await outcome(dsn({ recipients: [failed("marie@example.com", "5.7.1", "550 5.7.1 no")] }))).toEqual({
      type: "bounced",
      bounce: { category: 1, status: "5.7.1", details: "550 5.7.1 no" },
    });
  });

  it("bears no address: it would be one of the writer's choice", async () => {
    expect((await reports(dsn({ recipients })))[0]?.address).toBeUndefined();
  });
});

describe("an abuse report", () => {
  const original = ["From: news@example.com", "To: marie@example.com", HEADER];

  it.each(["abuse", "Abuse", "fraud", "opt-out"])("of type %s is a complaint", async (type) => {
    expect(await reports(abuseReport(type, original))).toMatchObject([
      { outcome: { type: "complained" }, tokens: [TOKEN] },
    ]);
  });

  it.each(["auth-failure", "not-spam", "virus", "other", ""])("of type %s is not a complaint", async (type) => {
    expect(await reports(abuseReport(type, original))).toEqual([]);
  });

  it("of Outlook.com has no report, and names who complained in a header of the mail", async () => {
    const mail = (header: string) =>
      raw(
        "From: staff@hotmail.com",
        "Subject: complaint about message from 192.0.2.1",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
        header,
        ...original,
        "",
        "Hello Marie",
        "--b--",
      );
    expect(await reports(mail("X-HmXmrOriginalRecipient: <marie@example.com>"))).toMatchObject([
      { outcome: { type: "complained" }, tokens: [TOKEN] },
    ]);
    expect(await reports(mail("X-Other: marie@example.com"))).toEqual([]);
  });

  it("is found although its address is redacted", async () => {
    const mail = abuseReport(
      "abuse",
      ["To: redacted@isp.example", HEADER],
      ["Original-Rcpt-To: <redacted@isp.example>"],
    );
    expect(await reports(mail)).toMatchObject([{ outcome: { type: "complained" }, tokens: [TOKEN] }]);
    expect(await reports(abuseReport("abuse", [HEADER]))).toMatchObject([{ outcome: { type: "complained" } }]);
  });
});

describe("the source id of a report", () => {
  it("is made of the bounce's Message-ID and the address", async () => {
    const [report] = await reports(dsn({ recipients: [mailboxFull("Marie@example.com")] }));
    expect(report?.sourceId).toBe("bounce-mail:<bounce-1@mx.example.com> marie@example.com");
  });

  it("is made of the mail's bytes when it has no Message-ID", async () => {
    const mail = (time: string) => textBounce(`Delivery failed at ${time}:\n\n<marie@example.com>:\n552 Mailbox full`);
    const [first, again, other] = await Promise.all([
      reports(mail("10:00")),
      reports(mail("10:00")),
      reports(mail("11:00")),
    ]);
    expect(first[0]?.sourceId).toMatch(/^bounce-mail:[0-9a-f]{64} marie@example\.com$/);
    expect(again).toEqual(first);
    expect(other[0]?.sourceId).not.toBe(first[0]?.sourceId);
  });
});
