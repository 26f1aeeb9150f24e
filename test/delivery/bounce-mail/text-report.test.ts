import { describe, expect, it } from "vitest";
import { readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { raw, textBounce } from "./mails.ts";

const found = async (mail: Uint8Array, from?: string) =>
  (await readBounceMail(mail, { from })).findings.map(({ recipient, mailed, action, bounce }) => ({
    recipient,
    ...(mailed === undefined ? {} : { mailed }),
    action,
    status: bounce?.status,
    category: bounce?.category,
  }));

const RETURNED = "Return-Path: <bounces@mail.example.com>\nTo: other@example.com\nSubject: Hello";

describe("a bounce without a delivery report", () => {
  it("of qmail", async () => {
    const mail = textBounce(`Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<marie@example.com>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown
Giving up on 192.0.2.25.

<jean@example.org>:
This message is looping: it already has my Delivered-To line. (#5.4.6)

--- Below this line is a copy of the message.

${RETURNED}`);
    expect(await found(mail)).toEqual([
      { recipient: "marie@example.com", action: "failed", status: "5.1.1", category: 2 },
      { recipient: "jean@example.org", action: "failed", status: "5.4.6", category: 4 },
    ]);
  });

  it("of Exim, with the address that was mailed behind an alias", async () => {
    const mail = textBounce(
      `This message was created automatically by mail delivery software.

A message sent by

  <bounces@mail.example.com>

could not be delivered to one or more of its recipients. The following
address(es) failed:

  marie@example.com
    (generated from info@example.com)
    SMTP error from remote mail server after RCPT TO:<marie@example.com>:
    host mx.example.com [192.0.2.1]: 550 Unknown user

------ This is a copy of the message, including all the headers. ------

${RETURNED}`,
      ["X-Failed-Recipients: marie@example.com"],
    );
    expect(await found(mail)).toEqual([
      {
        recipient: "marie@example.com",
        mailed: "info@example.com",
        action: "failed",
        status: undefined,
        category: 2,
      },
    ]);
  });

  it("of an old Sendmail", async () => {
    const mail = textBounce(`The original message was received at Mon, 2 Nov 2026 10:00:00 GMT

   ----- The following addresses had permanent fatal errors -----
<marie@example.com>

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> RCPT To:<marie@example.com>
<<< 550 5.1.1 <marie@example.com>... User unknown
550 <marie@example.com>... User unknown

   ----- Original message follows -----

${RETURNED}`);
    expect(await found(mail)).toEqual([
      { recipient: "marie@example.com", action: "failed", status: "5.1.1", category: 2 },
    ]);
  });

  it("of a Postfix whose report lost its machine-readable part", async () => {
    const mail = textBounce(`This is the mail system at host mx.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<marie@example.com>: host mx.example.com[192.0.2.22] said: 552
    5.2.2 <marie@example.com>... Mailbox Full (in reply to RCPT TO
    command)`);
    expect(await found(mail)).toEqual([
      { recipient: "marie@example.com", action: "failed", status: "5.2.2", category: 3 },
    ]);
  });

  it("of an Exchange, in HTML alone", async () => {
    const mail = textBounce(
      `<html><body><p>Delivery has failed to these recipients or groups:</p>
<p><a href="mailto:marie@example.com">Marie</a> &lt;marie@example.com&gt;<br>
The email address you entered couldn't be found. #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##</p></body></html>`,
      ["Content-Type: text/html"],
    );
    expect(await found(mail)).toEqual([
      { recipient: "marie@example.com", action: "failed", status: "5.1.1", category: 2 },
    ]);
  });

  it("in a sentence that names the address", async () => {
    const mail = textBounce(
      "The following message to <marie@example.com> was undeliverable.\nThe reason: 5.1.1 - bad address",
    );
    expect(await found(mail)).toMatchObject([{ recipient: "marie@example.com", status: "5.1.1", category: 2 }]);
  });

  it.each([
    ["Unknown user: marie@example.com\n\nRCPT TO generated following response:\n553 5.3.0 Addressee unknown", 2],
    ["User's mailbox is full: <marie@example.com>\nUnable to deliver mail.", 3],
    ["Undeliverable Address: marie@example.com\n\nReason: the recipient is over disk quota.", 3],
    [
      [
        "The following recipient(s) could not be reached:\n",
        "  Recipient: [SMTP:marie@example.com]",
        "  Reason: 550 No such user",
      ].join("\n"),
      2,
    ],
    ["marie@example.com - no such user here.", 2],
    ['Delivery of email to this address\n\n"marie@example.com"\n\nhas failed due to a full mailbox.', 3],
    ["Failed to deliver to 'marie@example.com'\nhost example.com says:\n 550 unknown user account", 2],
    ["It is undeliverable to marie@example.com", 9],
    [
      [
        "Failed. For help write to:\n",
        "<postmaster@mx.example.com>\n",
        "<marie@example.com>: host mx said: 550 User unknown",
      ].join("\n"),
      2,
    ],
  ])("with the address behind a label, quoted, or in a sentence: %j", async (body, category) => {
    expect(await found(textBounce(body))).toMatchObject([
      { recipient: "marie@example.com", action: "failed", category },
    ]);
  });

  it("with several addresses and one reason under them", async () => {
    const mail = textBounce(`Delivery to the following recipients failed.

       marie@example.com
       jean@example.com

550 5.2.2 Mailbox full`);
    expect(await found(mail)).toMatchObject([
      { recipient: "marie@example.com", category: 3 },
      { recipient: "jean@example.com", category: 3 },
    ]);
  });

  it("is delayed, not failed, when further attempts are announced", async () => {
    for (const words of [
      "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.",
      "Delivery attempts will continue to be made for five days.",
      "Gmail will retry for 46 more hours. There was a temporary problem delivering your message.",
      "Your message has not yet been delivered.",
    ]) {
      const mail = textBounce(
        `Delivery to the following recipient has not worked so far:\n\n  marie@example.com\n\n${words}`,
      );
      expect(await found(mail)).toMatchObject([{ recipient: "marie@example.com", action: "delayed" }]);
    }
  });

  it("comes from a mail system, or without a sender", async () => {
    const lines = [
      "To: bounces@mail.example.com",
      "Subject: Undeliverable: Hello",
      "",
      "Delivery failed:\n\n  marie@example.com\n  550 User unknown",
    ];
    expect(await found(raw("From: marie@example.com", ...lines), "marie@example.com")).toEqual([]);
    expect(await found(raw("From: noreply@example.com", ...lines), "")).toHaveLength(1);
    expect(await found(raw("From: noreply@example.com", ...lines), "<>")).toHaveLength(1);
    expect(await found(raw("From: Mail Delivery Subsystem <x@example.com>", ...lines), "x@example.com")).toHaveLength(
      1,
    );
  });
});

describe("not a bounce is", () => {
  const reply = (subject: string, body: string, headers: readonly string[] = []) =>
    raw("From: Marie <marie@example.com>", "To: bounces@mail.example.com", `Subject: ${subject}`, ...headers, "", body);

  it.each([
    ["a vacation notice", reply("Away until May 5", "I am away.", ["Auto-Submitted: auto-replied"])],
    [
      "one that mentions failure",
      reply("Out of office", "Mail could not be delivered to me.\n\n  marie@example.com\n  550 user unknown"),
    ],
    [
      "one that says whom to ask",
      reply("Automatic reply: Hello", "I have left. My address failed:\n\n marie@example.com\n\nno longer works here"),
    ],
    [
      "a challenge",
      reply(
        "Please confirm your message",
        "Your message could not be delivered until you confirm that you are human:\n\n  marie@example.com",
      ),
    ],
    ["an ordinary mail", reply("Hello", "How are you?")],
    [
      "a question about a bounce",
      raw(
        "From: marie@example.com",
        "Subject: Fwd: Undelivered Mail Returned to Sender",
        "",
        "What does it mean?\n\n<marie@example.com>: host mx said: 550 5.1.1 User unknown",
      ),
    ],
  ])("%s", async (_, mail) => {
    expect(await found(mail, "marie@example.com")).toEqual([]);
  });

  it("an autoreply or a challenge with a null sender (RFC 3834), whatever its text", async () => {
    const failed = "Delivery to the following address failed:\n\n  jean@example.com\n  550 User unknown";
    expect(await found(reply("Your mail", failed), "<>")).toHaveLength(1);
    for (const subject of ["Away: Hello", "Out of office", "Automatic reply: Hello", "Auto-Reply", "Abwesend"])
      expect(await found(reply(subject, failed), "<>")).toEqual([]);
    for (const header of ["Auto-Submitted: auto-generated (vacation)", "Precedence: auto_reply", "X-Autoreply: yes"])
      expect(await found(reply("Your mail", failed, [header]), "<>")).toEqual([]);
    for (const words of [
      "Please confirm your message.",
      "To release your message, please click this link.",
      "Verify that you are a person.",
      "It awaits moderator approval.",
    ])
      expect(await found(reply("Your mail", `${words}\n\n${failed}`), "<>")).toEqual([]);
  });

  it("a bounce that is forwarded as an attachment", async () => {
    const mail = raw(
      "From: marie@example.com",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: message/rfc822",
      "",
      "From: MAILER-DAEMON@mx.example.com",
      "Subject: failure notice",
      "",
      "Delivery failed:\n\n<jean@example.com>:\n550 User unknown",
      "--b--",
    );
    expect(await found(mail, "marie@example.com")).toEqual([]);
  });

  it("is one by a code behind a sentence that only supposes something", async () => {
    const mail = raw(
      "From: Notices <postmaster@mx.example.com>",
      "Subject: Notice",
      "",
      "When your message was received, we looked for marie. 550 5.1.1 <marie@example.com>",
    );
    expect(await found(mail, "")).toMatchObject([{ recipient: "marie@example.com", category: 2 }]);
  });
});
