/** What tests of several files rest on. */
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { emptyStorage } from "../empty-storage.ts";

it("nothing that a queue has delivered is written into storage that was emptied since", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const deadLetters = async () => (await env.OUTBOX.getByName(OUTBOX_NAME).counts()).deadLetters;
  for (let round = 0; round < 5; round++) {
    logged.mockClear();
    for (let batch = 0; batch < 5; batch++)
      await env.EVENTS.sendBatch(Array.from({ length: 100 }, () => ({ body: "of no version" })));
    // A batch logs each dead letter: the next ones are at work, or wait.
    await expect.poll(() => logged.mock.calls.length, { interval: 1 }).toBeGreaterThan(0);
    await emptyStorage();
    for (let check = 0; check < 5; check++) {
      expect(await deadLetters()).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});
