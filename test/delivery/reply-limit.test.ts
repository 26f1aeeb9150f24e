/** What is classified of mail servers' replies is limited by request, whatever they hold. */
import { describe, expect, it } from "vitest";
import { replyLimit } from "../../src/delivery/reply-limit.ts";
import { newSend, outcomesOf, post } from "../outcomes.ts";

describe("the limit of each reply", () => {
  it.each([0, 1, 2, 100, 117])("is a whole line of SMTP among %i replies", (replies) => {
    expect(replyLimit(replies)).toBe(512);
  });

  it("leaves at most 60,000 characters of some hundred replies, and 128 of each at least", () => {
    for (let replies = 1; replies <= 400; replies++) expect(replies * replyLimit(replies)).toBeLessThanOrEqual(60_000);
    for (const replies of [400, 1_000, 100_000]) expect(replyLimit(replies)).toBeGreaterThanOrEqual(128);
    expect(1_000 * replyLimit(1_000)).toBe(128_000);
  });
});

describe("a bounce that the sender reports", () => {
  const hard = (reason: string) => ({ ...newSend(), type: "hard_bounced", details: reason });

  it("is classified by the first 512 characters of its details", async () => {
    const events = [hard(`${"x".repeat(490)} user unknown`), hard(`${"x".repeat(512)} user unknown`)];
    await post("/v1/events", { events });
    const categories = await Promise.all(
      events.map(async ({ person }) => (await outcomesOf(person)).find(({ type }) => type === 8)?.detail?.category),
    );
    expect(categories).toEqual([2, 1]);
  });

  it("is classified by less where hundreds come with it, and by as much among other events", async () => {
    const categoryAmong = async (other: () => object) => {
      const refusal = hard(`${"x".repeat(200)} user unknown`);
      await post("/v1/events", { events: [refusal, ...Array.from({ length: 399 }, other)] });
      return (await outcomesOf(refusal.person)).find(({ type }) => type === 8)?.detail?.category;
    };
    expect(await categoryAmong(() => ({ ...newSend(), type: "delivered" }))).toBe(2);
    expect(await categoryAmong(() => hard("550 user unknown"))).toBe(1);
  });
});
