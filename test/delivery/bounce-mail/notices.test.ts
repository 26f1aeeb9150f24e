import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { FOREIGN_NOTICES } from "./foreign-notices.ts";
import { dsn, failed, raw, TOKEN, textBounce } from "./mails.ts";
import { MORE_NOTICES } from "./more-notices.ts";
import { NOTICES, type ServerNotice } from "./notices.ts";

const said = async (mail: Uint8Array, from?: string) =>
  (await readBounceMail(mail, { from })).findings.map(({ recipient, bounce }) => [recipient, bounce?.category]);

const mailOf = ({ from = "MAILER-DAEMON@mx.example.com", subject = "failure notice", text }: ServerNotice) =>
  raw(
    `From: ${from}`,
    "To: bounces@mail.example.com",
    `Subject: ${subject}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    text,
  );

describe.each([
  ["a notice is read, of", { ...NOTICES, ...MORE_NOTICES }],
  ["a notice in another language is read:", FOREIGN_NOTICES],
])("%s", (_, notices) => {
  it.each(Object.entries(notices))("%s", async (_name, notice) => {
    expect(await said(mailOf(notice))).toEqual(notice.says);
  });
});

it("a notice whose lines end in carriage returns alone is read", async () => {
  const mail = mailOf({ text: "Delivery failed:\n\n<marie@example.com>:\n550 5.1.1 User unknown", says: [] });
  const withReturns = new TextEncoder().encode(new TextDecoder().decode(mail).replaceAll("\n", ""));
  expect(await said(withReturns)).toEqual([["marie@example.com", 2]]);
});

describe("a notice inside another mail", () => {
  const wrapped = (from: string, inner: Uint8Array) =>
    raw(
      `From: ${from}`,
      "Subject: Fwd: mail",
      'Content-Type: multipart/mixed; boundary="outer"',
      "",
      "--outer",
      "Content-Type: text/plain",
      "",
      "The attached mail came to this group.",
      "--outer",
      "Content-Type: message/rfc822",
      "",
      new TextDecoder().decode(inner).replaceAll("\r\n", "\n"),
      "--outer--",
    );
  const inner = dsn({
    recipients: [failed("marie@example.com", "5.1.1", "550 5.1.1 User unknown")],
    original: ["To: marie@example.com", `X-Waxseal-Message: ${TOKEN}`],
  });

  it("of a mail system is read, with the token of the mail that it returns", async () => {
    const mail = await readBounceMail(wrapped("MAILER-DAEMON@mx.example.com", inner), { from: "" });
    expect(mail.findings).toMatchObject([{ recipient: "marie@example.com", bounce: { category: 2 } }]);
    expect(bounceReports(mail)[0]?.tokens).toEqual([TOKEN]);
  });

  it("is not the reason when the notice around it names another recipient", async () => {
    const text = new TextDecoder()
      .decode(wrapped("MAILER-DAEMON@mx.example.com", inner))
      .replace(
        "The attached mail came to this group.",
        "Delivery failed:\r\n\r\n<jean@example.com>:\r\n552 Over quota",
      );
    expect(await said(new TextEncoder().encode(text))).toEqual([["jean@example.com", 3]]);
  });

  it("of a person is a question about a bounce", async () => {
    expect(await said(wrapped("marie@example.com", inner), "marie@example.com")).toEqual([]);
  });

  it("of a mail system is read before the notice around it, which names nobody", async () => {
    const around = wrapped("MAILER-DAEMON@mx.example.com", inner).slice();
    const text = new TextDecoder()
      .decode(around)
      .replace(
        "The attached mail came to this group.",
        "Delivery failed. The following addresses had permanent errors:",
      );
    const mail = new TextEncoder().encode(text.replace("To: bounces@mail.example.com", "To: news@example.com"));
    expect(await said(mail)).toEqual([["marie@example.com", 2]]);
  });

  it("is not the newsletter that a mail system returns", async () => {
    const newsletter = raw("From: news@example.com", "Subject: Delivery failed? Never", "", "User unknown: a film");
    expect(await said(wrapped("MAILER-DAEMON@mx.example.com", newsletter))).toEqual([]);
  });
});

describe("a notification of SES that SNS mails", () => {
  const event = {
    notificationType: "Bounce",
    mail: {
      messageId: "0100",
      source: "bounces@mail.example.com",
      headers: [{ name: "X-Waxseal-Message", value: TOKEN }],
    },
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "General",
      feedbackId: "f1",
      bouncedRecipients: [
        { emailAddress: "marie@example.com", status: "5.1.1", diagnosticCode: "smtp; 550 5.1.1 user unknown" },
      ],
    },
  };
  const footer = "\n\n--\nIf you wish to stop receiving notifications from this topic, please click the link below.";
  const headers = ["From: AWS Notifications <no-reply@sns.amazonaws.com>", "x-amz-sns-message-id: 1"];

  it.each([
    ["whole", JSON.stringify({ Type: "Notification", Message: JSON.stringify(event) })],
    ["the message alone", JSON.stringify(event)],
  ])("is read: %s", async (_, json) => {
    const mail = await readBounceMail(raw(...headers, "Subject: Bounce", "", `${json}${footer}`), { from: "0100@sns" });
    expect(mail.findings).toMatchObject([{ recipient: "marie@example.com", bounce: { category: 2 } }]);
    expect(bounceReports(mail)[0]?.tokens).toEqual([TOKEN]);
  });

  it("that is broken is nothing", async () => {
    expect(await said(raw(...headers, "", '{"notificationType":"Bounce","mail":{'))).toEqual([]);
  });
});

describe("the newsletter's own words are not the server's", () => {
  const subject = "Please confirm your taste: a mailbox full of spam, and no such user";
  const original = ["From: news@example.com", "To: marie@example.com", `Subject: ${subject}`];

  it("in a subject that the notice quotes", async () => {
    const mail = raw(
      "From: MAILER-DAEMON@mx.example.com",
      `Subject: Undeliverable: ${subject}`,
      "",
      `Your message "${subject}" could not be delivered to:\n\n<marie@example.com>:\n550 Message rejected\n`,
      "----- Original message -----",
      ...original,
    );
    expect(await said(mail)).toEqual([["marie@example.com", 9]]);
  });

  it("behind a separator", async () => {
    const text =
      `Delivery failed:\n\n<marie@example.com>:\n550 Rejected\n\n----- Message text follows ` + `-----\n\nUser unknown`;
    expect(await said(textBounce(text))).toEqual([["marie@example.com", 9]]);
  });
});

it("a report in an attachment of another type is read", async () => {
  const mail = raw(
    "From: postmaster@mx.example.com",
    "Subject: Undeliverable",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Your message could not be delivered.",
    "--b",
    'Content-Type: application/octet-stream; name="details.txt"',
    "",
    "Reporting-MTA: dns; mx.example.com",
    "",
    "Final-Recipient: rfc822; marie@example.com",
    "Action: failed",
    "Status: 5.1.1",
    "--b--",
  );
  expect(await said(mail)).toEqual([["marie@example.com", 2]]);
});

describe("a notice that lost its form on the way is read:", () => {
  const report = new TextDecoder().decode(
    dsn({
      recipients: [failed("marie@example.com", "5.1.1", "550 5.1.1 User unknown")],
      original: ["To: marie@example.com", "Subject: Hello"],
    }),
  );
  const plain = `Delivery to the following address failed:\r\n\r\n<marie@example.com>:\r\n550 5.1.1 User unknown\r\n`;
  const head = "From: MAILER-DAEMON@mx.example.com\r\nSubject: failure notice\r\n";

  it.each([
    ["a boundary that no line has", report.replace('boundary="b"', 'boundary="another"')],
    ["parts whose boundaries were removed", report.replaceAll(/--b(?:--)?\r\nContent-Type: .*\r\n/g, "")],
    [
      "a part of such a type, in front of the returned mail without its own",
      `${head}Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\nContent-Type: text/plain\r\n` +
        `  charset="us-ascii"\r\n\r\n${plain}--m\r\nReceived: from a by b\r\nTo: jean@example.com\r\n\r\nHi\r\n` +
        "--m--\r\n",
    ],
    [
      "a notice that another notice quotes",
      `${head}\r\nIt could not be delivered. Please contact:\r\n\r\n<support@example.org>\r\n\r\n--------\r\n` +
        `Return-Path: <>\r\n${report}`,
    ],
    ["empty lines above its headers", `\r\n   \r\n${report}`],
    ["a media type with its parameters unparted", `${head}Content-Type: text/plain charset="us-ascii"\r\n\r\n${plain}`],
    [
      "an alternative without a boundary",
      `${head}Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n` +
        `Content-Type: multipart/alternative;\r\nboundary="n"\r\n\r\n--n\r\n\r\n${plain}--n--\r\n--m--\r\n`,
    ],
    ["a mailing list's headers", `List-Id: <talk.example.com>\r\nX-BeenThere: talk@example.com\r\n${head}\r\n${plain}`],
  ])("%s", async (_, mail) => {
    expect(await said(new TextEncoder().encode(mail))).toEqual([["marie@example.com", 2]]);
  });
});

describe("an address that is no recipient:", () => {
  it.each([
    ["whom to ask", "It could not be delivered.\n\nFor further assistance, please contact <help-desk@mx.example.com>"],
    ["the sender", "It could not be delivered, since they are not accepting mail from talk@lists.example.org:"],
    ["the sender, in front of a dot", "Sorry bounces@mail.example.com. Your mail could not be delivered."],
  ])("%s", async (_, text) => {
    expect(await said(textBounce(text))).toEqual([]);
  });

  it("To of the notice, which the notice repeats", async () => {
    const text =
      "To: bounces@mail.example.com\nSubject: Undeliverable\n\nundeliverable to marie@example.com\n550 Denied";
    expect(await said(textBounce(text))).toEqual([["marie@example.com", 9]]);
  });
});

it("who mails himself is the recipient of his own notice", async () => {
  const text = "Delivery to the following addresses failed:\n\n<bounces@mail.example.com>:\n552 disk quota exceeded";
  expect(await said(textBounce(text))).toEqual([["bounces@mail.example.com", 3]]);
});

describe("a recipient that the notice does not name", () => {
  it("is the one to whom the returned mail was addressed", async () => {
    const returned = "To: marie@example.com\nSubject: Hi";
    const mail = textBounce(`550 5.1.1 User unknown\n\nOriginal message follows.\n\n${returned}`);
    expect(await said(mail)).toEqual([["marie@example.com", 2]]);
  });

  it("in a report whose Final-Recipient has no domain is the one that the text names", async () => {
    const recipients = [["Final-Recipient: LOCAL;<marie>", "Action: failed", "Status: 5.1.1"]];
    const notice = "Delivery failed:\n\n<marie@example.com>:\nUser unknown";
    expect(await said(dsn({ recipients, notice }))).toEqual([["marie@example.com", 2]]);
  });
});

it("a report of a full or disabled mailbox in words does not end mailing, whatever its code says", async () => {
  const recipients = [failed("marie@example.com", "5.2.1", "550 user unknown")];
  const notice =
    "The user(s) account is disabled.\n\n<marie@example.com>: 550 user unknown (in reply to RCPT TO " + "command)";
  expect(await said(dsn({ recipients, notice }))).toEqual([["marie@example.com", 3]]);
  const unnamed = "Your message to <marie> was automatically rejected:\nNot enough disk space";
  const unknown = [failed("marie@example.com", "5.1.1", "550 5.1.1 User unknown")];
  expect(await said(dsn({ recipients: unknown, notice: unnamed }))).toEqual([["marie@example.com", 3]]);
});
