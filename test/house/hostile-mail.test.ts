/**
 * Mails and refusals that are made to cost time. Node's clock runs while a Worker's stands still, so they are timed
 * here. What a pattern costs is counted in patterns.test.ts; this is for everything around them.
 */
import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { categoryOf } from "../../src/delivery/classify.ts";
import { dsn, failed, raw, textBounce, unknownUser } from "../delivery/bounce-mail/mails.ts";

/** What an unbounded pattern exceeds by far on any machine, and 100 ms on a slow one do not. */
const MAX_MS = 3_000;

const many = (count: number, text: (nth: number) => string) => Array.from({ length: count }, (_, nth) => text(nth));

const MAILS: Readonly<Record<string, Uint8Array>> = {
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
};

describe("a mail that is made to cost time takes little", () => {
  it.each(Object.entries(MAILS))("%s", async (_, mail) => {
    const started = performance.now();
    expect(bounceReports(await readBounceMail(mail, { from: "" })).length).toBeLessThanOrEqual(1);
    expect(performance.now() - started).toBeLessThan(MAX_MS);
  });
});

const UNITS = [
  "exceed",
  "fail",
  "await",
  "user ",
  "mailbox ",
  "host name ",
  "sender ",
  "a@b.",
  "5.1.1 ",
  "550 ",
  "if ",
];

it("refusals of 100,000 characters take little", () => {
  const started = performance.now();
  for (const unit of UNITS) {
    const details = unit.repeat(Math.ceil(100_000 / unit.length));
    expect([1, 2, 3, 4, 9]).toContain(categoryOf({ details }));
  }
  expect(performance.now() - started).toBeLessThan(MAX_MS);
});
