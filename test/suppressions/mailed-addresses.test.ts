/** The addresses that only events of sends name, as of senders who use the library: an opt-out is theirs, too. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { upsertRecipients } from "../../src/suppressions/recipients.ts";
import {
  decorateFor,
  newSend,
  ordersOf,
  post,
  reportOutcomes,
  suppressionCheckOf,
  type TestSend,
} from "../outcomes.ts";
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

describe("an address that several people are named with at once", () => {
  it.each(["decorated for", "mailed"])("makes them all follow an opt-out, whoever is first (%s)", async (how) => {
    for (const nth of [0, 1]) {
      const sends = [newSend(), newSend()];
      const { address } = newSend();
      const [left, other] = [sends[nth] ?? newSend(), sends[1 - nth] ?? newSend()];
      await unsubscribes(left);
      await decorateFor({ person: other.person, address: newSend().address });
      const named = sends.map((send) => ({ id: send.person, address }));
      if (how === "mailed") {
        const events = sends.map(({ address: _, ...send }) => ({ ...send, type: "sent", address }));
        await post("/v1/events", { events });
      } else await upsertRecipients(env.DB, { names: [], persons: named }, Date.now());
      const elsewhere = await decorateFor({ person: other.person, address: newSend().address });
      expect([nth, elsewhere.status]).toEqual([nth, 409]);
    }
  });

  it("gives no right over the opt-out of one of them, as if they were named one after the other", async () => {
    const [left, other, { address }] = [newSend(), newSend(), newSend()];
    await unsubscribes(left);
    const persons = [left, other].map(({ person: id }) => ({ id, address }));
    await upsertRecipients(env.DB, { names: [], persons }, Date.now());
    await subscribes(other);
    expect(await suppressionCheckOf({ address })).toMatchObject(OPTED_OUT);
  });

  it("costs no more statements than addresses of their own, and leaves each of them theirs", async () => {
    const { address } = newSend();
    const persons = Array.from({ length: 100 }, () => ({ id: newSend().person, address }));
    const batch = vi.spyOn(env.DB, "batch");
    await upsertRecipients(env.DB, { names: [], persons: [...persons, ...persons] }, Date.now());
    expect(batch.mock.calls[0]?.[0].length).toBeLessThan(20);
    vi.restoreAllMocks();
    for (const nth of [0, 99]) expect(await knownOf(persons[nth]?.id ?? "")).toBe(address);
    const [{ id } = { id: "" }] = persons;
    const moved = ["one", "two"].map((name) => ({ id, address: `${name}-${address}` }));
    await upsertRecipients(env.DB, { names: [], persons: moved }, Date.now());
    expect(await knownOf(id)).toBe(`two-${address}`);
  });
});
