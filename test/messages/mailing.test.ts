/** How well machines are told from people in simulated mailings, by the whole fold. The benchmark `machines` reports the same. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emptyLog } from "../marketo.ts";
import { judgedMailing } from "./judged-mailing.ts";
import { MARKING } from "./policy.ts";
import { simulatedMailing } from "./simulated-mailing.ts";

describe("the machines of a mailing to 10,000", () => {
  it.each([1, 2])("are told from its people (seed %d)", async (seed) => {
    await emptyLog();
    const mailing = simulatedMailing(seed);
    const { wrong, ...judged } = await judgedMailing(env.DB, mailing, MARKING);
    console.log(judged);
    expect(judged.precision).toBeGreaterThanOrEqual(0.98);
    expect(judged.recall).toBeGreaterThanOrEqual(0.95);
  }, 120_000);
});
