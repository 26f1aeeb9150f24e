/** An opt-out is the person's and the address's, whichever of the two is named again. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { workOnRetention } from "../../src/privacy/retention.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { decorateFor, newSend, post, reportOutcomes, suppressionCheckOf, type TestSend, typesOf } from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, token } from "../worker.ts";

const DAY_MS = 86_400_000;
const FREE = { suppressed: false, reasons: [] };
const OPTED_OUT = { suppressed: true, reasons: [{ reason: "unsubscribed" }] };

type Named = Pick<TestSend, "email" | "person" | "campaign">;

const unsubscribes = (send: Named) => ask(`/u/${token("unsubscribe", send)}`, { method: "POST" });
const subscribes = (send: Named) =>
  ask(`/u/${token("unsubscribe", send)}`, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
const statusFor = async (person: string, address: string) => (await decorateFor({ person, address })).status;
const deleteRecord = (person: string) => env.DB.prepare("DELETE FROM people WHERE person = ?").bind(person).run();

/** Somebody who has an address, and one for later. */
async function somebody() {
  const send = newSend();
  await decorateFor(send);
  return { send, person: send.person, old: send.address, now: `new-${send.address}` };
}

describe("who has unsubscribed", () => {
  it("is not mailed at a new address, and the address is not mailed under a new id", async () => {
    const { send, person, old, now } = await somebody();
    await unsubscribes(send);
    expect(await statusFor(person, now)).toBe(409);
    expect(await suppressionCheckOf({ person })).toMatchObject(OPTED_OUT);
    expect(await suppressionCheckOf({ person, address: now })).toMatchObject(OPTED_OUT);
    expect(await suppressionCheckOf({ address: old })).toMatchObject(OPTED_OUT);
    expect(await statusFor(newSend().person, old)).toBe(409);
    expect(await statusFor(newSend().person, now)).toBe(409);
  });

  it("is not mailed when their record is deleted and made again, nor at the new record's next address", async () => {
    const { send, person, old, now } = await somebody();
    await unsubscribes(send);
    await deleteRecord(person);
    const again = newSend().person;
    expect(await statusFor(again, old)).toBe(409);
    expect(await statusFor(again, now)).toBe(409);
    expect(await suppressionCheckOf({ person: again })).toMatchObject(OPTED_OUT);
    expect(await statusFor(person, now)).toBe(409);
  });

  it("is not mailed at a new address when the record was there twice as they unsubscribed", async () => {
    const { send, old, now } = await somebody();
    const twin = newSend().person;
    expect(await statusFor(twin, old)).toBe(200);
    await unsubscribes(send);
    expect(await suppressionCheckOf({ person: twin, address: now })).toMatchObject(OPTED_OUT);
    expect(await statusFor(twin, now)).toBe(409);
  });

  it("is not mailed at an address that a bounce names first", async () => {
    const { email, person, campaign, address } = newSend();
    await unsubscribes({ email, person, campaign });
    await reportOutcomes({ email, person, campaign, address }, { type: "hard_bounced", category: 1 });
    const { reasons } = await suppressionCheckOf({ address });
    expect(reasons.map(({ reason }) => reason)).toEqual(["blocked", "unsubscribed"]);
  });

  it("is mailed nowhere in whatever order the address changes and the opt-out arrives", async () => {
    const { send, person, now } = await somebody();
    expect(await statusFor(person, now)).toBe(200);
    await unsubscribes(send);
    expect(await suppressionCheckOf({ address: now })).toMatchObject(OPTED_OUT);
    expect(await statusFor(person, `third-${send.address}`)).toBe(409);
  });
});

describe("who subscribes again", () => {
  it("is mailed at every address that the opt-out had followed them to, and so is their new record", async () => {
    const { send, person, old, now } = await somebody();
    await unsubscribes(send);
    await statusFor(person, now);
    const again = newSend().person;
    await statusFor(again, old);
    await subscribes(send);
    for (const recipient of [{ person }, { address: old }, { address: now }, { person: again }])
      expect(await suppressionCheckOf(recipient)).toEqual(FREE);
    expect(await typesOf(person)).toEqual(["unsubscribed", "subscribed"]);
    expect(await statusFor(person, old)).toBe(200);
  });

  it("is mailed at the address of the opt-out, also when its event has left the log", async () => {
    const { send, person, old, now } = await somebody();
    await unsubscribes(send);
    await statusFor(person, now);
    vi.useFakeTimers({ now: Date.now() + 500 * DAY_MS, toFake: ["Date"] });
    await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
    await workOnRetention(env.DB, 400, Number.POSITIVE_INFINITY);
    vi.useRealTimers();
    expect(await typesOf(person)).toEqual([]);
    expect(await suppressionCheckOf({ address: old })).toMatchObject(OPTED_OUT);
    await subscribes(send);
    for (const free of [{ person }, { address: old }, { address: now }])
      expect(await suppressionCheckOf(free)).toEqual(FREE);
    expect(await statusFor(person, old)).toBe(200);
  });

  it("lifts no opt-out of somebody who had their address before", async () => {
    const [before, after] = [await somebody(), newSend()];
    await unsubscribes(before.send);
    await statusFor(before.person, before.now);
    await statusFor(after.person, before.old);
    await subscribes(after);
    expect(await suppressionCheckOf({ person: before.person })).toMatchObject(OPTED_OUT);
    expect(await suppressionCheckOf({ address: before.now })).toMatchObject(OPTED_OUT);
    expect(await suppressionCheckOf({ address: before.old })).toMatchObject(OPTED_OUT);
  });
});

