/**
 * Notices of mail servers without a delivery report, written in the form of each: the text, the addresses that it
 * names, and what it says of each.
 */

export interface ServerNotice {
  readonly text: string;
  readonly from?: string;
  readonly subject?: string;
  /** Address and category. */
  readonly says: readonly (readonly [string, number])[];
}

export const RETURNED = `Return-Path: <bounces@mail.example.com>
From: Maison Lavande <news@example.com>
To: other@example.com
Subject: No such user: the film, and a full mailbox`;

export const NOTICES: Readonly<Record<string, ServerNotice>> = {
  "Exim's filter, without a code": {
    from: "<>",
    subject: "Your mail",
    text: "You sent mail to marie@example.com. That's not a valid user here.",
    says: [["marie@example.com", 9]],
  },
  "Sendmail 8, the address in front of the reason": {
    subject: "Returned mail: Host unknown (Name server: nowhere.example: host not found)",
    text: `The original message was received at Mon, 2 Nov 2026 10:00:00 GMT
from localhost

   ----- The following addresses have delivery notifications -----
marie@nowhere.example  (unrecoverable error)

   ----- Transcript of session follows -----
554 <marie@nowhere.example>... 550 Host unknown (Name server: nowhere.example: host not found)

   ----- Original message follows -----
${RETURNED}`,
    says: [["marie@nowhere.example", 2]],
  },
  "Sendmail 8, only a transcript": {
    subject: "Returned mail: User unknown",
    text: `   ----- Transcript of session follows -----
550 <marie@example.com>... User unknown

   ----- Unsent message follows -----
${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Sendmail 5": {
    subject: "Returned mail: User unknown",
    text: `   ----- Transcript of session follows -----
While talking to mx.example.com:
>>> RCPT To:<marie@example.com>
<<< 550 <marie@example.com>... User unknown
550 <marie@example.com>... User unknown

   ----- Recipients of this delivery -----
Bounced, cannot deliver:
   <marie@example.com>

   ----- Unsent message follows -----
${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Sendmail, two addresses and two reasons": {
    subject: "Returned mail: see transcript for details",
    text: `   ----- The following addresses had permanent fatal errors -----
<marie@example.com>
    (reason: 550 5.1.1 <marie@example.com>... User unknown)
<jean@example.com>
    (reason: 552 5.2.2 <jean@example.com>... Mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
<<< 550 5.1.1 <marie@example.com>... User unknown
550 5.1.1 <marie@example.com>... User unknown
<<< 552 5.2.2 <jean@example.com>... Mailbox full`,
    says: [
      ["marie@example.com", 2],
      ["jean@example.com", 3],
    ],
  },
  "MailMarshal, the reason in front of the address": {
    subject: 'Undeliverable Mail: "No such user: the film"',
    text: `Your message:
   From:    news@example.com
   Subject: No such user: the film

Could not be delivered because of

552 5.2.2 Mailbox full

The following recipients were affected:
    marie@example.com

Additional Information
======================
Original Sender:    <news@example.com>
Remote-MTA:         <192.0.2.1>`,
    says: [["marie@example.com", 3]],
  },
  "Notes, the reason in front of the address": {
    subject: "Undeliverable message",
    text: `------- Failure Reasons  --------

User not listed in public Name & Address Book
marie@notes.example.com

------- Returned Message --------
${RETURNED}`,
    says: [["marie@notes.example.com", 2]],
  },
  "IMail, the reason and the address on a line": {
    subject: "Undeliverable Mail",
    text: `User mailbox exceeds allowed size: marie@example.com

Original message follows.

${RETURNED}`,
    says: [["marie@example.com", 3]],
  },
  "Exim, an undisclosed address": {
    subject: "Mail delivery failed: returning message to sender",
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  an undisclosed address
    (generated from marie@example.com)
    SMTP error from remote mail server after RCPT TO:<x@example.org>:
    host mx.example.org [192.0.2.1]: 550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

${RETURNED}`,
    // The address behind it does not exist; marie's may.
    says: [["marie@example.com", 9]],
  },
  "1&1 and GMX": {
    subject: "Mail delivery failed: returning message to sender",
    text: `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"marie@example.com":
SMTP error from remote server after RCPT command:
host: mx.example.com
550 5.1.1 <marie@example.com>... User Unknown

--- The header of the original message is following. ---

${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Oracle's Messaging Server": {
    subject: "Delivery Notification: Delivery has failed",
    text: `This report relates to a message you sent with the following header fields:

  Message-id: <1@mail.example.com>
  Date: Mon, 02 Nov 2026 10:00:00 +0000
  From: Maison Lavande <news@example.com>
  To: marie@example.com
  Subject: Your mailbox is full of surprises

Your message cannot be delivered to the following recipients:

  Recipient address: marie@example.com
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <marie@example.com>... User Unknown
  Remote system: dns;mx.example.com (TCP|192.0.2.9|47323|192.0.2.1|25)`,
    says: [["marie@example.com", 2]],
  },
  "indimail, which names the sender beside each recipient": {
    text: `Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.

<jean@example.com>:
From: <news@example.com> RCPT: <jean@example.com> 192.0.2.25 does not like recipient.
Remote host said: 552 5.2.2 <jean@example.com>: Recipient address rejected: Mailbox full.

<marie@example.com>:
From: <news@example.com> RCPT: <marie@example.com> 192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown.`,
    says: [
      ["jean@example.com", 3],
      ["marie@example.com", 2],
    ],
  },
  "AOL, whose users have no domain": {
    from: "Mail Delivery Subsystem <MAILER-DAEMON@aol.example>",
    subject: "Mail Delivery Problem",
    text:
      "Your mail to the following recipients could not be delivered because they are not accepting mail from " +
      "news@example.com:\n\tmarie",
    says: [["marie@aol.example", 1]],
  },
  "m-FILTER, which names the command that was answered": {
    text: `The following addresses failed.
marie@example.com

-------server message
550 unknown user <marie@example.com>

-------SMTP command
DATA

-------original message
To: marie@example.com`,
    says: [["marie@example.com", 9]],
  },
  "Exchange 2003": {
    from: "System Administrator <postmaster@example.org>",
    subject: "Undeliverable: News",
    text: `Your message

  To:      marie@example.com
  Subject: News
  Sent:    Mon, 2 Nov 2026 10:00:00 +0000

did not reach the following recipient(s):

marie@example.com on Mon, 2 Nov 2026 10:00:05 +0000
    The recipient name is not recognized
	The MTS-ID of the original message is: c=fr;a= ;p=example;l=EX0000
    MSEXCH:IMS:EXAMPLE:PARIS:EX 0 (000C05A6) Unknown Recipient`,
    says: [["marie@example.com", 2]],
  },
  "a directory, which names its user without a domain": {
    subject: "Returned mail - directory error report",
    text: `--------Message not delivered to the following:

 marie.dupont    No entry of this kind

--------Error Detail:

People have several names here. For instance, if
jean@example.org fails, try jean.dupont@example.org.

--------Unsent Message below:

Received: from mail.example.com by mx.example.org with ESMTP id 1
\tfor <marie.dupont@example.org>; Mon, 2 Nov 2026 10:00:00 +0000
From: news@example.com
To: readers@example.com
Subject: News`,
    says: [["marie.dupont@example.org", 9]],
  },
  "a gateway, which has the old mail's words behind its own": {
    from: "admin@example.org",
    subject: "Non-Delivery: Your order awaits moderator approval",
    text: `The email below could not be delivered to the following user:

"marie@example.org" <marie@example.org>

Old message:

Your post is held for approval: not allowed to post to this mailing list`,
    says: [["marie@example.org", 9]],
  },
};
