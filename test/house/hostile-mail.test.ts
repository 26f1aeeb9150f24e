/**
 * Mails and refusals that are made to cost time. Node's clock runs while a Worker's stands still, so they are timed
 * here. What a pattern costs is counted in patterns.test.ts; this is for everything around them. `npm run bench --
 * bounce-mail` tells the times.
 */
import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { categoryOf } from "../../src/delivery/classify.ts";
import { HOSTILE_MAILS } from "../delivery/bounce-mail/hostile-mails.ts";

/** What an unbounded pattern exceeds by far on any machine, and 100 ms on a slow one do not. */
const MAX_MS = 3_000;

describe("a mail that is made to cost time takes little", () => {
  it.each(Object.entries(HOSTILE_MAILS))("%s", async (_, mail) => {
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
