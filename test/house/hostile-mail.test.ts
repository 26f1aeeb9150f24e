/**
 * Mails and refusals that are made to cost time. What their patterns do is counted, which no machine and no load
 * changes: of refusals all steps, of mails the characters that are read. What a pattern costs at worst for each
 * character is counted in patterns.test.ts. `npm run bench -- bounce-mail` tells the times.
 */
import { describe, expect, it } from "vitest";
import { bounceReports, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { readMail } from "../../src/delivery/bounce-mail/mail.ts";
import { categoryOf } from "../../src/delivery/classify.ts";
import { bounced, outcomeFor } from "../../src/delivery/providers/bounced.ts";
import { HOSTILE_MAILS, HOSTILE_REPLIES, REPLY_UNITS } from "../delivery/bounce-mail/hostile-mails.ts";
import { alternativesOf, stepsOf } from "./regex-steps.ts";

/** Calls `onRun` for each search of a pattern in a text, with the characters that it went over. */
async function watchPatterns(
  work: () => unknown,
  onRun: (pattern: RegExp, text: string, readChars: number) => void,
): Promise<void> {
  const { exec } = RegExp.prototype;
  // Not by a spy, which would keep hundreds of thousands of calls.
  RegExp.prototype.exec = function (this: RegExp, text: string) {
    const from = this.global || this.sticky ? this.lastIndex : 0;
    const found = exec.call(this, text);
    const end = found === null ? text.length : found.index + found[0].length;
    onRun(this, text, found === null && this.sticky ? 1 : end - from);
    return found;
  };
  try {
    await work();
  } finally {
    RegExp.prototype.exec = exec;
  }
}

/** The patterns that some work runs, each with the texts that it runs on. */
async function patternsRunBy(work: () => unknown) {
  const run = new Map<string, { readonly pattern: RegExp; readonly text: string }>();
  await watchPatterns(work, (pattern, text) => run.set(`${pattern}${text}`, { pattern, text }));
  return [...run.values()];
}

async function charsReadBy(work: () => unknown): Promise<number> {
  let chars = 0;
  await watchPatterns(work, (_pattern, _text, readChars) => {
    chars += readChars;
  });
  return chars;
}

/** Of a mail of some 400,000 bytes, beyond its MIME parsing. The costliest take 45 ms for 3.6 million. */
const MAX_CHARS_OF_MAIL = 5_000_000;

describe("a mail that is made to cost time takes little", () => {
  it.each(Object.entries(HOSTILE_MAILS))("%s", async (_, mail) => {
    const ofParsing = await charsReadBy(() => readMail(mail));
    const ofAll = await charsReadBy(async () => {
      expect(bounceReports(await readBounceMail(mail, { from: "" })).length).toBeLessThanOrEqual(1);
    });
    expect(ofAll - ofParsing).toBeLessThan(MAX_CHARS_OF_MAIL);
  });
});

/** The engine takes 4,500 of them in a microsecond on a busy machine, so the 1,000 replies of a webhook take 100 ms. */
const MAX_STEPS_OF_REPLY = 450_000;

it.each(
  HOSTILE_REPLIES.slice(0, REPLY_UNITS.length),
)("a reply in a webhook that is made to cost time takes few steps: %s", async (details) => {
  const run = await patternsRunBy(() => outcomeFor("marie@example.com", bounced("permanent", { details })));
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
/** A little more than is read of a refusal: codes and commands may follow. */
const MAX_READ_CHARS = 2_001;

it.each(UNITS)("of a refusal of 100,000 characters patterns read the beginning: %s", async (unit) => {
  const details = unit.repeat(Math.ceil(100_000 / unit.length));
  const read = await patternsRunBy(() => expect([1, 2, 3, 4, 9]).toContain(categoryOf({ details })));
  expect(Math.max(...read.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_READ_CHARS);
});
