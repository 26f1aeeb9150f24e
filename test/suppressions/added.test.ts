/** GET and POST /v1/suppressions: the list, and what senders add. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { newClient } from "../marketo/marketo.ts";
import {
  complains,
  decorateFor,
  get,
  newSend,
  post,
  reportOutcomes,
  suppressionCheckOf,
  typesOf,
} from "../outcomes.ts";
import { withTextLimit } from "../text-limit.ts";
import { ask, environment, token } from "../worker.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FREE = { suppressed: false, reasons: [] };
const iso = (ms: number) => new Date(ms).toISOString();

const comesBack = (send: ReturnType<typeof newSend>) =>
  ask(`/u/${token("unsubscribe", send)}`, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) });
const add = (body: unknown) => post("/v1/suppressions", body);

interface Listed {
  readonly address?: string;
  readonly person?: { readonly id: string | number };
  readonly reason: string;
  readonly since: string;
}

/** All pages of a list. */
async function pagesOf(query: string): Promise<Listed[][]> {
  const pages: Listed[][] = [];
  for (let next = ""; ; ) {
    const { status, body } = await get(`/v1/suppressions?${query}${next}`);
    expect(status).toBe(200);
    pages.push(body.data as Listed[]);
    if (body.next === undefined) return pages;
    expect(pages.length).toBeLessThan(100);
    next = `&cursor=${body.next}`;
  }
}

const namesIn = (entries: readonly Listed[]) => entries.map(({ address, person }) => address ?? person?.id);

