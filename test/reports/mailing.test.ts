/**
 * How well aggregation distinguishes bots from people in simulated mailings. The benchmark `bots` reports the figures
 * of the log, and of each kind of visitor.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emptyLog } from "../marketo/marketo.ts";
import { classifiedMailing } from "./classified-mailing.ts";
import { markedMailings } from "./marked-mailing.ts";
import { MARKING } from "./policy.ts";
import { simulatedMailing } from "./simulated-mailing.ts";

/** Chosen before anybody had seen their figures; nothing is set by them. */
const SEEDS = [101, 102, 103, 104];

describe("the bots of mailings", () => {
  // The goals, or more: docs/design/bots.md says which figure is why, and what the seeds have.
  it.each([
    [20, 1_500, { precision: 0.997, recall: 0.95, peopleMarked: 0.01 }],
    [12, 2_000, { precision: 0.997, recall: 0.88, peopleMarked: 0.01 }],
  ])("with up to %i links are distinguished from people, four times %i recipients", (emails, recipients, bounds) => {
    const mailings = SEEDS.map((seed) => simulatedMailing(seed, { recipients, emails }));
    const { precision, recall, peopleMarked } = markedMailings(mailings, MARKING);
    expect(precision).toBeGreaterThanOrEqual(bounds.precision);
    expect(recall).toBeGreaterThanOrEqual(bounds.recall);
    expect(peopleMarked).toBeLessThanOrEqual(bounds.peopleMarked);
  });

  it("are marked in the log as by the rules alone, in whatever minute their events arrive", async () => {
    await emptyLog();
    const mailing = simulatedMailing(1, { recipients: 320 });
    const { precision, recall, people, peopleMarked } = await classifiedMailing(env.DB, mailing, MARKING);
    const byRules = markedMailings([mailing], MARKING);
    // The log shows one of a message's opens only.
    expect(precision).toBeCloseTo(byRules.precision, 2);
    expect(recall).toBeCloseTo(byRules.recall, 2);
    expect(peopleMarked / people).toBeCloseTo(byRules.peopleMarked, 2);
  });
});
