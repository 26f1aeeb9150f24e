/** Erasing an address: everybody who has it, and where it stands in events of others. */
import { beforeEach, describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { decorateFor, newSend, removeSuppression, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { erase, reports, rowsOf, somebody, tablesWith } from "./people-world.ts";

const DAY = 86_400_000;

beforeEach(emptyLog);

describe("erasing an address", () => {
  it("erases everybody who has it, and nobody else", async () => {
    const address = "shared@mail.example";
    const one = { ...newSend(), address };
    const two = { ...newSend(), address };
    const other = await somebody();
    for (const each of [one, two]) {
      await decorateFor(each);
      await reportOutcomes(each, { type: "sent" });
    }
    const before = await reports();
    await erase({ address: " Shared@mail.example " });
    for (const text of [one.person, two.person, address]) expect(await tablesWith(text)).toEqual([]);
    expect(await tablesWith(other.person)).not.toEqual([]);
    expect(await reports()).toEqual(before);
  });

  it("finds people whose address stands only in the log, with their earlier events", async () => {
    const send = newSend();
    await logRows({ type: 10, person: send.person, at: Date.now() - DAY });
    await reportOutcomes(send, { type: "sent" });
    await erase({ address: send.address });
    for (const text of [send.person, send.address]) expect(await tablesWith(text)).toEqual([]);
  });

  it("only deletes it from the events of a person who has another address now", async () => {
    const send = newSend();
    const words = (code: string) => `${code} <${send.address.toUpperCase()}> refused`;
    const soft = { type: "soft_bounced", details: words("452 4.2.2"), status: "4.2.2" };
    const hard = { type: "hard_bounced", details: words("554 5.7.1"), category: 1, address: undefined, send: "next" };
    await reportOutcomes(send, { type: "sent" }, soft, hard);
    await ask(`/u/${token("unsubscribe", send)}?to=${encodeURIComponent(send.address)}`, {
      method: "POST",
      body: new URLSearchParams({ reason: `I, ${send.address}, want no more` }),
    });
    const link = { type: 11, link_id: "own", link: `https://shop.example/?to=${send.address}` };
    await logRows({ ...link, person: send.person });
    await decorateFor({ person: send.person, address: "next@mail.example" });
    await erase({ address: send.address });
    for (const text of [send.address, send.address.toUpperCase(), encodeURIComponent(send.address)])
      expect(await tablesWith(text)).toEqual([]);
    const [bounced] = await rowsOf("SELECT address, bounce FROM soft_bounced_sends WHERE person = ?", send.person);
    expect(bounced).toEqual({ address: null, bounce: '{"category":3,"status":"4.2.2"}' });
    const events = await rowsOf<{ type: number; detail: string }>(
      "SELECT type, detail FROM events WHERE person = ? ORDER BY seq",
      send.person,
    );
    expect(events.map(({ type, detail }) => ({ type, ...JSON.parse(detail) }))).toEqual([
      { type: 6 },
      { type: 6, implied: true },
      { type: 27, category: 3, status: "4.2.2" },
      { type: 8, category: 1 },
      { type: 9, cause: "form", formFields: {} },
      { type: 11 },
    ]);
    expect((await rowsOf("SELECT address FROM people WHERE person = ?", send.person))[0]).toEqual({
      address: "next@mail.example",
    });
  });

  it("deletes it from every type of event", async () => {
    const { person, address } = newSend();
    await decorateFor({ person, address });
    await decorateFor({ person, address: "new@mail.example" });
    const detail = JSON.stringify({ address });
    const { opened: _, ...types } = EVENT_TYPES;
    const ids = await logRows(...Object.values(types).map(({ id: type }) => ({ type, person, detail })));
    await erase({ address });
    const details = await rowsOf<{ id: string; detail: string }>("SELECT id, detail FROM events ORDER BY seq");
    expect(details).toEqual(ids.map((id) => ({ id, detail: "{}" })));
  });

  it("deletes it from all that the log holds, the removal of a suppression included", async () => {
    const send = newSend();
    const hard = { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" };
    const soft = { type: "soft_bounced", category: 3, details: "452 4.2.2 mailbox full" };
    await reportOutcomes(send, { type: "sent" }, { type: "delivered" }, soft, hard);
    await removeSuppression({ address: send.address, who: "lea", why: "the mailbox is back" });
    await decorateFor({ person: send.person, address: "new@mail.example" });
    const addressed = await rowsOf<{ type: number }>(
      "SELECT DISTINCT type FROM events WHERE detail->>'address' = ? ORDER BY type",
      send.address,
    );
    const { sent, hardBounced, softBounced, suppressionRemoved } = EVENT_TYPES;
    expect(addressed.map(({ type }) => type)).toEqual([sent.id, hardBounced.id, softBounced.id, suppressionRemoved.id]);
    await erase({ address: send.address });
    expect(await rowsOf("SELECT * FROM events WHERE detail->>'address' IS NOT NULL")).toEqual([]);
  });
});