describe("an opt-out of somebody else with the same address", () => {
  it("stays when the other subscribes again, and is the address's again once both are named together", async () => {
    const { send, person, old } = await somebody();
    const other = { ...newSend(), address: old };
    await decorateFor(other);
    await unsubscribes(send);
    await unsubscribes(other);
    await subscribes(send);
    expect(await suppressionCheckOf({ person: other.person })).toMatchObject(OPTED_OUT);
    for (const free of [{ person }, { address: old }, { person, address: old }])
      expect(await suppressionCheckOf(free)).toEqual(FREE);
    expect(await statusFor(other.person, old)).toBe(409);
    expect(await suppressionCheckOf({ address: old })).toMatchObject(OPTED_OUT);
    expect(await statusFor(person, old)).toBe(409);
  });

  it("stays at an address that who subscribes again had before", async () => {
    const { send, person, old, now } = await somebody();
    const other = { ...newSend(), address: old };
    await decorateFor(other);
    await unsubscribes(send);
    await unsubscribes(other);
    expect(await statusFor(person, now)).toBe(409);
    await subscribes(send);
    expect(await suppressionCheckOf({ person })).toEqual(FREE);
    expect(await suppressionCheckOf({ address: old })).toMatchObject(OPTED_OUT);
  });

  it("stays so, too, when the sender named the other with it after it had unsubscribed", async () => {
    const { send, person, old, now } = await somebody();
    await unsubscribes(send);
    const other = { ...newSend(), address: old };
    expect(await statusFor(other.person, old)).toBe(409);
    expect(await statusFor(person, now)).toBe(409);
    await unsubscribes(other);
    await subscribes(send);
    expect(await suppressionCheckOf({ person })).toEqual(FREE);
    for (const kept of [{ address: old }, { person: other.person }])
      expect(await suppressionCheckOf(kept)).toMatchObject(OPTED_OUT);
  });
});

describe("a person whom a sender has named with an address that somebody else has unsubscribed", () => {
  it("is not mailed at their own address either, until they subscribe again, which leaves the other's", async () => {
    const { send: stranger, person: strangerId, old: theirs } = await somebody();
    await unsubscribes(stranger);
    const { send, person, now } = await somebody();
    expect(await statusFor(person, theirs)).toBe(409);
    expect(await statusFor(person, now)).toBe(409);
    expect(await suppressionCheckOf({ address: now })).toMatchObject(OPTED_OUT);
    await subscribes(send);
    for (const free of [{ person }, { address: now }]) expect(await suppressionCheckOf(free)).toEqual(FREE);
    for (const kept of [{ person: strangerId }, { address: theirs }])
      expect(await suppressionCheckOf(kept)).toMatchObject(OPTED_OUT);
    expect(await statusFor(person, now)).toBe(200);
  });
});

describe("an invalid address", () => {
  it("is the address's alone: its person is mailed at another, and its next person is not", async () => {
    const { send, person, old, now } = await somebody();
    await reportOutcomes(send, { type: "hard_bounced", category: 2 });
    expect(await statusFor(person, now)).toBe(200);
    expect(await statusFor(newSend().person, old)).toBe(409);
  });

  it("is not that of a new address when a bounce of mail to the old one names none", async () => {
    const { send, person, now } = await somebody();
    expect(await statusFor(person, now)).toBe(200);
    const { address: _, ...unaddressed } = send;
    await reportOutcomes(unaddressed, { type: "hard_bounced", category: 2 });
    expect(await suppressionCheckOf({ person, address: now })).toEqual(FREE);
    expect(await statusFor(person, now)).toBe(200);
  });

  it("is that of the person's address when a bounce names none and the address has been theirs", async () => {
    const { send, person, old } = await somebody();
    const { address: _, ...unaddressed } = send;
    await reportOutcomes(unaddressed, { type: "hard_bounced", category: 2 });
    expect(await statusFor(person, old)).toBe(409);
  });

  it("is that of the Sent that is reported together with the bounce", async () => {
    const { send, person, old, now } = await somebody();
    expect(await statusFor(person, now)).toBe(200);
    const { address, ...unaddressed } = send;
    await reportOutcomes(unaddressed, { type: "sent", address }, { type: "hard_bounced", category: 2 });
    expect(await statusFor(person, now)).toBe(200);
    expect(await statusFor(newSend().person, old)).toBe(409);
  });
});

