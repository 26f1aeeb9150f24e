/** One classifier for all sources: whoever brings a refusal, it ends mailing or it does not. */
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { settingsOf } from "../../../src/config/settings.ts";
import { readBounceMail } from "../../../src/delivery/bounce-mail/index.ts";
import { EventOrWrong, readEvent } from "../../../src/delivery/event-input.ts";
import type { Outcome } from "../../../src/delivery/outcome.ts";
import { bounced, outcomeFor } from "../../../src/delivery/providers/bounced.ts";
import { dsn } from "../bounce-mail/mails.ts";
import { CASES } from "./cases.ts";

const INVALID = 2;
const RECIPIENT = "marie@example.com";
const categoryIn = (outcome: Outcome | undefined) =>
  outcome?.type === "bounced" ? outcome.bounce.category : undefined;

/** By Postfix, which names the command that was answered. */
async function byMail({ details = "", status = "5.0.0", command }: (typeof CASES)[number]) {
  const said = details.replaceAll("\n", "\n    ");
  const fields = ["Final-Recipient: rfc822; marie@example.com", "Action: failed", `Status: ${status}`];
  const notice = `<marie@example.com>: ${said}${command === undefined ? "" : ` (in reply to ${command} command)`}`;
  const mail = dsn({ recipients: [[...fields, `Diagnostic-Code: smtp; ${said}`]], notice });
  const { findings } = await readBounceMail(mail, { from: "" });
  return findings[0]?.bounce?.category;
}

function byApi({ details, status }: (typeof CASES)[number]) {
  const settings = settingsOf(env);
  if (!settings.ok) throw new Error(settings.reason.join(" "));
  const event = { type: "hard_bounced", email: 1, person: 2, campaign: 3, details, status };
  const read = readEvent(v.parse(EventOrWrong, event), "events.0", settings.value);
  return read.ok ? categoryIn(read.value.outcome) : undefined;
}

const byProvider = ({ details, status }: (typeof CASES)[number]) =>
  categoryIn(outcomeFor(RECIPIENT, bounced("permanent", { details, status })));

it.each(
  CASES.filter(({ category }) => [1, 3, 4].includes(category)),
)("a provider that calls it an invalid recipient does not outweigh the server's words: $details", ({
  details,
  status,
}) => {
  expect(categoryIn(outcomeFor(RECIPIENT, bounced("invalid_recipient", { details, status })))).not.toBe(INVALID);
});

it.each([
  ["550 5.7.1 user unknown"],
  ["550 5.1.1 user unknown (generated from a@example.com)"],
])("a provider's word does not outweigh words that contradict each other: %s", (details) => {
  expect(categoryIn(outcomeFor(RECIPIENT, bounced("invalid_recipient", { details })))).toBe(9);
});

it("a provider's reply may name the recipient and whom to ask, and nobody else", () => {
  const said = ["Contact it-service@b.example", "Cannot contact <news@shop.example>", "Unknown user: marie"];
  const details = said.map((each) => `550 5.1.1 <marie@example.com>: user unknown. ${each}`);
  expect(details.map((each) => categoryIn(outcomeFor(RECIPIENT, bounced("permanent", { details: each }))))).toEqual([
    2, 4, 2,
  ]);
});

describe("a refusal is an invalid recipient, or none, from each source", () => {
  it.each(CASES)("by bounce mail: $details", async (refusal) => {
    expect((await byMail(refusal)) === INVALID).toBe(refusal.category === INVALID);
  });

  // The other sources do not tell which command was answered.
  it.each(CASES.filter(({ command }) => command !== "DATA"))("by API and by provider: $details", (refusal) => {
    expect(byApi(refusal) === INVALID).toBe(refusal.category === INVALID);
    expect(byProvider(refusal) === INVALID).toBe(refusal.category === INVALID);
  });
});
