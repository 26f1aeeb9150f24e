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

const median = (values: readonly number[]) => values.toSorted((one, other) => one - other)[1] ?? Number.NaN;

describe("the bots of mailings", () => {
  it("to 4,000 are distinguished from people", () => {
    const mailings = [11, 12, 13].map((seed) => markedMailing(simulatedMailing(seed, 4_000), MARKING));
    expect(median(mailings.map(({ precision }) => precision))).toBeGreaterThanOrEqual(0.995);
    expect(median(mailings.map(({ recall }) => recall))).toBeGreaterThanOrEqual(0.95);
    expect(median(mailings.map(({ peopleMarked }) => peopleMarked))).toBeLessThanOrEqual(0.01);
  });

  it("are marked in the log as by the rules alone, in whatever minute their events arrive", async () => {
    await emptyLog();
    const mailing = simulatedMailing(1, 500);
    const { precision, recall, people, peopleMarked } = await classifiedMailing(env.DB, mailing, MARKING);
    const byRules = markedMailing(mailing, MARKING);
    // The log shows one of a message's opens only.
    expect(precision).toBeCloseTo(byRules.precision, 2);
    expect(recall).toBeCloseTo(byRules.recall, 2);
    expect(peopleMarked / people).toBeCloseTo(byRules.peopleMarked, 2);
  });
});
