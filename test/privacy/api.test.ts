/** /v1/people: erasing and exporting by the API. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { counted } from "../counted.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor, get, post } from "../outcomes.ts";
import { ask, environment, withoutD1 } from "../worker.ts";
import { emptyAll, rowsOf } from "./people-world.ts";

const ERASE = "/v1/people/erase";
const DAY = 86_400_000;

beforeEach(emptyAll);

const erasures = () => rowsOf("SELECT count(*) AS rows FROM erasures");

describe("POST /v1/people/erase", () => {
  it("erases, and answers that it is done and until when files may hold the events", async () => {
    await logRows({ person: "7" }, { person: "7", type: 7 }, { person: "8" });
    const { status, body } = await post(ERASE, { person: 7 });
    expect(status).toBe(202);
    expect(body).toEqual({
      erasure: expect.stringMatching(/^[0-9a-f-]{36}$/),
      done: true,
      requestedAt: expect.any(String),
      events: 2,
      doneAt: expect.any(String),
      filesUntil: expect.any(String),
    });
    expect(Date.parse(String(body.filesUntil)) - Date.parse(String(body.doneAt))).toBe(8 * DAY);
    expect(await rowsOf("SELECT DISTINCT person FROM events WHERE person IN ('7', '8')")).toEqual([{ person: "8" }]);
    expect((await get(`/v1/people/erasures?id=${body.erasure}`)).body).toEqual(body);
    // What is kept of it names nobody.
    expect(await rowsOf("SELECT * FROM erasures WHERE address IS NOT NULL")).toEqual([]);
  });

  it("leaves events that are read by their pseudonym", async () => {
    await logRows({ person: "7" });
    await post(ERASE, { person: 7 });
    const [{ person } = { person: "" }] = await rowsOf<{ person: string }>("SELECT person FROM events");
    const paths = [`/v1/messages?person=${person}`, `/v1/messages/7/42/${person}`, `/v1/events?person=${person}`];
    for (const path of paths) expect((await get(path)).body).toMatchObject({ data: [expect.anything()] });
    const [list, , feed] = paths.map((path) => path.replace("~", "~~"));
    for (const path of [list, feed]) expect((await get(path ?? "")).status).toBe(400);
  });

  it("is stored before it is answered, and goes on with the next request after a failure", async () => {
    await logRows({ person: "7" });
    const stopped = environment({
      OUTBOX: {
        getByName: () => {
          throw new Error("the outbox is out of reach");
        },
      } as unknown as typeof env.OUTBOX,
    });
    const { status, body } = await post(ERASE, { person: 7 }, stopped);
    expect(status).toBe(202);
    expect(body).toMatchObject({ done: false, events: 1 });
    expect(body).not.toHaveProperty("doneAt");
    const path = `/v1/people/erasures?id=${body.erasure}`;
    expect((await get(path, stopped)).body).toEqual(body);
    expect((await get(path)).body).toMatchObject({ done: true, events: 1 });
  });

  it("erases once what is asked again with the same key, and another person with it all the same", async () => {
    await logRows({ person: "7" }, { person: "8" });
    const idempotencyKey = crypto.randomUUID();
    const first = await post(ERASE, { person: 7, idempotencyKey });
    await logRows({ person: "7" });
    expect((await post(ERASE, { person: 7, idempotencyKey })).body).toEqual(first.body);
    expect(await erasures()).toEqual([{ rows: 1 }]);
    expect((await post(ERASE, { person: 8, idempotencyKey })).body).toMatchObject({ done: true, events: 1 });
    expect(await rowsOf("SELECT person FROM events WHERE person IN ('7', '8')")).toEqual([{ person: "7" }]);
  });

  it.each([
    "held",
    "export",
  ])("reads few rows for %s, however many others were removed from the suppressions", async (path) => {
    const removed = (address: string) => ({
      ...{ type: 100_002, email: "", campaign: "", person: "", detail: JSON.stringify({ address, why: "it works" }) },
    });
    await decorateFor({ person: "7", address: "7@mail.example" });
    await logRows(...Array.from({ length: 2_000 }, (_, index) => removed(`${index}@mail.example`)));
    await get(`/v1/people/${path}?person=7`);
    let read = 0;
    const DB = counted(({ rows_read }) => {
      read += rows_read;
    });
    const { body } = await get(`/v1/people/${path}?person=7`, environment({ DB }));
    expect(JSON.stringify(body.events)).toContain("suppression_removed");
    expect(read).toBeLessThan(200);
  });

  it("erases once what is asked again with the same key in another spelling of the address", async () => {
    const idempotencyKey = crypto.randomUUID();
    const first = await post(ERASE, { address: "marie@bücher.example", idempotencyKey });
    const again = await post(ERASE, { address: "Marie@XN--BCHER-KVA.example", idempotencyKey });
    expect(again.body).toEqual(first.body);
    expect(await erasures()).toEqual([{ rows: 1 }]);
  });

  it.each([
    [{ person: 7, idempotencyKey: "again" }, "invalid_field", "idempotencyKey"],
    [{}, "missing_field", "person"],
    [{ person: 7, address: "a@b.example" }, "invalid_field", "address"],
    [{ person: { id: 7, address: "a@b.example" } }, "invalid_field", "person.address"],
    [{ person: "a/b" }, "invalid_field", "person"],
    [{ person: "~anon-0123456789abcd" }, "invalid_field", "person"],
    [{ address: "nobody" }, "invalid_field", "address"],
    [{ person: 7, why: "because" }, "unknown_field", "why"],
    [[], "invalid_field", undefined],
  ])("refuses %j, and stores nothing", async (asked, code, field) => {
    const { status, body } = await post(ERASE, asked);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code, ...(field === undefined ? {} : { field }) } });
    expect(await erasures()).toEqual([{ rows: 0 }]);
  });

  it("answers 503 while D1 is out of reach", async () => {
    const answers = [
      await post(ERASE, { person: 7 }, withoutD1()),
      await get("/v1/people/erasures?id=x", withoutD1()),
      await get("/v1/people/export?person=7", withoutD1()),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ error: { code: "storage_unavailable" } });
    }
  });
});

describe("GET /v1/people/erasures", () => {
  it("answers 404 for an unknown erasure", async () => {
    const { status, body } = await get("/v1/people/erasures?id=nothing");
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: "not_found", field: "id" } });
    expect((await get("/v1/people/erasures")).body).toMatchObject({
      error: { code: "missing_field", field: "id" },
    });
  });
});

describe("GET /v1/people/held", () => {
  it("counts by address whom an erasure of it erases, and names those who stay", async () => {
    const insert = (table: string, person: string, address: string) =>
      env.DB.prepare(`INSERT INTO ${table} (person, address) VALUES (?1, ?2)`).bind(person, address);
    await env.DB.batch([
      insert("people", "7", "all@one.example"),
      insert("other_addresses", "7", "old@one.example"),
      insert("other_addresses", "8", "all@one.example"),
      insert("people", "9", "new@one.example"),
      insert("other_addresses", "9", "all@one.example"),
    ]);
    await logRows({ person: "7" }, { person: "8", type: 0 }, { person: "8", type: 7, email: "9" }, { person: "9" });
    expect((await get("/v1/people/held?address=All@one.example")).body).toEqual({
      people: [{ id: 7 }, { id: 8 }],
      more: false,
      staying: [{ id: 9 }],
      addresses: ["all@one.example", "old@one.example"],
      messages: 2,
      events: { sent: 1, delivered: 1, retracted: 1 },
      retries: 0,
      suppressions: 0,
      lifts: 0,
    });
    const crowd = Array.from({ length: 101 }, (_, index) => insert("people", `c${index}`, "crowd@one.example"));
    await env.DB.batch(crowd);
    const { people, more } = (await get("/v1/people/held?address=crowd@one.example")).body;
    expect([people, more]).toMatchObject([{ length: 100 }, true]);
  });

  it.each([
    ["", "missing_field", "person"],
    ["?person=7&address=a@b.example", "invalid_field", "address"],
    ["?address=a", "invalid_field", "address"],
  ])("refuses %s", async (query, code, field) => {
    expect(await get(`/v1/people/held${query}`)).toMatchObject({ status: 400, body: { error: { code, field } } });
  });
});

describe("GET /v1/people/export", () => {
  it("answers pages, each with the cursor of the next, which nothing may cache", async () => {
    await logRows(...Array.from({ length: 501 }, () => ({ person: "7" })));
    const first = (await get("/v1/people/export?person=7")).body;
    expect(first).toMatchObject({ person: { id: 7 }, next: expect.any(String) });
    const second = (await get(`/v1/people/export?person=7&cursor=${first.next}`)).body;
    expect(second.events).toHaveLength(1);
    expect(second).not.toHaveProperty("next");
    const ofAnother = await get(`/v1/people/export?person=8&cursor=${first.next}`);
    expect(ofAnother).toMatchObject({ status: 400, body: { error: { field: "cursor" } } });
    const headers = { Authorization: "Bearer wxs_dev_test" };
    const answer = await ask("/v1/people/export?person=7", { headers });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it.each([
    ["", "missing_field", "person"],
    ["?person=a/b", "invalid_field", "person"],
    ["?person=7&cursor=-1", "invalid_field", "cursor"],
    ["?person=7&limit=1", "unknown_field", "limit"],
  ])("refuses %s", async (query, code, field) => {
    const { status, body } = await get(`/v1/people/export${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code, field } });
  });
});
