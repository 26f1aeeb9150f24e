/** As much is classified of each mail server's reply, whatever comes with it. */
import { describe, expect, it } from "vitest";
import { newSend, outcomesOf, post } from "../outcomes.ts";

describe("a bounce that the sender reports", () => {
  const address = `marie@${"b".repeat(60)}.example`;
  const hard = (reason: string) => ({ ...newSend(), address, type: "hard_bounced", details: reason });
  const categoryOf = async ({ person }: { person: string }) =>
    (await outcomesOf(person)).find(({ type }) => type === 8)?.detail?.category;

  it("is an invalid recipient by what is read of it, when that is all that was said", async () => {
    const said = "550 5.1.1 user unknown";
    const events = [hard(`${said}${" ".repeat(384 - said.length)}`), hard(`${said}${" ".repeat(362)}, but try again`)];
    await post("/v1/events", { events });
    expect(await Promise.all(events.map(categoryOf))).toEqual([2, 1]);
  });

  it("is of the same category alone and among 500", async () => {
    const gone = `550 5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table`;
    const reasons = [gone, `${gone} (account suspended for non-payment, retry later)`];
    const alone = reasons.map(hard);
    for (const event of alone) await post("/v1/events", { events: [event] });
    const among = reasons.map(hard);
    const others = Array.from({ length: 498 }, () => hard(`550 ${"user mailbox ".repeat(30)}`));
    await post("/v1/events", { events: [...others, ...among] });
    expect(await Promise.all(alone.map(categoryOf))).toEqual([2, 1]);
    expect(await Promise.all(among.map(categoryOf))).toEqual([2, 1]);
  });
});
