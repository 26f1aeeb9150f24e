/**
 * Mails and refusals that are made to cost time. Node's clock runs while a Worker's stands still, so mails are timed
 * here; of refusals the steps of all patterns are counted, which no machine and no load changes. What a pattern costs
 * at worst is counted in patterns.test.ts; this is for everything around them. `npm run bench -- bounce-mail` tells
 * the times.
 */
import { describe, expect, it, vi } from "vitest";
import { bounceReports, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { categoryOf } from "../../src/delivery/classify.ts";
import { bounced, outcomeFor } from "../../src/delivery/providers/bounced.ts";
import { HOSTILE_MAILS, HOSTILE_REPLIES, REPLY_UNITS } from "../delivery/bounce-mail/hostile-mails.ts";
import { alternativesOf, stepsOf } from "./regex-steps.ts";

/** What an unbounded pattern exceeds by far on any machine, and 100 ms on a slow one do not. */
const MAX_MS = 3_000;

describe("a mail that is made to cost time takes little", () => {
  it.each(Object.entries(HOSTILE_MAILS))("%s", async (_, mail) => {
    const started = performance.now();
    expect(bounceReports(await readBounceMail(mail, { from: "" })).length).toBeLessThanOrEqual(1);
    expect(performance.now() - started).toBeLessThan(MAX_MS);
  });
});

/** The patterns that some work runs, each with the texts that it runs on. */
function patternsRunBy(work: () => unknown): readonly { readonly pattern: RegExp; readonly text: string }[] {
  const run = new Map<string, { pattern: RegExp; text: string }>();
  const { exec } = RegExp.prototype;
  const spy = vi.spyOn(RegExp.prototype, "exec").mockImplementation(function (this: RegExp, text: string) {
    run.set(`${this}${text}`, { pattern: this, text });
    return exec.call(this, text);
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return [...run.values()];
}

/** The engine takes 4,500 of them in a microsecond on a busy machine, so the 1,000 replies of a webhook take 100 ms. */
const MAX_STEPS_OF_REPLY = 450_000;

it.each(
  HOSTILE_REPLIES.slice(0, REPLY_UNITS.length),
)("a reply in a webhook that is made to cost time takes few steps: %s", (details) => {
  const run = patternsRunBy(() => outcomeFor("marie@example.com", bounced("permanent", { details })));
  const steps = run.flatMap(({ pattern, text }) =>
    alternativesOf(pattern).map((each) => stepsOf(each, pattern.flags, text, MAX_STEPS_OF_REPLY)),
  );
  expect(run.length).toBeGreaterThan(20);
  expect(steps.reduce((sum, each) => sum + each, 0)).toBeLessThan(MAX_STEPS_OF_REPLY);
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
/** A little more than is read of a refusal: codes and commands may stand behind. */
const MAX_READ_CHARS = 2_001;

it.each(UNITS)("of a refusal of 100,000 characters patterns read the beginning: %s", (unit) => {
  const details = unit.repeat(Math.ceil(100_000 / unit.length));
  const read = patternsRunBy(() => expect([1, 2, 3, 4, 9]).toContain(categoryOf({ details })));
  expect(Math.max(...read.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_READ_CHARS);
});
