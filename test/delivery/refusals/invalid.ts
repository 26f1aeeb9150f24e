/** Nobody can be reached at the address: category 2. */
import type { Refusal } from "./refusal.ts";

const RCPT = { command: "RCPT" } as const;

export const INVALID: Readonly<Record<string, readonly Refusal[]>> = {
  Gmail: [
    [
      "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 " +
        "double-checking the recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For " +
        "more information, go to\n550 5.1.1  https://support.google.com/mail/?p=NoSuchUser " +
        "a640c23a62f3a-ab1234si567.89 - gsmtp",
      { status: "5.1.1", command: "RCPT" },
    ],
    ["550 5.1.1 The email account that you tried to reach does not exist."],
    [
      "553-5.1.2 We weren't able to find the recipient domain. Please check for any\n553 5.1.2 " +
        "spelling errors, and make sure you didn't enter any spaces.",
    ],
    [
      "The response from the remote server was: 550 5.1.1 <marie@example.com>: Email address could " +
        "not be found, or was misspelled (G8)",
    ],
    [
      "DNS Error: DNS type 'mx' lookup of nowhere.example responded with code NXDOMAIN Domain name " +
        "not found: nowhere.example",
    ],
  ],
  "Outlook.com and Exchange Online": [
    [
      "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). " +
        "[DB5EUR01FT044.eop-EUR01.prod.protection.outlook.com]",
      RCPT,
    ],
    [
      "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) " +
        "[AM6EUR05FT010.eop-eur05.prod.protection.outlook.com]",
      RCPT,
    ],
    [
      "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors " +
        "[CO1PEPF000044F4.namprd21.prod.outlook.com 2026-03-13T18:10:42.797Z XXX]",
    ],
    ["550 5.4.1 [marie@example.com]: Recipient address rejected: Access denied", { status: "5.4.1" }],
    ["550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient marie@example.com not found by SMTP address lookup"],
    ["554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"],
    ["550 5.4.310 DNS domain nowhere.example does not exist [Message=InfoDomainNonexistent]"],
    ["550 5.1.351 Remote server returned unknown recipient or mailbox unavailable -> 550 User unknown"],
    ["#550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found ##"],
  ],
  Exchange: [
    ["550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"],
    ["550 5.1.1 User unknown", { status: "5.1.1" }],
    [
      "The e-mail account does not exist at the organization this message was sent to. Check the " +
        "e-mail address, or contact the recipient directly to find out the correct address.",
    ],
    ["The recipient name is not recognized"],
    ["MSEXCH:IMS:ORG:SITE:SERVER 0 (000C05A6) Unknown Recipient"],
    [
      "The email address you entered couldn't be found. Please check the recipient's email address " +
        "and try to resend the message.",
    ],
  ],
  Yahoo: [
    [
      "554 delivery error: dd This user doesn't have a yahoo.com account (marie@yahoo.com) [0] - " +
        "mta1234.mail.gq1.yahoo.com",
    ],
    ["552 1 Requested mail action aborted, mailbox not found"],
    ["554 delivery error: dd Requested mail action aborted, mailbox not found - mta4321.mail.ne1.yahoo.com"],
    ["550 5.1.1 <marie@aol.com>: Recipient address rejected: aol.com", { status: "5.1.1", command: "RCPT" }],
  ],
  Postfix: [
    [
      "550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown in virtual mailbox " +
        "table (in reply to RCPT TO command)",
    ],
    ["550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown in local recipient table"],
    ["550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown in relay recipient table"],
    ["550 5.1.1 <marie@example.com>: Recipient address rejected: User unknown in virtual alias table"],
    ["550 5.1.0 <marie@example.com>: Recipient address rejected: User unknown in virtual mailbox table"],
    [
      '550 5.1.1 <marie@example.com>: Recipient address rejected: undeliverable address: unknown user: "marie"',
      { recipient: "marie@example.com" },
    ],
    ["550 5.1.2 <marie@nowhere.example>: Recipient address rejected: Domain not found"],
    [
      "Host or domain name not found. Name service error for name=nowhere.example type=AAAA: Host not found",
      { status: "5.4.4" },
    ],
    ["Domain nowhere.example does not accept mail (nullMX)", { status: "5.1.0" }],
    ['unknown user: "marie"', { status: "5.1.1", recipient: "marie@example.com" }],
    ["bad address syntax", { status: "5.1.3" }],
    ["550 5.1.1 <marie@example.com>: Recipient address rejected: example.com", { status: "5.1.1" }],
  ],
  Exim: [
    ["550 Unrouteable address"],
    ["Unrouteable address"],
    ['unrouteable mail domain "nowhere.example"'],
    ["550 no such address here"],
    ["an MX or SRV record indicated no SMTP service"],
    ["all relevant MX records point to non-existent hosts"],
    ["all host address lookups failed permanently"],
    [
      "SMTP error from remote mail server after RCPT TO:<marie@example.com>: host mx.example.com " +
        "[192.0.2.1]: 550 unknown user",
    ],
    ["550-Address <marie@example.com>\n550 No Such User Here"],
    ['550 "No such recipient"', RCPT],
  ],
  Sendmail: [
    ["550 5.1.1 <marie@example.com>... User unknown", { status: "5.1.1" }],
    ["550 <marie@nowhere.example>... Host unknown (Name server: nowhere.example: host not found)"],
    ["550 5.1.2 <marie@nowhere.example>... Host unknown (Name server: nowhere.example: host not found)"],
    ["553 5.3.0 <marie@example.com>... No such user here"],
    ["551 not our user"],
    ["553 5.1.3 <marie@@example.com>... Malformed address", { recipient: "marie@example.com" }],
    ["551 5.1.6 <marie@example.com>... Mailbox has moved"],
    ["556 5.1.10 <marie@example.com>... Host does not accept mail: MX 0 ."],
  ],
  qmail: [
    ["Sorry, no mailbox here by that name. (#5.1.1)"],
    ["Sorry, I couldn't find any host named nowhere.example. (#5.1.2)"],
    ["Sorry, I couldn't find a mail exchanger. (#5.4.4)"],
    ["Remote host said: 511 sorry, no mailbox here by that name (#5.1.1 - chkuser)"],
    ["This address no longer accepts mail."],
    ["554 Invalid recipient (#5.1.1)"],
    ["Sorry, no mailbox here by that name. vpopmail (#5.1.1)"],
  ],
  Domino: [
    ["User Marie Durand (marie@example.com) not listed in Domino Directory"],
    ["User not listed in public Name & Address Book"],
    ["550 5.1.1 <marie@example.com>... No such user"],
    ["No such user marie@example.com in Domino Directory"],
  ],
  "Oracle, Courier, OpenSMTPD, James, Zimbra, MDaemon, GroupWise, Kerio": [
    ["550 5.1.1 unknown or illegal alias: marie@example.com"],
    ["550 User unknown."],
    ["550 Invalid recipient"],
    ["550 5.1.1 <marie@example.com>: User does not exist"],
    ["550 No such user here"],
    ["550 5.1.1 The recipient address <marie@example.com> does not exist"],
    ["Delivery error: 550 Recipient unknown"],
    ["550 <marie@example.com>, Recipient unknown"],
    ["550 Mailbox does not exist"],
    ["550 5.1.1 Mailbox <marie@example.com> does not exist"],
    ["550 marie@example.com User unknown"],
    ["550 5.1.1 User does not exist - <marie@example.com>"],
  ],
  "Barracuda, Proofpoint, Mimecast, IronPort, Trend Micro, Sophos": [
    ["550 permanent failure for one or more recipients (marie@example.com:550 5.1.1 User unknown)"],
    ["550 No such domain at this location", RCPT],
    ["550 5.1.1 User Unknown"],
    ["550 5.1.1 <marie@example.com>... User unknown (in reply to RCPT TO command)"],
    ["550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [mIUk7yqLM5OxtO9cbqeG3A.uk123]"],
    ["550 #5.1.0 Address rejected.", { status: "5.1.0", command: "RCPT" }],
    ["550 5.1.0 Address rejected. marie@example.com", { status: "5.1.0" }],
    ["550 5.1.1 unknown recipient"],
    ["550 Recipient not found"],
    ["550 5.1.1 invalid address"],
    ["550 Address not present in directory"],
    ["550 recipient address does not exist - psmtp"],
  ],
};
