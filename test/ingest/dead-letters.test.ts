/** Dead letters: listed, and replayed into the log. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { brokenDatabase, databaseAround, surround, unreachable } from "../faults/broken.ts";
import { ask, environment, logOf, newMessage } from "../worker.ts";
import { clickRow } from "./click-row.ts";
import { deliver } from "./deliver.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };

afterEach(() => vi.restoreAllMocks());

describe("dead letters", () => {
  const list = async (query = "") => {
    const answer = await ask(`/v1/dead-letters${query}`, { headers: KEY });
    return await answer.json<{ data: { id: number; body: string }[]; next?: string }>();
  };
  const replay = async (body: unknown) => {
    const answer = await ask("/v1/dead-letters/replay", {
      method: "POST",
      headers: KEY,
      body: JSON.stringify(body),
    });
    return await answer.json<{ replayed: number; failed: { id: number; error: string }[]; next?: string }>();
  };

  it("from the queue wait until they are replayed, then are in the log once and removed", async () => {
    const { person } = newMessage();
    const body = bodyOf(groupOf([clickRow(`${person}.1`, person)]));
    await deliver([body, body], env, "waxseal-dead-letters");
    expect(await logOf(person)).toEqual([]);
    const mine = (await list()).data.filter((letter) => letter.body === body);
    expect(mine).toHaveLength(2);
    expect(await replay({ ids: mine.map(({ id }) => id) })).toEqual({ replayed: 2, failed: [] });
    expect(await logOf(person)).toHaveLength(1);
    expect((await list()).data.filter((letter) => letter.body === body)).toEqual([]);
  });

  it("are in the log once when two replays run at the same time, and the queue delivers them again", async () => {
    const { person } = newMessage();
    const body = bodyOf(groupOf([clickRow(`${person}.1`, person), clickRow(`${person}.2`, person)]));
    await deliver([body], env, "waxseal-dead-letters");
    await Promise.all([replay({}), replay({})]);
    await deliver([body, body]);
    await deliver([body], env, "waxseal-dead-letters");
    await replay({});
    expect(await logOf(person)).toHaveLength(2);
  });

  it("stay when D1 is down during the replay", async () => {
    const { person } = newMessage();
    const body = bodyOf(groupOf([clickRow(`${person}.1`, person)]));
    await deliver([body], env, "waxseal-dead-letters");
    const ids = (await list()).data.filter((letter) => letter.body === body).map(({ id }) => id);
    const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
    await surround(outbox, environment({ DB: brokenDatabase().d1 }));
    expect(await replay({ ids })).toMatchObject({ error: { code: "storage_unavailable" } });
    await evictDurableObject(outbox);
    expect(await replay({ ids })).toEqual({ replayed: 1, failed: [] });
    expect(await logOf(person)).toHaveLength(1);
  });

  it("are inserted without an address that was erased while the ones before them were replayed", async () => {
    const { person } = newMessage();
    const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
    const named = clickRow(`${person}.2`, person, `?to=${person}@mail.example`);
    for (const row of [clickRow(`${person}.1`, person), named])
      await outbox.addDeadLetter(bodyOf(groupOf([row])), "constraint failed");
    const ids = (await list()).data.slice(-2).map(({ id }) => id);
    let isErased = false;
    const DB = databaseAround(async (work) => {
      if (!isErased) {
        isErased = true;
        await env.OUTBOX.getByName(OUTBOX_NAME).erase({ address: `${person}@mail.example` }, 0);
      }
      return await work();
    });
    await surround(outbox, environment({ DB }));
    expect(await replay({ ids })).toEqual({ replayed: 2, failed: [] });
    await evictDurableObject(outbox);
    const links = (await logOf(person)).map(({ link }) => link);
    expect(links).toHaveLength(2);
    expect(links.join(" ")).not.toContain("@");
  });

  it("that D1 still rejects stay, with the reason", async () => {
    await deliver(["9[unreadable]"]);
    const [letter] = (await list()).data.slice(-1);
    expect(await replay({ ids: [letter?.id] })).toEqual({
      replayed: 0,
      failed: [{ id: letter?.id, error: "unknown_version" }],
    });
    expect((await list()).data.map(({ id }) => id)).toContain(letter?.id);
  });

  it("are listed in pages, each of them once, until an answer has no next", async () => {
    const bodies = Array.from({ length: 120 }, (_, n) => `9[${n}]`);
    await deliver(bodies);
    const listed: { id: number; body: string }[] = [];
    for (let query: string | undefined = ""; query !== undefined; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(query);
      if (page.next !== undefined) expect(page.data).toHaveLength(50);
      listed.push(...page.data);
      query = page.next && `?cursor=${page.next}`;
    }
    const ids = listed.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(listed.slice(-bodies.length).map(({ body }) => body)).toEqual(bodies);
    expect(listed).toHaveLength((await env.OUTBOX.getByName(OUTBOX_NAME).counts()).deadLetters);
    // A last page that is full has no next either.
    const { next } = await list(`?limit=${ids.length % 50 || 50}`);
    for (let rest = ids.length - (ids.length % 50 || 50), cursor = next; rest > 0; rest -= 50) {
      const page = await list(`?cursor=${cursor}`);
      expect(page.data).toHaveLength(50);
      expect(page.next === undefined).toBe(rest === 50);
      cursor = page.next;
    }
  });

  it("are not listed for an unknown or a wrong parameter", async () => {
    for (const [query, failure] of [
      ["after=3", { code: "unknown_field", field: "after" }],
      ["limit=51", { code: "invalid_field", field: "limit" }],
      ["cursor=3", { code: "invalid_field", field: "cursor" }],
      ["cursor=x", { code: "invalid_field", field: "cursor" }],
      ["cursor=", { code: "invalid_field", field: "cursor" }],
      ["cursor=1&cursor=2", { code: "invalid_field", field: "cursor" }],
    ] as const) {
      const answer = await ask(`/v1/dead-letters?${query}`, { headers: KEY });
      expect([answer.status, await answer.json()]).toEqual([400, { error: expect.objectContaining(failure) }]);
    }
  });

  it("are replayed a hundred at once, until an answer has no next", async () => {
    const { person } = newMessage();
    const before = (await env.OUTBOX.getByName(OUTBOX_NAME).deadLetters(0, 1_000)).at(-1)?.id ?? 0;
    const bodies = [...Array.from({ length: 100 }, (_, n) => `9[${n}]`), bodyOf(groupOf([clickRow(person, person)]))];
    await deliver(bodies, env, "waxseal-dead-letters");
    const ids = (await env.OUTBOX.getByName(OUTBOX_NAME).deadLetters(before, 1_000)).map(({ id }) => id);
    const { next, failed, replayed } = await replay({ ids });
    expect([replayed, failed.map(({ id }) => id)]).toEqual([0, ids.slice(0, 100)]);
    expect(await replay({ ids, cursor: next })).toEqual({ replayed: 1, failed: [] });
    expect(await logOf(person)).toHaveLength(1);
  });

  it("are out of reach for now while the outbox is", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const around = environment({ OUTBOX: unreachable() });
    for (const [path, init] of [
      ["", {}],
      ["/replay", { method: "POST", body: "{}" }],
    ] as const) {
      const answer = await ask(`/v1/dead-letters${path}`, { ...init, headers: KEY }, around);
      expect([answer.status, await answer.json()]).toEqual([
        503,
        { error: expect.objectContaining({ code: "storage_unavailable" }) },
      ]);
    }
  });

  it("are addressed by integer ids only", async () => {
    expect(await replay({ ids: ["1"] })).toMatchObject({ error: { code: "invalid_field", field: "ids.0" } });
  });

  it("need an API key", async () => {
    expect((await ask("/v1/dead-letters")).status).toBe(401);
    expect((await ask("/v1/dead-letters/replay", { method: "POST" })).status).toBe(401);
  });
});
