/** Suppressions of erased people stay, under a hash, so that nobody is mailed again by mistake. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { retryDecisions } from "../../src/retries/decisions.ts";
import { dueSends } from "../../src/retries/store.ts";
import { addressSubject, hashedSubject, personSubject } from "../../src/suppressions/subject.ts";
import { complains, decorateFor, newSend, removeSuppression, reportOutcomes, suppressionCheckOf } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { emptyAll, erase, rowsOf, somebody, tablesWith } from "./people-world.ts";

const DAY = 86_400_000;

beforeEach(emptyAll);

describe("an erased person who had unsubscribed", () => {
  it("stays unsubscribed under a hash, whoever has the address", async () => {
    const send = await somebody();
    const { person, address } = send;
    await erase({ person });
    const kept = { suppressed: true, reasons: [{ reason: "unsubscribed", cause: "erased" }] };
    expect(await suppressionCheckOf({ address })).toMatchObject(kept);
    expect(await suppressionCheckOf({ person })).toMatchObject(kept);
    expect(await suppressionCheckOf({ person: "somebody-else", address })).toMatchObject(kept);
    expect((await decorateFor({ person: "somebody-new", address })).status).toBe(409);
    // Named again, they are found by name.
    expect(await suppressionCheckOf({ person: "somebody-new" })).toMatchObject(kept);
    await erase({ address });
    expect(await tablesWith(address)).toEqual([]);
    expect(await suppressionCheckOf({ address })).toMatchObject(kept);
  });

  it("can unsubscribe again without a trace, and can subscribe again", async () => {
    const send = await somebody();
    const { person, address, email, campaign } = send;
    await erase({ person });
    const link = `/u/${token("unsubscribe", { person, email, campaign })}`;
    expect((await ask(link, { method: "POST" })).status).toBe(200);
    expect(await tablesWith(person)).toEqual([]);
    expect((await decorateFor({ person, address })).status).toBe(409);
    const again = await ask(link, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
    expect(again.status).toBe(200);
    expect(await suppressionCheckOf({ person })).toEqual({ suppressed: false, reasons: [] });
    expect(await suppressionCheckOf({ address })).toEqual({ suppressed: false, reasons: [] });
    expect((await decorateFor({ person, address })).status).toBe(200);
  });

  it("has an address suppressed that becomes known after the erasure", async () => {
    const { person, email, campaign } = newSend();
    await ask(`/u/${token("unsubscribe", { person, email, campaign })}`, { method: "POST" });
    await erase({ person });
    expect((await decorateFor({ person, address: "late@mail.example" })).status).toBe(409);
    expect(await suppressionCheckOf({ address: "late@mail.example" })).toMatchObject({ suppressed: true });
  });

  it("leaves no trace of addresses that they had before or were mailed at, and can lift each opt-out", async () => {
    const { address, ...send } = newSend();
    const { person, email, campaign } = send;
    const addresses = [address, `new-${address}`, `mailed-${address}`];
    const path = `/u/${token("unsubscribe", { person, email, campaign })}`;
    await decorateFor({ person, address });
    await ask(path, { method: "POST" });
    await decorateFor({ person, address: `new-${address}` });
    await reportOutcomes({ ...send, address: `mailed-${address}` }, { type: "sent" });
    expect(await tablesWith(`mailed-${address}`)).toEqual(["events", "other_addresses", "suppressions"]);
    // The Unsubscribed and the Sent have left the log.
    await env.DB.prepare("UPDATE suppressions SET event = NULL WHERE owner = ?").bind(`person:${person}`).run();
    await env.DB.prepare("DELETE FROM events WHERE person = ?").bind(person).run();
    await erase({ person });
    expect(await tablesWith(person)).toEqual([]);
    for (const each of addresses)
      expect(await suppressionCheckOf({ address: each })).toMatchObject({ suppressed: true });
    await ask(path, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
    for (const each of addresses)
      expect(await suppressionCheckOf({ address: each })).toMatchObject({ suppressed: false });
  });

  it("keeps the suppression of an address that another person has by its name", async () => {
    const send = await somebody();
    const { address } = send;
    await env.DB.prepare("INSERT INTO people (person, address) VALUES ('other', ?)").bind(address).run();
    await erase({ person: send.person });
    expect(await suppressionCheckOf({ person: "other" })).toMatchObject({ suppressed: true });
    expect(await rowsOf("SELECT event FROM suppressions WHERE subject = ?", `address:${address}`)).toEqual([
      { event: null },
    ]);
    // The address has their id in it.
    expect(await tablesWith(send.person)).toEqual(["people", "suppressions"]);
    await env.DB.prepare("DELETE FROM people WHERE person = 'other'").run();
  });
});

describe("an erased person who had subscribed again", () => {
  it("leaves no trace, and a complaint from before that is reported afterwards suppresses nothing", async () => {
    const send = await somebody();
    const { person, address, email, campaign } = send;
    const link = `/u/${token("unsubscribe", { person, email, campaign })}`;
    await ask(link, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
    expect(await tablesWith(person)).toContain("lifts");
    await erase({ person });
    expect([...(await tablesWith(person)), ...(await tablesWith(address))]).toEqual([]);
    await complains(send, Date.now() - DAY / 2);
    expect(await suppressionCheckOf({ person, address })).toEqual({ suppressed: false, reasons: [] });
    // Named again, they are found by name.
    expect((await decorateFor({ person, address })).status).toBe(200);
    expect(await rowsOf("SELECT subject FROM lifts WHERE subject LIKE ? ORDER BY subject", `%${person}%`)).toEqual([
      { subject: `address:${address}` },
      { subject: `person:${person}` },
    ]);
    await complains({ ...send, send: "another" }, Date.now() - DAY / 2);
    expect(await suppressionCheckOf({ person, address })).toEqual({ suppressed: false, reasons: [] });
  });

  it("leaves no trace of an address that was removed, nor of one that they had before", async () => {
    const send = newSend();
    const { address, person, email, campaign } = send;
    await reportOutcomes(send, { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" });
    await removeSuppression({ address, who: "lea", why: "the mailbox is back" });
    const link = `/u/${token("unsubscribe", { person, email, campaign })}`;
    await ask(link, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
    await decorateFor({ person, address: `new-${address}` });
    expect(await tablesWith(address)).toContain("lifts");
    await erase({ person });
    expect([...(await tablesWith(person)), ...(await tablesWith(address))]).toEqual([]);
    await reportOutcomes({ ...send, send: "before" }, { type: "hard_bounced", category: 2, at: Date.now() - DAY });
    expect(await suppressionCheckOf({ address })).toEqual({ suppressed: false, reasons: [] });
  });
});

describe("an erased person whose address had bounced", () => {
  it("stays invalid until it is removed from the suppressions, which the log says", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" });
    await erase({ person: send.person });
    expect(await tablesWith(send.address)).toEqual([]);
    const kept = { suppressed: true, reasons: [{ reason: "invalid", cause: "erased" }] };
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject(kept);
    const removal = { address: send.address, who: "lea", why: "the mailbox is back" };
    expect((await removeSuppression(removal)).status).toBe(200);
    expect((await suppressionCheckOf({ address: send.address })).suppressed).toBe(false);
    const logged = await rowsOf<{ person: string; detail: string }>(
      "SELECT person, detail FROM events WHERE type = 100002",
    );
    expect(logged).toMatchObject([{ person: "" }]);
    expect(JSON.parse(logged[0]?.detail ?? "")).toMatchObject({ who: "lea", why: "the mailbox is back" });
  });

  it("keeps the suppression when an email to another person bounces at the address", async () => {
    const send = newSend();
    const { address } = send;
    await reportOutcomes(send, { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" });
    await erase({ person: send.person });
    const next = { ...newSend(), address };
    await reportOutcomes(next, { type: "sent" });
    // Without an address it is that of the Sent.
    const { address: _, ...nameless } = next;
    await reportOutcomes(nameless, { type: "hard_bounced", category: 1, details: "554 5.7.1 spam" });
    expect((await suppressionCheckOf({ person: next.person })).reasons.map(({ reason }) => reason)).toEqual([
      "blocked",
      "invalid",
    ]);
  });

  it("does not keep an expired suppression", async () => {
    const send = newSend();
    const at = Date.now() - 2 * DAY;
    await reportOutcomes(send, { type: "hard_bounced", category: 1, details: "554 5.7.1 spam", at });
    await erase({ person: send.person });
    const subjects = [personSubject(send.person), addressSubject(send.address)];
    const kept = "SELECT * FROM suppressions WHERE subject IN (SELECT value FROM json_each(?))";
    expect(await rowsOf(kept, JSON.stringify([...subjects, ...subjects.map(hashedSubject)]))).toEqual([]);
  });

  it("gets no retry for a send that bounces softly later", async () => {
    const { address, person } = await somebody();
    await erase({ person });
    const retried = async (to: string) => {
      const next = { ...newSend(), address: to };
      await reportOutcomes(next, { type: "sent" }, { type: "soft_bounced", details: "452 4.2.2 full" });
      const waiting = await dueSends(env.DB, Date.now() + DAY, 1_000);
      const asked = waiting.filter((send) => send.person === next.person);
      return [...(await retryDecisions(env.DB, asked, "campaign", Date.now())).values()];
    };
    expect(await retried("somebody-else@mail.example")).toEqual(["due"]);
    expect(await retried(address)).toEqual(["ended"]);
  });
});
