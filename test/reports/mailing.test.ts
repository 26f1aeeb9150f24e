/**
 * How well aggregation distinguishes bots from people in simulated mailings. The benchmark `bots` reports the figures
 * of the log, and of each kind of visitor.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emptyLog } from "../marketo/marketo.ts";
import { classifiedMailing } from "./classified-mailing.ts";
import { markedMailing } from "./marked-mailing.ts";
import { MARKING } from "./policy.ts";
import { simulatedMailing } from "./simulated-mailing.ts";

describe("the bots of mailings", () => {
  it("to 8,000 are distinguished from people", () => {
    const { precision, recall, peopleMarked } = markedMailing(simulatedMailing(1, 8_000), MARKING);
    expect(precision).toBeGreaterThanOrEqual(0.995);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(peopleMarked).toBeLessThanOrEqual(0.01);
  });

  it("are marked in the log as by the rules alone, in whatever minute their events arrive", async () => {
    await emptyLog();
    const mailing = simulatedMailing(1, 320);
    const { precision, recall, people, peopleMarked } = await classifiedMailing(env.DB, mailing, MARKING);
    const byRules = markedMailing(mailing, MARKING);
    // The log shows one of a message's opens only.
    expect(precision).toBeCloseTo(byRules.precision, 2);
    expect(recall).toBeCloseTo(byRules.recall, 2);
    expect(peopleMarked / people).toBeCloseTo(byRules.peopleMarked, 2);
  });
});
