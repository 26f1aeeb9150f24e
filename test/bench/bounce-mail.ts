/**
 * Reading one bounce mail, from its bytes to its report, on one core, and what strangers can make that cost. No other
 * library does as much: there is no control.
 */
import { bounceReports, MAX_MAIL_BYTES, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { readMail } from "../../src/delivery/bounce-mail/mail.ts";
import { bounced, outcomeFor } from "../../src/delivery/providers/bounced.ts";
import { HOSTILE_MAILS, HOSTILE_REPLIES } from "../delivery/bounce-mail/hostile-mails.ts";
import { type Bench, type Figure, median } from "./bench.ts";

const ROUNDS = 15;
const BODY_LINES = 60;
const LARGE_BYTES = 20_000_000;
const TOKEN = "FAEVQsZ5ASVCxlcU7Zc3ExIqn5lpqRANfxkl6Zp0QeA";
const ENVELOPE = { from: "<>", to: `bounces+${TOKEN}@mail.example.com` };

export const bounceMail: Bench = {
  name: "bounce-mail",
  about: "parsing one bounce mail, as Postfix reports it, with the newsletter that comes back",
  async run(say) {
    const usual = postfixReport(BODY_LINES);
    const large = postfixReport(Math.ceil(LARGE_BYTES / LINE.length));
    // The handler keeps no more than that of a mail.
    const head = large.subarray(0, MAX_MAIL_BYTES);
    return [
      ...(await timed("parsing one bounce mail", usual, usual.length, 500, say)),
      ...(await timed("parsing one of 20 MB", head, large.length, 20, say)),
      ...(await hostile(say)),
    ];
  },
};

const HOSTILE_ROUNDS = 5;
/** Of CPU, for anything that a stranger sends. */
const MAX_HOSTILE_MS = 100;

/** What mails and replies cost that are made to cost time: the least of some rounds, as others may run beside. */
async function hostile(say: (line: string) => void): Promise<readonly Figure[]> {
  const costs: number[] = [];
  for (const [name, raw] of Object.entries(HOSTILE_MAILS)) {
    const parsingMs = await cpuMs(() => readMail(raw));
    const wholeMs = await cpuMs(() => readBounceMail(raw, { from: "" }));
    say(`${name}: ${wholeMs.toFixed(1)} ms, ${parsingMs.toFixed(1)} of them MIME parsing`);
    costs.push(wholeMs - parsingMs);
  }
  const repliesMs = await cpuMs(() =>
    HOSTILE_REPLIES.map((details) => outcomeFor("marie@example.com", bounced("permanent", { details }))),
  );
  const goal = { atMost: MAX_HOSTILE_MS };
  return [
    { name: "the costliest hostile mail, beyond MIME parsing", value: Math.max(...costs), unit: "ms", goal },
    { name: `${HOSTILE_REPLIES.length} hostile replies of a webhook`, value: repliesMs, unit: "ms", goal },
  ];
}

async function cpuMs(work: () => unknown): Promise<number> {
  const rounds: number[] = [];
  while (rounds.length < HOSTILE_ROUNDS) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / 1_000);
  }
  return Math.min(...rounds);
}

async function timed(
  name: string,
  raw: Uint8Array,
  bytes: number,
  each: number,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    for (let done = 0; done < each; done++) {
      const [report] = bounceReports(await readBounceMail(raw, ENVELOPE), ENVELOPE);
      if (report?.outcome.type !== "bounced") throw new Error("the bounce mail is not read as one");
    }
    const tookMs = (performance.now() - start) / each;
    say(`${name}, round ${round} of ${ROUNDS}: ${(tookMs * 1000).toFixed(0)} µs`);
    if (round > 0) rounds.push(tookMs * 1000);
  }
  return [
    { name, value: median(rounds), unit: "µs" },
    { name: `${name}: its size`, value: bytes / 1000, unit: "KB" },
  ];
}

const LINE = "<p>Hello Marie, this is our news in November, and there is more.</p>\r\n";

function postfixReport(bodyLines: number): Uint8Array {
  const lines = [
    "Return-Path: <>",
    "From: MAILER-DAEMON@mx.example.com (Mail Delivery System)",
    "To: bounces@mail.example.com",
    "Subject: Undelivered Mail Returned to Sender",
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="9B0953.1793613600/mx.example.com"',
    "Message-Id: <20261102100000.0A3541FB98@mx.example.com>",
    "",
    "This is a MIME-encapsulated message.",
    "",
    "--9B0953.1793613600/mx.example.com",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "This is the mail system at host mx.example.com.",
    "",
    "I'm sorry to have to inform you that your message could not",
    "be delivered to one or more recipients. It's attached below.",
    "",
    "<marie@example.org>: host mx.example.org[192.0.2.153] said: 550 5.1.1",
    "    <marie@example.org>... User unknown (in reply to RCPT TO command)",
    "",
    "--9B0953.1793613600/mx.example.com",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.com",
    "Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000 (UTC)",
    "",
    "Final-Recipient: rfc822; marie@example.org",
    "Original-Recipient: rfc822;marie@example.org",
    "Action: failed",
    "Status: 5.1.1",
    "Remote-MTA: dns; mx.example.org",
    "Diagnostic-Code: smtp; 550 5.1.1 <marie@example.org>... User unknown",
    "",
    "--9B0953.1793613600/mx.example.com",
    "Content-Type: message/rfc822",
    "",
    `Return-Path: <bounces+${TOKEN}@mail.example.com>`,
    "From: Maison Lavande <news@mail.example.com>",
    "To: Marie <marie@example.org>",
    `X-Waxseal-Message: ${TOKEN}`,
    "Content-Type: text/html; charset=utf-8",
    "",
    LINE.repeat(bodyLines),
    "--9B0953.1793613600/mx.example.com--",
    "",
  ];
  return new TextEncoder().encode(lines.join("\r\n"));
}