describe("addresses that are one to mail servers", () => {
  it.each([
    ["kunde-%@bücher.example", "kunde-%@xn--bcher-kva.example"],
    ["kunde-%@xn--bcher-kva.example", "Kunde-%@BÜCHER.example"],
    ["ju\u0308rgen-%@example.com", "JÜRGEN-%@example.com"],
  ])("are one for suppressions: %s and %s", async (unsubscribed, other) => {
    const send = newSend();
    const addressed = (address: string) => address.replace("%", send.person);
    await decorateFor({ person: send.person, address: addressed(unsubscribed) });
    await unsubscribes(send);
    expect(await suppressionCheckOf({ address: addressed(other) })).toMatchObject(OPTED_OUT);
    expect(await statusFor(newSend().person, addressed(other))).toBe(409);
  });
});

describe("whoever may only send", () => {
  /** The link of a copy that is made in spite of the suppression. */
  async function linkMadeFor(person: string, address?: string): Promise<string> {
    const { body } = await post("/v1/decorate", {
      email: { id: "7" },
      campaign: { id: "42" },
      person: { id: person, ...(address === undefined ? {} : { address }) },
      text: "Your receipt",
      evenIfSuppressed: true,
    });
    const [, path = ""] = /(\/u\/[\w-]+)/.exec(JSON.stringify(body.headers)) ?? [];
    return path;
  }
  const postForm = (path: string, action: string) =>
    ask(path, { method: "POST", body: new URLSearchParams({ action }) });

  it("does not undo an opt-out by a link made for it", async () => {
    const { send, person } = await somebody();
    await unsubscribes(send);
    const path = await linkMadeFor(person);
    expect(await (await ask(path)).text()).toContain('value="unsubscribe"');
    expect((await postForm(path, "subscribe")).status).toBe(404);
    const confirmed = await postForm(path, "unsubscribe");
    expect(confirmed.status).toBe(200);
    expect(await confirmed.text()).not.toContain('value="subscribe"');
    expect(await suppressionCheckOf({ person })).toMatchObject(OPTED_OUT);
    expect(await typesOf(person)).toEqual(["unsubscribed"]);
  });

  it("does not undo it by naming the address of somebody else, before or after the link is made", async () => {
    const { send, person, old } = await somebody();
    await unsubscribes(send);
    const other = newSend().person;
    const path = await linkMadeFor(other);
    for (let time = 0; time < 2; time++) await linkMadeFor(other, old);
    await postForm(path, "subscribe");
    expect(await suppressionCheckOf({ person })).toMatchObject(OPTED_OUT);
    expect(await suppressionCheckOf({ address: old })).toMatchObject(OPTED_OUT);
  });

  it("does not undo it by naming the address of somebody who has unsubscribed themselves, too", async () => {
    const { send, person, old } = await somebody();
    await unsubscribes(send);
    const { send: other, person: otherId, old: theirs } = await somebody();
    await unsubscribes(other);
    expect(await statusFor(otherId, old)).toBe(409);
    await reportOutcomes({ ...other, address: old }, { type: "sent" });
    await subscribes(other);
    expect(await suppressionCheckOf({ address: theirs })).toEqual(FREE);
    for (const kept of [{ address: old }, { person }]) expect(await suppressionCheckOf(kept)).toMatchObject(OPTED_OUT);
    expect(await statusFor(newSend().person, old)).toBe(409);
    await subscribes(send);
    for (const free of [{ address: old }, { person }]) expect(await suppressionCheckOf(free)).toEqual(FREE);
  });

  it("makes links that subscribe again while nobody has unsubscribed; an old mail's does, and is logged", async () => {
    const { send, person } = await somebody();
    const path = await linkMadeFor(person);
    await unsubscribes(send);
    expect((await postForm(path, "subscribe")).status).toBe(200);
    expect(await suppressionCheckOf({ person })).toEqual(FREE);
    expect(await typesOf(person)).toEqual(["unsubscribed", "subscribed"]);
  });
});
