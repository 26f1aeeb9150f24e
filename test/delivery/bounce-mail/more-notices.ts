/** Notices of rarer mail servers. */
import { RETURNED, type ServerNotice } from "./notices.ts";

export const MORE_NOTICES: Readonly<Record<string, ServerNotice>> = {
  "Sendmail, whose DATA came before the answer to RCPT": {
    from: "<>",
    subject: "Returned mail: see transcript for details",
    text: `   ----- The following addresses had permanent fatal errors -----
<marie@example.com>

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
<<< 550 User unknown
550 <marie@example.com>... User unknown
<<< 503 Need RCPT (recipient)`,
    says: [["marie@example.com", 2]],
  },
  "Sendmail, whose DATA came before an answer about the mailbox": {
    subject: "Returned mail: see transcript for details",
    text: `   ----- The following addresses had permanent fatal errors -----
<marie@example.com>

   ----- Transcript of session follows -----
>>> DATA
<<< 550 5.2.1 <marie@example.com>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)`,
    says: [["marie@example.com", 9]],
  },
  "Sendmail 5, between other replies": {
    subject: "Returned mail: User unknown",
    text: `   ----- Transcript of session follows -----
While talking to mx.example.com:
>>> RCPT To:<marie@example.com>
<<< 550 <marie@example.com>, User Unknown
550 <marie@example.com>... User unknown
421 example.org (smtp)... Deferred: Connection timed out during user open with example.org`,
    says: [["marie@example.com", 2]],
  },
  "L-Soft": {
    from: '"LSMTP for Windows NT v1.1b" <postmaster@example.com>',
    subject: "Undelivered mail",
    text: `An error was detected while processing the enclosed message. This list is in a format that allows
software like LISTSERV to take action on incorrect addresses.

--> Error description:
Error-for:  marie@example.com
Error-Text: 550 5.1.1 User unknown`,
    says: [["marie@example.com", 2]],
  },
  "a gateway's scanner, which will try again": {
    from: "AntiVirus_for_SMTP_Gateways@example.com",
    subject: "Delivery failure notification",
    text: `Your message could not be delivered to the following recipients:

marie@example.com

Delivery attempts will continue to be made.`,
    says: [["marie@example.com", 9]],
  },
  "a warning that has no word of a failure": {
    subject: "Warning: message has not yet been delivered",
    text: `This is an automated message. Your message to:
marie@example.com

has not yet been delivered because the recipient server did not respond.`,
    says: [["marie@example.com", 3]],
  },
  "au one net, from nobody": {
    from: "no-reply@example.net",
    subject: "メールエラー通知",
    text: `送信先のメールボックスが一杯のため、送信できませんでした。

     Could not be delivered to: <marie@example.com>
     As their mailbox is full.`,
    says: [["marie@example.com", 3]],
  },
  "Sendmail, a user without a domain behind an alias": {
    subject: "Returned mail: User unknown",
    text: `   ----- The following addresses had permanent fatal errors -----
jean
    (expanded from: <info@example.com>)

   ----- Transcript of session follows -----
550 jean... User unknown`,
    says: [["info@example.com", 9]],
  },
  "qmail, whose message was refused after it was sent": {
    text: `<marie@example.com>:
192.0.2.1 failed after I sent the message.
Remote host said: 550 5.1.1 user unknown`,
    says: [["marie@example.com", 9]],
  },
  "qmail, whose sender was refused": {
    text: `<marie@example.com>:
Connected to 192.0.2.1 but sender was rejected.
Remote host said: 550 5.1.1 user unknown`,
    says: [["marie@example.com", 1]],
  },
  "Gmail, a domain that does not exist": {
    from: "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    subject: "Delivery Status Notification (Failure)",
    text: `** Address not found **

Your message wasn't delivered to marie@nowhere.example because the domain
nowhere.example couldn't be found. Check for typos or unnecessary spaces and try again.

The response was:

DNS Error: DNS type 'mx' lookup of nowhere.example responded with code NXDOMAIN
Domain name not found: nowhere.example`,
    says: [["marie@nowhere.example", 2]],
  },
  "Domino, in a sentence": {
    from: "Postmaster@example.org",
    subject: "DELIVERY FAILURE: User marie (marie@example.com) not listed in Domino Directory",
    text: `Your message

  Subject: Hello

was not delivered to:

  marie@example.com

because:

  User marie (marie@example.com) not listed in Domino Directory`,
    says: [["marie@example.com", 2]],
  },
  MDaemon: {
    from: "Mail Delivery Subsystem <MDaemon@example.org>",
    subject: "Permanent Delivery Failure",
    text: `The following data may contain sections which represent BASE64 encoded
attachments.

--------------------------------------
The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.  The number and frequency
of delivery attempts are determined by local configuration parameters.

YOUR MESSAGE WAS NOT DELIVERED TO ONE OR MORE RECIPIENTS!

Failed address: marie@example.com

--- Session Transcript ---
RCPT To:<marie@example.com>
550 <marie@example.com>, Recipient unknown
--- End Transcript ---`,
    says: [["marie@example.com", 2]],
  },
  "MailFoundry and InterScan": {
    subject: "Message delivery has failed",
    text: `Unable to deliver message to: <marie@example.com>
Delivery failed for the following reason:
Server mx.example.com[192.0.2.1] failed with: 550 <marie@example.com> No such user here

This has been a permanent failure.  No further delivery attempts will be made.`,
    says: [["marie@example.com", 2]],
  },
  "a list of addresses with brackets": {
    from: '"Mail Deliver System" <MAILER-DAEMON@example.org>',
    subject: "Returned Mail: User unknown",
    text: `The original message was received at Mon, 2 Nov 2026 10:00:00 +0000
from news@example.com

---The following addresses had delivery errors---

marie@example.com [User unknown]
jean@example.com [Mailbox full]`,
    says: [
      ["marie@example.com", 2],
      ["jean@example.com", 3],
    ],
  },
  "a report with technical details behind a line": {
    subject: "Delivery status notification",
    text: `============================================================================
     This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed permanently:

  * marie@example.com


============================================================================
                            Technical details:

SMTP:RCPT host 192.0.2.8: 553 5.3.0 <marie@example.com>... No such user here


============================================================================`,
    says: [["marie@example.com", 2]],
  },
  "a sentence about a server that rejected a recipient": {
    subject: "There was an error sending your mail",
    text: `1 error(s):

SMTP Server <mx.example.com> rejected recipient <marie@example.com>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]

The attachment contains the original mail headers of your message.`,
    says: [["marie@example.com", 2]],
  },
  "Smail, without a sender in From": {
    from: "<>",
    subject: "mail failed, returning to sender",
    text: `|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <marie@example.com> ... transport smtp: 550 <marie@example.com>... User unknown
|------------------------- Message text follows: (body too large, truncated) ---|
${RETURNED}`,
    says: [["marie@example.com", 2]],
  },
  "Exchange 5.5, an address in X.400": {
    from: "System Administrator <postmaster@example.org>",
    subject: "Undeliverable: Hi",
    text: `Your message

  To:      Marie
  Subject: Hi
  Sent:    4/29/99 9:19:59 AM

did not reach the following recipient(s):

c=US;a= ;p=Example;o=Org;dda:SMTP=marie@example.com; on Thu, 29 Apr 1999
    The recipient name is not recognized`,
    says: [["marie@example.com", 2]],
  },
  "InterScan, a session and a sentence": {
    from: "InterScan MSS <intscan@example.org>",
    subject: "Mail could not be delivered",
    text: `******************** Message from InterScan MSS ********************

Sent <<< RCPT TO:<marie@example.com>
Received >>> 550 5.1.1 <marie@example.com>... user unknown

Unable to deliver message to <marie@example.com>

************************     End of message     **********************`,
    says: [["marie@example.com", 2]],
  },
  "Courier, without a name": {
    from: '"Courier mail server at mx.example.org" <@mx.example.org>',
    subject: "NOTICE: mail delivery status.",
    text: `UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<marie@example.com>:
    mx.example.com [192.0.2.1]:
>>> RCPT TO:<marie@example.com>
<<< 550 5.1.1 <marie@example.com>... User Unknown`,
    says: [["marie@example.com", 2]],
  },
  "a server of the recipient's help desk": {
    subject: "failure notice",
    text: `I'm afraid I wasn't able to deliver your message to the following addresses.

<support@example.com>:
550 5.1.1 <support@example.com>: Recipient address rejected: User unknown

--- Below this line is a copy of the message.

${RETURNED}`,
    says: [["support@example.com", 2]],
  },
  "a null MX": {
    subject: "Mail delivery failed: returning message to sender",
    text: `The following address(es) failed:

  marie@nowhere.example
    an MX or SRV record indicated no SMTP service`,
    says: [["marie@nowhere.example", 2]],
  },
  "a report that lost its structure": {
    text: `Your message could not be delivered.

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; marie@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown`,
    says: [["marie@example.com", 2]],
  },
  "a text in which words of a footer could mislead": {
    text: `Delivery to the following recipient failed:

marie@example.com
554 5.7.1 Message rejected

If the address does not exist, or the mailbox is full, please ask the recipient.`,
    says: [["marie@example.com", 1]],
  },
};
