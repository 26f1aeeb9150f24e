/**
 * How well aggregation distinguishes bots from people in simulated mailings.
 * The benchmark `bots` reports the same figures.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emptyLog } from "../marketo/marketo.ts";
import { classifiedMailing } from "./classified-mailing.ts";
import { MARKING } from "./policy.ts";
import { simulatedMailing } from "./simulated-mailing.ts";

describe("the bots of a mailing to 2,500", () => {
  it("are distinguished from people", async () => {
    await emptyLog();
    const { precision, recall, people, peopleMarked } = await classifiedMailing(
      env.DB,
      simulatedMailing(1, 2_500),
      MARKING,
    );
    expect(precision).toBeGreaterThanOrEqual(0.995);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(peopleMarked / people).toBeLessThanOrEqual(0.01);
  });
});
