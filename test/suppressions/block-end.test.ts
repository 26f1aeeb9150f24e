/** A block ends 24 hours after the bounce, to the millisecond: for decorating, for checks and for retries. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deleteExpired } from "../../src/suppressions/delete-expired.ts";
import { type SuppressionRow, suppressionsIn, suppressionsQuery } from "../../src/suppressions/suppressions.ts";
import { newSend, reportOutcomes, suppressionCheckOf } from "../outcomes.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

async function blocked() {
  const send = newSend();
  const atMs = Date.now() - 1_000;
  await reportOutcomes(send, { type: "hard_bounced", category: 1, at: new Date(atMs).toISOString() });
  return { send, endMs: atMs + DAY_MS };
}

describe("a block", () => {
  it("is deleted a month after its end, and what else suppresses stays", async () => {
    const { send, endMs } = await blocked();
    const { person, address } = send;
    await reportOutcomes(send, { type: "hard_bounced", category: 2, send: "other" });
    const reasons = async () => {
      const query = env.DB.prepare("SELECT reason FROM suppressions WHERE subject IN (?, ?) ORDER BY reason");
      const { results } = await query.bind(`person:${person}`, `address:${address}`).all<{ reason: string }>();
      return results.map(({ reason }) => reason);
    };
    const LATE_MS = 32 * DAY_MS;
    await deleteExpired(env.DB, endMs + LATE_MS);
    expect(await reasons()).toEqual(["blocked", "blocked", "invalid"]);
    await deleteExpired(env.DB, endMs + LATE_MS + 1);
    expect(await reasons()).toEqual(["invalid"]);
  });

  it.each([
    [-1, ["blocked"]],
    [0, []],
    [1, []],
  ])("%d ms after its end is %j", async (afterMs, expected) => {
    const { send, endMs } = await blocked();
    for (const recipient of [{ address: send.address }, { person: send.person }]) {
      const query = suppressionsQuery([recipient], endMs + afterMs);
      const { results } = await query.prepare(env.DB).all<SuppressionRow>();
      expect(suppressionsIn(results, 1).map((found) => found.map(({ reason }) => reason))).toEqual([expected]);
    }
  });

  it("is in an answer until the millisecond before its end", async () => {
    const { send, endMs } = await blocked();
    const now = vi.spyOn(Date, "now");
    now.mockReturnValue(endMs - 1);
    const until = new Date(endMs).toISOString();
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject({
      suppressed: true,
      reasons: [{ reason: "blocked", until }],
    });
    now.mockReturnValue(endMs);
    expect(await suppressionCheckOf({ address: send.address })).toEqual({ suppressed: false, reasons: [] });
  });
});