describe("POST /v1/suppressions", () => {
  it("adds an opt-out with its cause, time and who decided it, of the person and the address", async () => {
    const { person, address } = newSend();
    const at = iso(Date.now() - DAY_MS);
    const body = { person, address, reason: "unsubscribed", cause: "asked by phone", who: "lea", at };
    expect(await add(body)).toEqual({ status: 200, body: { accepted: 1, rejected: [] } });
    const reasons = [{ reason: "unsubscribed", since: at, cause: "asked by phone", who: "lea" }];
    for (const whom of [{ person }, { address }]) expect(await suppressionCheckOf(whom)).toMatchObject({ reasons });
    expect((await decorateFor({ person })).status).toBe(409);
    expect(await typesOf(person)).toEqual([]);
  });

  it("adds a thousand with long words of three bytes a character", async () => {
    const sends = Array.from({ length: 1_000 }, newSend);
    const words = { cause: "退".repeat(500), who: "信".repeat(500) };
    const suppressions = sends.map(({ address }) => ({ address }));
    const around = environment({ DB: withTextLimit() });
    const { body } = await post("/v1/suppressions", { suppressions, reason: "unsubscribed", ...words }, around);
    expect(body).toEqual({ accepted: 1_000, rejected: [] });
    for (const { address } of [...sends.slice(0, 1), ...sends.slice(-1)])
      expect(await suppressionCheckOf({ address })).toMatchObject({ reasons: [words] });
  });

  it("follows a person to another address, and an address to another person", async () => {
    const [one, other] = [newSend(), newSend()];
    await decorateFor(one);
    await add({ address: one.address, reason: "unsubscribed" });
    expect((await decorateFor({ person: one.person, address: `new-${one.address}` })).status).toBe(409);
    expect((await decorateFor({ person: other.person, address: one.address })).status).toBe(409);
    expect((await decorateFor(other)).status).toBe(409);
  });

  it("blocks for a day or until a time, and takes an invalid address for the address alone", async () => {
    const [blocked, until, invalid] = [newSend(), newSend(), newSend()];
    const end = iso(Date.now() + 9 * DAY_MS);
    await add({ person: blocked.person, reason: "blocked" });
    await add({ address: until.address, reason: "blocked", until: end });
    await add({ person: { id: invalid.person, address: invalid.address }, reason: "invalid" });
    const { reasons } = await suppressionCheckOf({ person: blocked.person });
    expect(Date.parse(reasons[0]?.until ?? "") - Date.parse(reasons[0]?.since ?? "")).toBe(DAY_MS);
    expect(await suppressionCheckOf({ address: until.address })).toMatchObject({ reasons: [{ until: end }] });
    expect((await decorateFor({ person: invalid.person })).status).toBe(409);
    expect((await decorateFor({ person: invalid.person, address: `new-${invalid.address}` })).status).toBe(200);
  });

  it("imports 1,000 with bad ones among them: each bad one is named, the good ones are in", async () => {
    const bad: readonly (readonly [unknown, string, string])[] = [
      [{ address: "nobody" }, "suppressions.0.address", "invalid_field"],
      [{ person: 7, reason: "angry" }, "suppressions.1.reason", "invalid_field"],
      [{ cause: "no one" }, "suppressions.2.address", "missing_field"],
      ["marie@example.com", "suppressions.3", "invalid_field"],
      [{ person: 7, name: "x" }, "suppressions.4.name", "unknown_field"],
      [{ person: 7, at: "soon" }, "suppressions.5.at", "invalid_field"],
      [{ person: 7, until: iso(Date.now()) }, "suppressions.6.until", "invalid_field"],
      [{ person: 7, at: iso(Date.now() + HOUR_MS) }, "suppressions.7.at", "invalid_field"],
    ];
    const good = Array.from({ length: 992 }, (_, nth) => ({ address: `import-${nth}@mail.example` }));
    const suppressions = [...bad.map(([entry]) => entry), ...good, ...[]];
    const at = "2026-11-01T00:00:00.000Z";
    const { status, body } = await add({ suppressions, reason: "unsubscribed", who: "old system", at });
    expect([status, body.accepted]).toEqual([200, 992]);
    const rejected = body.rejected as { index: number; error: { code: string; field: string } }[];
    expect(rejected.map(({ index, error }) => [index, error.field, error.code])).toEqual(
      bad.map(([, field, code], index) => [index, field, code]),
    );
    const before = await env.DB.prepare("SELECT count(*), sum(since) FROM suppressions").first();
    await add({ suppressions: good, reason: "unsubscribed", who: "old system", at });
    await add({ suppressions: good, reason: "unsubscribed", who: "old system" });
    expect(await env.DB.prepare("SELECT count(*), sum(since) FROM suppressions").first()).toEqual(before);
    expect(await suppressionCheckOf({ address: "import-991@mail.example" })).toMatchObject({
      reasons: [{ since: at, cause: "sender", who: "old system" }],
    });
  });

  it.each([
    ["reason", "missing_field", 400, { person: 7 }],
    ["address", "missing_field", 400, { reason: "invalid" }],
    ["until", "invalid_field", 400, { person: 7, reason: "unsubscribed", until: "2030-01-01" }],
    ["at", "invalid_field", 400, { person: 7, reason: "invalid", at: "2026-03-01T10:00" }],
    ["at", "invalid_field", 400, { person: 7, reason: "invalid", at: -1e16 }],
    ["at", "invalid_field", 400, { person: 7, reason: "invalid", at: Math.floor(Date.now() / 1_000) }],
    ["suppressions", "invalid_field", 400, { suppressions: [] }],
    ["address", "invalid_field", 400, { address: "a@b.example", reason: "invalid", suppressions: [{ person: 7 }] }],
    ["person", "invalid_field", 400, { person: 7, reason: "invalid", suppressions: [{ address: "a@b.example" }] }],
    ["address", "invalid_field", 400, { person: { id: 7, address: "a@b.example" }, address: "c@d.example" }],
    ["suppressions", "invalid_field", 400, { suppressions: Array(1_001).fill({}) }],
    [undefined, "nothing_accepted", 422, { suppressions: [{}] }],
  ])("refuses a body whose %s is wrong (%s)", async (field, code, status, body) => {
    const answer = await add(body);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect((answer.body.error as { field?: string }).field).toBe(field);
  });

  it.each([
    "person",
    "address",
  ] as const)("of a named %s suppresses those who have not subscribed again since, in either order", async (named) => {
    for (const isFirst of [true, false]) {
      const send = newSend();
      await decorateFor(send);
      const opted = { [named]: send[named], reason: "unsubscribed", at: iso(Date.now() - HOUR_MS) };
      if (isFirst) await add(opted);
      await comesBack(send);
      // A lift is kept for a month; the Subscribed in the log counts as long as that is there.
      if (named === "address") await env.DB.prepare("DELETE FROM lifts").run();
      if (!isFirst) await add(opted);
      for (const whom of [{ person: send.person }, { address: send.address }])
        expect(await suppressionCheckOf(whom)).toEqual(FREE);
      expect(await typesOf(send.person)).toEqual(["subscribed"]);
      await add({ ...opted, at: undefined });
      expect(await suppressionCheckOf({ address: send.address })).toMatchObject({ suppressed: true });
    }
  });

  it("replaces a block that has ended, and adds none that has", async () => {
    const { person, address } = newSend();
    const before = { person, address, reason: "blocked", at: iso(Date.now() - 50 * DAY_MS), who: "the old system" };
    for (const order of [
      [before, {}],
      [{}, before],
    ]) {
      for (const each of order) await add({ person, address, reason: "blocked", cause: "spam", who: "lea", ...each });
      const { reasons } = await suppressionCheckOf({ address });
      expect(reasons).toMatchObject([{ cause: "spam", who: "lea" }]);
      expect(Date.parse(reasons[0]?.since ?? "")).toBeGreaterThan(Date.now() - HOUR_MS);
      await env.DB.prepare("DELETE FROM suppressions WHERE subject LIKE ?").bind(`%${person}%`).run();
    }
    await add(before);
    expect(await suppressionCheckOf({ person })).toEqual(FREE);
  });

  it("leaves a person's own opt-out in the log, and the own opt-out leaves it", async () => {
    const send = newSend();
    await decorateFor(send);
    await add({ person: send.person, reason: "unsubscribed", who: "lea" });
    await complains(send, Date.now() - DAY_MS);
    expect(await typesOf(send.person)).toEqual(["unsubscribed"]);
    expect((await suppressionCheckOf(send)).reasons).toMatchObject([{ reason: "unsubscribed", cause: "complaint" }]);
  });

  it("takes the scope send; lifting takes admin", async () => {
    const { token: sender } = await newClient("send");
    const call = (method: string, body: unknown) =>
      ask("/v1/suppressions", {
        method,
        headers: { Authorization: `Bearer ${sender}` },
        body: JSON.stringify(body),
      });
    const { address } = newSend();
    expect((await call("POST", { address, reason: "unsubscribed" })).status).toBe(200);
    for (const reason of ["unsubscribed", "invalid", "blocked"])
      expect((await call("DELETE", { address, reason, who: "a", why: "b" })).status).toBe(403);
    expect(await suppressionCheckOf({ address })).toMatchObject({ suppressed: true });
  });
});

