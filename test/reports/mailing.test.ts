/**
 * How well aggregation tells bots from people in simulated mailings. The benchmark `machines` reports the same figures.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { emptyLog } from "../marketo/marketo.ts";
import { judgedMailing } from "./judged-mailing.ts";
import { MARKING } from "./policy.ts";
import { simulatedMailing } from "./simulated-mailing.ts";

describe("the machines of a mailing to 10,000", () => {
  it("are told from its people", async () => {
    await emptyLog();
    const { precision, recall } = await judgedMailing(env.DB, simulatedMailing(1), MARKING);
    expect(precision).toBeGreaterThanOrEqual(0.98);
    expect(recall).toBeGreaterThanOrEqual(0.95);
  });
});
