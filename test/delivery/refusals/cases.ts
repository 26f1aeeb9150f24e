/** Refusals that a first version took for invalid recipients, or missed. */
import type { SmtpRefusal } from "../../../src/delivery/classify.ts";

export interface Case extends SmtpRefusal {
  readonly category: number;
  readonly why: string;
}

export const CASES: readonly Case[] = [
  {
    details:
      "550-Verification failed for <bounces@mail.example.com>\n550-The mail server could not deliver mail to " +
      "bounces@mail.example.com. The account or domain may not exist, they may be blacklisted, or missing the proper " +
      "dns entries.\n550 Sender verify failed",
    command: "RCPT",
    category: 1,
    why: "the sender's own address was verified",
  },
  {
    details: "host mx[192.0.2.1] said: 550 Unknown error",
    category: 9,
    why: '"host … unknown" across "said: 550" says nothing of a host',
  },
  {
    details: "Remote host said: 554 INVALID IP FOR SENDING MAIL OF DOMAIN example.com",
    category: 1,
    why: "the sender's IP",
  },
  {
    details: "553 http://www.spamhaus.example/query/bl?ip=192.0.2.9",
    status: "5.1.3",
    category: 1,
    why: "a block list; a status alone does not outweigh it",
  },
  { details: "501 5.5.4 Invalid domain name", status: "5.5.4", category: 4, why: "an answer to EHLO" },
  {
    details: "550 Unknown user",
    status: "5.0.0",
    command: "DATA",
    category: 9,
    why: "DATA was answered: content, not the recipient",
  },
  {
    details: "550 Your e-mail was not recognized as coming from an authorized sender",
    category: 1,
    why: "the sender",
  },
  {
    details: "552 Your email is undeliverable because the mailbox has reached its limit",
    category: 3,
    why: "full",
  },
  {
    details: "451 4.3.0 recipient unknown due to LDAP lookup failure",
    status: "4.3.0",
    command: "RCPT",
    category: 4,
    why: "4.x.x is never for ever",
  },
  { details: "550 HELO host name not found", category: 1, why: "the sender's host" },
  {
    details: "The user(s) account is disabled.\n550 5.2.1 user unknown",
    status: "5.2.1",
    command: "RCPT",
    category: 3,
    why: "disabled is tried again; contradicting words lower it",
  },
  {
    details: "550 5.1.1 The email account that you tried to reach does not exist.",
    status: "5.1.1",
    command: "RCPT",
    category: 2,
    why: "positive, nothing against",
  },
  {
    details: "an MX or SRV record indicated no SMTP service",
    category: 2,
    why: "null MX: the recipient's domain takes no mail",
  },
  {
    details: "550 #5.1.0 Address rejected.",
    status: "5.1.0",
    command: "RCPT",
    category: 2,
    why: "the address, in answer to RCPT",
  },
  { details: "550 No mail box available", command: "RCPT", category: 2, why: "positive words in answer to RCPT" },
];
