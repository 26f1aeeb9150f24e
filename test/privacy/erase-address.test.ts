/** Erasing an address: everybody who has it, and where it is in events of others. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor, newSend, removeSuppression, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { aggregate, emptyAll, erase, eraseAtOnce, reports, rowsOf, somebody, tablesWith } from "./people-world.ts";

const DAY = 86_400_000;

beforeEach(emptyAll);

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

  it("finds people whose address is only in the log, with their earlier events", async () => {
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
      { type: 6, addressErased: true },
      { type: 6, implied: true },
      { type: 27, category: 3, status: "4.2.2", addressErased: true },
      { type: 8, category: 1, addressErased: true },
      { type: 9, cause: "form", formFields: {} },
      { type: 11 },
    ]);
    expect((await rowsOf("SELECT address FROM people WHERE person = ?", send.person))[0]).toEqual({
      address: "next@mail.example",
    });
  });

  describe("as a whole, in whatever spelling", () => {
    const LEE = "lee@xn--bcher-kva.example";
    const names = [
      "LEE@BÜCHER.example",
      "lee@bu\u0308cher.example",
      "<lee@XN--BCHER-KVA.example>",
      "lee%40b%C3%BCcher.example",
      "宛先lee@bücher.exampleは存在しません",
    ];
    const others = [
      "ashlee@bücher.example",
      "ashlee@xn--bcher-kva.example",
      "lee@bücher.example.org",
      "lee+news@xn--bcher-kva.example",
    ];
    const event = (text: string) => [
      { person: "8", type: 27, detail: JSON.stringify({ category: 3, details: text }) },
      { person: "8", type: 8, detail: JSON.stringify({ category: 1, subcategory: text, details: "words" }) },
      { person: "8", type: 9, detail: JSON.stringify({ cause: "form", formFields: { [text]: "x", words: "y" } }) },
      { person: "8", type: 11, link_id: text, link: `https://a.example/?to=${text}` },
      { person: "8", type: 10, campaign: "43", user_agent: text },
    ];

    it.each([
      ["goes", names, true],
      ["stays where it is only a part of another", others, false],
    ])("%s", async (_, texts, goes) => {
      await decorateFor({ person: "8", address: "lee@bücher.example" });
      await decorateFor({ person: "8", address: "ashlee@bücher.example" });
      await logRows(...texts.flatMap(event));
      await aggregate();
      const rows = "SELECT type, detail, link, user_agent FROM events WHERE type <> 6 ORDER BY type, seq";
      const before = await rowsOf(rows);
      await erase({ address: LEE });
      const empty = { detail: null, link: null, user_agent: null };
      const cleared = [
        { ...empty, type: 8, detail: '{"category":1,"addressErased":true}' },
        { ...empty, type: 9, detail: '{"cause":"form","formFields":{}}' },
        { ...empty, type: 10 },
        { ...empty, type: 11, link: "https://a.example/" },
        { ...empty, type: 27, detail: '{"category":3,"addressErased":true}' },
      ];
      expect(await rowsOf(rows)).toEqual(goes ? cleared.flatMap((row) => texts.map(() => row)) : before);
      const urls = await rowsOf<{ url: string }>("SELECT url FROM links");
      expect(urls.filter(({ url }) => url.includes("?"))).toHaveLength(goes ? 0 : texts.length);
    });

    it("goes from dead letters and from what waits in the outbox, of whomever it is", async () => {
      const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
      const row = (id: string | null, text: string) =>
        JSON.stringify([id, 11, 1, "7", "q-11", "42", null, "l", `https://a.example/?to=${text}`, text, 0, null, null]);
      const bodies = [
        `1${row(null, "Lee%40b%C3%BCcher.example")},${row("b", "?")}`,
        `1${row("c", "ash-lee@bücher.example")}`,
      ];
      for (const body of bodies) await outbox.addDeadLetter(body, "test");
      await erase({ address: LEE });
      const letters = (await outbox.deadLetters(0)).filter(({ body }) => body.includes("q-11"));
      const cleared = JSON.stringify([
        null,
        11,
        1,
        "7",
        "q-11",
        "42",
        null,
        "l",
        "https://a.example/",
        null,
        0,
        null,
        null,
      ]);
      expect(letters.map(({ body }) => body)).toEqual([`1${cleared},${row("b", "?")}`, bodies[1]]);
    });
  });

  it("goes from the events of somebody who turns out to have had it while another is worked on", async () => {
    const detail = JSON.stringify({ address: "7@mail.example" });
    const had = async (person: string) => {
      await decorateFor({ person, address: "7@mail.example" });
      await decorateFor({ person, address: `${person}@mail.example` });
    };
    await logRows({ person: "b", detail }, ...Array.from({ length: 700 }, () => ({ person: "c", detail })));
    await aggregate();
    await had("c");
    await requestErasure(env.DB, { address: "7@mail.example" }, Date.now());
    const rows = () => rowsOf<{ rows: number }>("SELECT count(*) AS rows FROM events WHERE detail LIKE '%7@mail%'");
    for (let left = 701; left > 300; [{ rows: left } = { rows: 0 }] = await rows()) await eraseAtOnce(env, 0);
    await had("b");
    await eraseAtOnce();
    expect(await rows()).toEqual([{ rows: 0 }]);
  });

  it("does not come back with a report that is delivered again", async () => {
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    const [send, implied, bare] = [
      newSend(),
      { ...newSend(), send: "i" },
      { ...newSend(), send: "b", address: undefined },
    ];
    const { person, address } = send;
    const soft = { type: "soft_bounced", category: 3, details: `452 4.2.2 ${address} is full`, at: at(5) };
    const hard = { type: "hard_bounced", category: 1, details: `554 5.7.1 ${address}`, subcategory: "spam", at: at(3) };
    const reports = [
      { ...send, type: "sent", at: at(6) },
      { ...send, ...soft },
      { ...send, ...hard },
      { ...implied, person, address, type: "delivered", at: at(4) },
      { ...implied, person, address, ...hard },
      { ...bare, person, ...hard, details: "554 5.7.1", at: at(2) },
      { ...bare, person, address, type: "delivered", at: at(2) },
    ];
    const report = () => reportOutcomes({}, ...reports);
    await report();
    await decorateFor({ person, address: "third@mail.example" });
    await aggregate();
    await erase({ address });
    expect(await tablesWith(address)).toEqual([]);
    const rows = () => rowsOf("SELECT * FROM events ORDER BY seq");
    const before = await rows();
    for (const each of [reports, reports.toReversed()]) for (const one of each) await reportOutcomes({}, one);
    await report();
    expect(await tablesWith(address)).toEqual([]);
    expect(await rows()).toEqual(before);
  });

  it("deletes it from every type of event", async () => {
    const { person, address } = newSend();
    await decorateFor({ person, address });
    await decorateFor({ person, address: "new@mail.example" });
    const detail = JSON.stringify({ address });
    const { opened: _, ...types } = EVENT_TYPES;
    const ids = await logRows(...Object.values(types).map(({ id: type }) => ({ type, person, detail })));
    await erase({ address });
    expect(await rowsOf("SELECT id FROM events WHERE detail->>'address' IS NULL ORDER BY seq")).toEqual(
      ids.map((id) => ({ id })),
    );
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
