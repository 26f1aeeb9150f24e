/** The addresses that only events of sends name, as of senders who use the library: an opt-out is theirs, too. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { decorateFor, newSend, ordersOf, reportOutcomes, suppressionCheckOf, type TestSend } from "../outcomes.ts";
import { ask, token } from "../worker.ts";

const FREE = { suppressed: false, reasons: [] };
const OPTED_OUT = { suppressed: true, reasons: [{ reason: "unsubscribed" }] };
const ONE_CLICK = { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) };

type Named = Pick<TestSend, "email" | "person" | "campaign">;

const unsubscribes = (send: Named) => ask(`/u/${token("unsubscribe", send)}`, ONE_CLICK);
const subscribes = (send: Named) =>
  ask(`/u/${token("unsubscribe", send)}`, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
const knownOf = (person: string) =>
  env.DB.prepare("SELECT address FROM people WHERE person = ?").bind(person).first("address");

describe("an address that only events of sends name", () => {
  const sent = ({ send, ...rest }: TestSend, address: string, at: number) =>
    reportOutcomes({ ...rest, send: `${send}-${at}`, address }, { type: "sent", at });

  it.each([
    { type: "sent" },
    { type: "delivered" },
    { type: "soft_bounced", details: "452 4.2.2 full" },
  ])("is unsubscribed with the person, in whatever order ($type)", async (naming) => {
    for (const order of ordersOf(["named", "opt-out", "other outcome"])) {
      const { address, ...send } = newSend();
      for (const what of order) {
        if (what === "opt-out") await unsubscribes(send);
        else if (what === "named") await reportOutcomes({ ...send, address }, naming);
        else await reportOutcomes(send, { type: "delivered" });
      }
      // Of two Delivered of a send the first is logged, but the other's address counts.
      expect([order, await suppressionCheckOf({ address })]).toMatchObject([order, OPTED_OUT]);
      await subscribes(send);
      expect([order, await suppressionCheckOf({ address })]).toEqual([order, FREE]);
    }
  });

  it("is unsubscribed when another one is known, or became known later; which is known needs no order", async () => {
    const at = Date.now() - 60_000;
    for (const order of ordersOf(["mailed", "opt-out", "decorated"])) {
      const send = newSend();
      const [mailed, decorated] = [`a-${send.address}`, `b-${send.address}`];
      for (const what of order) {
        if (what === "opt-out") await unsubscribes(send);
        else if (what === "decorated") await decorateFor({ person: send.person, address: decorated });
        else await sent(send, mailed, at);
      }
      for (const address of [mailed, decorated])
        expect([order, address, await suppressionCheckOf({ address })]).toMatchObject([order, address, OPTED_OUT]);
      await subscribes(send);
      for (const address of [mailed, decorated])
        expect([order, address, await suppressionCheckOf({ address })]).toEqual([order, address, FREE]);
      expect([order, await knownOf(send.person)]).toEqual([order, decorated]);
    }
    for (const order of ordersOf(["a", "b"])) {
      const send = newSend();
      for (const name of order) await sent(send, `${name}-${send.address}`, name === "a" ? at : at + 1);
      expect(await knownOf(send.person)).toBe(`a-${send.address}`);
    }
  });

  it("is not known of a person where somebody else has unsubscribed it, so that they cannot lift that", async () => {
    const send = newSend();
    await sent(send, send.address, Date.now());
    await unsubscribes(send);
    const [other, theirs] = [newSend(), newSend().address];
    await sent(other, theirs, Date.now());
    await unsubscribes(other);
    await sent(other, send.address, Date.now() + 1);
    await subscribes(other);
    expect(await suppressionCheckOf({ address: theirs })).toEqual(FREE);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject(OPTED_OUT);
  });

  it("costs a second transaction when it is new, and none afterwards, whichever is known", async () => {
    const batch = vi.spyOn(env.DB, "batch");
    const transactionsOf = async (work: Promise<void>) => {
      batch.mockClear();
      await work;
      return batch.mock.calls.length;
    };
    const send = newSend();
    const [first, second] = [`b-${send.address}`, `a-${send.address}`];
    const at = Date.now() - 60_000;
    const counts = [];
    for (const [index, address] of [first, first, second, second, first].entries())
      counts.push(await transactionsOf(sent(send, address, at + index)));
    expect(counts).toEqual([2, 1, 2, 1, 1]);
    batch.mockRestore();
  });
});
