/** Mails and replies that are made to cost time: each repeats what a pattern of the source looks for. */
import { dsn, failed, raw, textBounce, unknownUser } from "./mails.ts";

const many = (count: number, text: (nth: number) => string) => Array.from({ length: count }, (_, nth) => text(nth));

export const HOSTILE_MAILS: Readonly<Record<string, Uint8Array>> = {
  "a subject of 63,000 times fail": raw(
    "From: MAILER-DAEMON@mx.example.com",
    `Subject: ${"fail".repeat(63_000)}`,
    "",
    "Delivery failed: <marie@example.com>",
  ),
  "a body of 26,000 times await": textBounce("await".repeat(26_000)),
  "a report of 100 recipients with 40 times exceed": dsn({
    recipients: many(100, (nth) => `m${nth}@example.com`).map((to) =>
      failed(to, "5.0.0", `550 ${"exceed".repeat(40)}`),
    ),
  }),
  "a report of 100 recipients with long diagnostics": dsn({
    recipients: many(100, (nth) => `m${nth}@example.com`).map((to) =>
      failed(to, "5.0.0", `550 ${"exceed user mailbox ".repeat(100)}`),
    ),
  }),
  "lines of dashes": textBounce(`${"-".repeat(3_999)}\n`.repeat(60)),
  "words of mailboxes": textBounce(`Delivery failed: ${"user mailbox address ".repeat(12_000)}`),
  "20,000 headings": textBounce(`Delivery failed:\n${many(20_000, (nth) => `<${nth}@example.com>:`).join("\n")}`),
  "200,000 empty lines": textBounce("\n".repeat(200_000)),
  "200,000 spaces": textBounce(`Delivery failed:${" ".repeat(200_000)}x`),
  "an element of 60,000 attributes": textBounce(`<p ${many(60_000, (nth) => `a${nth}`).join(" ")}>`, [
    "Content-Type: text/html",
  ]),
  "a returned mail to 60,000 addresses": dsn({
    recipients: [unknownUser("marie@example.com")],
    original: [`To: ${"m@example.com,".repeat(15_000)}`],
  }),
  "a notification of SES with 1,500 recipients": textBounce(
    JSON.stringify({
      notificationType: "Bounce",
      mail: {},
      bounce: { bouncedRecipients: many(1_500, (nth) => `${nth}@x`).map((emailAddress) => ({ emailAddress })) },
    }),
  ),
  "nested brackets as a notification of SES": textBounce(`{"notificationType":${"[".repeat(200_000)}`),
  "encoded words": raw("From: MAILER-DAEMON@mx.example.com", `Subject: ${"=?utf-8?q?a?= ".repeat(15_000)}`, "", "x"),
  "Japanese without an end": textBounce("ユーザ".repeat(28_000)),
  "a report of 100 recipients whose domains are spoken of": dsn({
    recipients: many(100, (nth) => `m${nth}@example.com`).map((to) =>
      failed(to, "5.1.1", `550 ${"domain of a@b is a host ".repeat(40)}`),
    ),
  }),
  "400 headings with long texts": textBounce(
    many(400, (nth) => `<${nth}@example.com>: ${"host said: 550 exceed user mailbox ".repeat(25)}`).join("\n"),
  ),
  "a session of 4,000 replies": textBounce(">>> RCPT TO:<a@example.com>\n<<< 550 user unknown\n".repeat(4_000)),
  "100,000 open tags": textBounce("<p".repeat(100_000), ["Content-Type: text/html"]),
};

/** As long as replies in webhooks are read. */
const REPLY_CHARS = 384;
export const REPLY_UNITS = [
  "user ",
  "exceed user recipient address ",
  "recipient address 用户",
  "mailbox ユーザー",
  "a@b domain of ",
];

/** The reasons of a webhook of 1,000 events. */
export const HOSTILE_REPLIES = many(
  1_000,
  (nth) => (REPLY_UNITS[nth % REPLY_UNITS.length] ?? "").repeat(100).slice(0, REPLY_CHARS - 4) + nth,
);
