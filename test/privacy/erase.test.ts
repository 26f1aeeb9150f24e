/** Erasure: what is deleted, and what stays. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { recordDueRetries } from "../../src/retries/decisions.ts";
import { dueSlotOf, slotOffsetsMs } from "../../src/retries/schedule.ts";
import { dueSends } from "../../src/retries/store.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor, get, newSend, post, removeSuppression, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { aggregate, emptyAll, erase, reports, rowsOf, somebody, tablesWith } from "./people-world.ts";

beforeEach(emptyAll);

async function recordRetriesDueIn(hours: number): Promise<void> {
  const nowMs = Date.now() + hours * 3_600_000;
  const offsetsMs = slotOffsetsMs([1, 4, 12, 24]);
  const due = (await dueSends(env.DB, nowMs, 100)).map((send) => ({ ...send, due: dueSlotOf(send, offsetsMs, nowMs) }));
  await recordDueRetries(env.DB, due, { opensPer: "campaign", nowMs });
}

describe("erasing a person", () => {
  it("leaves nothing in D1 that leads to them, and does not change reports", async () => {
    const send = await somebody();
    const other = await somebody();
    const { person, address } = send;
    const before = await reports();
    const withoutLinks = ({ links: _, ...rest }: Awaited<ReturnType<typeof reports>>) => rest;
    expect(await tablesWith(person)).toEqual([
      "events",
      "people",
      "suppressions",
      "soft_bounced_sends",
      "message_stats",
      "links",
    ]);
    await erase({ person });
    expect(await tablesWith(person)).toEqual([]);
    expect(await tablesWith(address)).toEqual([]);
    expect(await tablesWith(other.person)).toHaveLength(6);
    const after = await reports();
    expect(withoutLinks(after)).toEqual(withoutLinks(before));
    const numbers = ({ links }: typeof after) => links.map(({ id, url, ...counts }) => counts);
    expect(numbers(after)).toEqual(numbers(before));
  });

  it.each([
    "erased-me",
    "expired-x",
    "gone-1",
    "anon-0123456789abcd",
  ])("takes the sender's own id %s for an id", async (person) => {
    await logRows({ person, type: 7 }, { person, type: 10 });
    await aggregate();
    const before = await reports();
    await erase({ person });
    expect((await tablesWith(person)).filter((table) => table !== "erasures")).toEqual([]);
    expect(await reports()).toEqual(before);
  });

  it("keeps what counts of each event, under a pseudonym and, except a click, under a new id", async () => {
    const send = await somebody();
    const before = await rowsOf("SELECT * FROM events ORDER BY seq");
    await aggregate();
    await erase({ person: send.person });
    const after = await rowsOf("SELECT * FROM events ORDER BY seq");
    expect(after).toEqual(
      before.map(({ seq, id, type, at, recorded_at, email, campaign, link_id, is_bot, bot_pattern }) => ({
        seq,
        type,
        at,
        recorded_at,
        email,
        campaign,
        link_id,
        is_bot,
        bot_pattern,
        id: type === 11 ? id : expect.stringMatching(/^[0-9a-f]{32}$/),
        unique_id: type === 11 ? id : expect.stringMatching(/^[0-9a-f]{32}$/),
        person: expect.stringMatching(/^~erased-[0-9a-f-]{36}$/),
        send: null,
        user_agent: null,
        link: type === 11 ? "https://shop.example/cart" : null,
        detail: type === 27 ? '{"category":3,"status":"4.2.2"}' : type === 9 ? '{"cause":"form"}' : null,
      })),
    );
    expect(new Set(after.map(({ person }) => person)).size).toBe(1);
    expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
  });

  it("keeps of an implied Sent that it is implied, and no address", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered" });
    await aggregate();
    await erase({ person: send.person });
    expect(await rowsOf("SELECT type, detail FROM events ORDER BY seq")).toEqual([
      { type: 6, detail: '{"implied":true}' },
      { type: 7, detail: null },
    ]);
  });

  it("keeps of a Subscribed who said so", async () => {
    const [one, other] = [newSend(), newSend()];
    const path = ({ email, person, campaign }: typeof one) => `/u/${token("unsubscribe", { email, person, campaign })}`;
    for (const send of [one, other]) await ask(path(send), { method: "POST" });
    await ask(path(one), { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
    await reportOutcomes({ person: other.person }, { type: "subscribed" });
    for (const { person } of [one, other]) await erase({ person });
    const { body } = await get("/v1/events?type=subscribed");
    expect(body.data).toMatchObject([{ cause: "form" }, { cause: "sender" }]);
  });

  it("keeps the URL of a link that others clicked too", async () => {
    const link = { type: 11, link_id: "shared", link: "https://shop.example/?sale=1" };
    const own = { type: 11, link_id: "own", link: "https://shop.example/#7" };
    await logRows({ ...link, person: "7" }, { ...link, person: "8" }, { ...own, person: "7" });
    await aggregate();
    await erase({ person: "7" });
    expect(await rowsOf("SELECT id, url FROM links ORDER BY id")).toEqual([
      { id: "own", url: "https://shop.example/" },
      { id: "shared", url: "https://shop.example/?sale=1" },
    ]);
  });

  it("keeps the URL that a description of the email gives a link, which is nobody's own", async () => {
    const url = "https://shop.example/?reader={{reader}}";
    await logRows({ type: 11, link_id: "before", link: "https://shop.example/?reader=7", person: "7" });
    await aggregate();
    const links = ["before", "after"].map((id) => ({ id, url }));
    expect((await post("/v1/emails", { email: 7, links })).status).toBe(200);
    await logRows({ type: 11, link_id: "after", link: "https://shop.example/?reader=7", person: "7" });
    await aggregate();
    await erase({ person: "7" });
    expect(await rowsOf("SELECT id, url FROM links ORDER BY id DESC")).toEqual(links);
  });

  it("deletes their retries, not attempts, and leaves those of a send whose key begins alike", async () => {
    const first = { ...newSend(), send: "send" };
    const soft = { type: "soft_bounced", details: "452 4.2.2 mailbox full" };
    await reportOutcomes(first, { type: "sent" }, soft);
    const other = { ...newSend(), send: "send-1" };
    await reportOutcomes(other, { type: "sent" }, soft);
    const key = ({ person, send }: typeof first) => `7/${person}/42/${send}`;
    const before = await reports();
    for (const hours of [2, 5]) await recordRetriesDueIn(hours);
    expect(await reports()).toEqual(before);
    await erase({ person: first.person });
    expect(await reports()).toEqual(before);
    const { body } = await get("/v1/events?type=retry");
    const common = { type: "retry", id: expect.any(String), seq: expect.any(Number), at: expect.any(String) };
    const about = { ...common, email: { id: 7 }, campaign: { id: 42 }, firstAttemptAt: expect.any(String) };
    const erased = { ...about, person: { id: expect.stringMatching(/^~erased-/) }, bounce: { category: 3 } };
    const { person, address, send } = other;
    const words = { bounce: { category: 3, details: soft.details }, message: expect.any(String) };
    const kept = { ...about, person: { id: person }, send, address, ...words };
    const attempts = [2, 2, 3, 3].map((attempt, index) => ({ ...(index % 2 === 0 ? erased : kept), attempt }));
    expect(body.data).toEqual(attempts);
    const ofBoth = `WHERE key IN ('${key(first)}', '${key(other)}')`;
    expect(await rowsOf(`SELECT key FROM soft_bounced_sends ${ofBoth}`)).toEqual([{ key: key(other) }]);
    expect(await rowsOf(`SELECT key FROM retries ${ofBoth}`)).toEqual([{ key: key(other) }, { key: key(other) }]);
    // Not even under another person's name.
    expect(await rowsOf("SELECT key FROM soft_bounced_sends WHERE send = 'send'")).toEqual([]);
  });

  it.each([
    "invalid",
    "unsubscribed",
  ])("empties the removal of their address, %s, which names nobody", async (reason) => {
    const { person, address } = newSend();
    await post("/v1/suppressions", { address, reason });
    await removeSuppression({ address, reason, who: "lea", why: "Marie wrote" });
    await decorateFor({ person, address });
    const removals = "SELECT detail FROM events WHERE type = 100002";
    const { body } = await get("/v1/events?type=suppression_removed");
    expect(body.data).toEqual([
      {
        ...{ type: "suppression_removed", id: expect.any(String), seq: expect.any(Number), at: expect.any(String) },
        ...{ address, reason, who: "lea", why: "Marie wrote" },
      },
    ]);
    await aggregate();
    expect(await rowsOf("SELECT * FROM message_stats WHERE person = ''")).toEqual([]);
    await erase({ person });
    for (const text of [address, "Marie wrote"]) expect(await tablesWith(text)).toEqual([]);
    expect((await rowsOf(removals)).map(({ detail }) => detail)).toEqual([JSON.stringify({ reason })]);
  });

  it("is done for an unknown person, and in an empty log", async () => {
    await erase({ person: "nobody" });
    expect(await tablesWith("nobody")).toEqual([]);
  });

  it("is done once for a person who is erased twice; their later events are new", async () => {
    await logRows({ person: "7" }, { person: "7", type: 7 });
    await erase({ person: "7" });
    await erase({ person: "7" });
    const [first] = await rowsOf<{ person: string }>("SELECT DISTINCT person FROM events");
    await logRows({ person: "7", type: 11, link_id: "l", link: "https://a.example/" });
    await aggregate();
    expect(await rowsOf("SELECT DISTINCT person FROM events ORDER BY person")).toEqual([{ person: "7" }, first]);
    await erase({ person: "7" });
    expect(await rowsOf("SELECT count(DISTINCT person) AS people, sum(person = '7') AS named FROM events")).toEqual([
      { people: 2, named: 0 },
    ]);
  });

  it("does all erasures that wait; each person has a pseudonym of their own", async () => {
    await logRows({ person: "a" }, { person: "b" }, { person: "a", type: 7 }, { person: "c" });
    const before = await reports();
    await erase({ person: "a" });
    const [one, two] = await Promise.all([erase({ person: "b" }), erase({ person: "c" })]);
    expect(one).not.toBe(two);
    expect(await rowsOf("SELECT DISTINCT person FROM message_stats WHERE person NOT LIKE '~erased-%'")).toEqual([]);
    expect(await reports()).toEqual(before);
  });

  it("erases their events in the outbox: those on their way to the log, and dead letters", async () => {
    const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
    const row = (id: string | null, person: string) =>
      JSON.stringify([
        id,
        11,
        1,
        "7",
        person,
        "42",
        null,
        "l",
        `https://a.example/?p=${person}`,
        `agent of ${person}`,
        0,
        null,
        null,
      ]);
    const good = `1${row("good", "q-7")}`;
    // An id that is none: D1 refuses the body.
    const bad = `1${row("bad", "q-7")},${row(null, "q-8")}`;
    for (const body of [good, bad, "2unreadable"]) await outbox.addDeadLetter(body, "test");
    await erase({ person: "q-7" });
    expect(await rowsOf("SELECT person FROM events WHERE link_id = 'l'")).toEqual([
      { person: expect.stringMatching(/^~erased-/) },
    ]);
    const letters = (await outbox.deadLetters(0)).filter(({ body }) => /q-8|unreadable/.test(body));
    expect(letters.map(({ body }) => body)).toEqual([expect.any(String), "2unreadable"]);
    const [kept, others] = JSON.parse(`[${letters[0]?.body.slice(1)}]`);
    expect(kept).toEqual([
      "bad",
      11,
      1,
      "7",
      expect.stringMatching(/^~erased-[0-9a-f-]{36}$/),
      "42",
      null,
      "l",
      "https://a.example/",
      null,
      0,
      null,
      null,
    ]);
    expect(others).toEqual(JSON.parse(row(null, "q-8")));
  });
});
