/** What a send's recipient, and what happened to the send, decide about its next retry. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { sendKey } from "../../src/events/send-key.ts";
import { retryDecisions } from "../../src/retries/decisions.ts";
import { bouncedSend, type SendOf, suppress, withoutRetries } from "./world.ts";

beforeEach(withoutRetries);

const ADDRESS = "marie@example.com";

async function decisionOf(send: SendOf, nowMs: number): Promise<string | undefined> {
  const row = { ...send, key: sendKey(send), address: ADDRESS, firstAt: nowMs };
  const decisions = await retryDecisions(env.DB, [row], "campaign", nowMs);
  return decisions.get(row.key);
}

describe("a retry of a blocked recipient", () => {
  it.each([
    ["person", -1, "blocked"],
    ["person", 0, "due"],
    ["address", -1, "blocked"],
    ["address", 0, "due"],
  ])("whose %s is blocked is, %d ms after the block's end, %s", async (whose, afterMs, decision) => {
    const send = await bouncedSend();
    const endMs = Date.now() + 1_000;
    await suppress(whose === "person" ? `person:${send.person}` : `address:${ADDRESS}`, "blocked", endMs);
    expect(await decisionOf(send, endMs + afterMs)).toBe(decision);
  });
});