describe("GET /v1/suppressions", () => {
  it("lists the latest first, by reason and since, each once, whatever changes between its pages", async () => {
    await env.DB.prepare("DELETE FROM suppressions").run();
    const beginMs = Date.now() - 5 * DAY_MS;
    const sends = Array.from({ length: 5 }, newSend);
    for (const [nth, { address }] of sends.entries())
      await add({
        address,
        reason: nth === 4 ? "blocked" : "invalid",
        at: beginMs + nth * DAY_MS,
        until: nth === 4 ? iso(Date.now() + DAY_MS) : undefined,
      });
    const addresses = sends.map(({ address }) => address);
    expect(namesIn((await pagesOf("")).flat())).toEqual(addresses.toReversed());
    expect(namesIn((await pagesOf("reason=blocked")).flat())).toEqual(addresses.slice(4));
    const since = encodeURIComponent(iso(beginMs + 2 * DAY_MS));
    expect(namesIn((await pagesOf(`reason=invalid&since=${since}&limit=1`)).flat())).toEqual([
      addresses[3],
      addresses[2],
    ]);
    const { body } = await get("/v1/suppressions?limit=2");
    await add({ address: "later@mail.example", reason: "invalid" });
    await post("/v1/suppressions", { address: addresses[4], reason: "blocked", who: "a", why: "b" }, env, "DELETE");
    const { body: second } = await get(`/v1/suppressions?limit=2&cursor=${body.next}`);
    expect(namesIn(second.data as Listed[])).toEqual([addresses[2], addresses[1]]);
    expect(second.data).toMatchObject([{ reason: "invalid", since: iso(beginMs + 2 * DAY_MS), cause: "sender" }, {}]);
  });

  it("has an import of one moment on its pages, and several bounces of an address as one", async () => {
    await env.DB.prepare("DELETE FROM suppressions").run();
    const suppressions = Array.from({ length: 25 }, (_, nth) => ({ address: `same-${nth}@mail.example` }));
    await add({ suppressions, reason: "unsubscribed", at: "2026-11-02" });
    await add({ suppressions: suppressions.slice(0, 9), reason: "invalid", at: "2026-11-02" });
    const { address, ...send } = newSend();
    for (const nth of [1, 2, 3])
      await reportOutcomes(
        { ...send, address, send: `s${nth}` },
        { type: "hard_bounced", category: 2, at: iso(Date.now()) },
      );
    const pages = await pagesOf("limit=4");
    const all = pages.flat().map(({ reason, ...entry }) => `${namesIn([{ reason, ...entry }])} ${reason}`);
    expect([all.length, new Set(all).size]).toEqual([35, 35]);
    expect(all.filter((text) => text === `${address} invalid`)).toHaveLength(1);
  });

  it("has a block of before that has ended, and one that ends later, as the check has them", async () => {
    await env.DB.prepare("DELETE FROM suppressions").run();
    const [again, twice] = [newSend(), newSend()];
    const nowMs = Date.now();
    const bounces = (of: typeof again, hours: number) =>
      reportOutcomes({ ...of, send: `h${hours}` }, { type: "hard_bounced", category: 1, at: nowMs - hours * HOUR_MS });
    for (const hours of [5 * 24, 1]) await bounces(again, hours);
    for (const hours of [20, 2]) await bounces(twice, hours);
    const listed = (await pagesOf("reason=blocked&limit=1")).flat();
    expect(namesIn(listed)).toEqual([again.person, again.address, twice.person, twice.address]);
    for (const entry of listed) {
      const { address, person, ...reason } = entry;
      const whom = person === undefined ? { address: String(address) } : { person: String(person.id) };
      expect((await suppressionCheckOf(whom)).reasons).toEqual([reason]);
    }
    const since = encodeURIComponent(iso(nowMs - 3 * HOUR_MS));
    expect((await pagesOf(`reason=blocked&since=${since}`)).flat()).toEqual(listed);
  });

  it("has each on one page, however long and odd its name is, and several of one moment", async () => {
    await env.DB.prepare("DELETE FROM suppressions").run();
    const odd = [
      '"'.repeat(240),
      "\u7bb1".repeat(240),
      "x".repeat(235),
      `${"\u7bb1".repeat(100)}b`,
      "\u{1f4ec}".repeat(120),
    ];
    const suppressions = odd.flatMap((text) => ["a", "b"].map((end) => ({ address: `${text}${end}@mail.example` })));
    await add({ suppressions, reason: "invalid", at: "2026-11-03" });
    await add({ suppressions, reason: "unsubscribed", at: "2026-11-03" });
    const source = `hard/${["i", "p", "c", "s"].map((letter) => letter.repeat(64)).join("/")}`;
    const copy = `INSERT INTO suppressions (subject, reason, source, since, cause)
      SELECT subject, reason, ?1, since, cause FROM suppressions`;
    await env.DB.prepare(copy).bind(source).run();
    const pages = await pagesOf("limit=1");
    const all = pages.flat().map((entry) => `${entry.reason} ${entry.address}`);
    expect([all.length, new Set(all).size, pages.length]).toEqual([20, 20, 40]);
  });

  it.each([
    ["reason", "?reason=angry"],
    ["since", "?since=soon"],
    ["limit", "?limit=1001"],
    ["cursor", "?cursor=abc"],
    ["page", "?page=2"],
  ])("refuses a wrong %s", async (field, query) => {
    expect(await get(`/v1/suppressions${query}`)).toMatchObject({ status: 400, body: { error: { field } } });
  });
});
