import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { type Send, sendKey } from "../../src/events/send-key.ts";
import { retriesStillDue } from "../../src/retries/index.ts";
import type { Retry } from "../../src/retries/retry.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { brokenDatabase } from "../faults/broken.ts";
import { get } from "../outcomes.ts";
import { ask, environment, newMessage } from "../worker.ts";
import {
  bouncedSend,
  HOUR_MS,
  log,
  newSend,
  pass,
  runAlarm,
  schedule,
  softBounce,
  suppress,
  withoutRetries,
} from "./world.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };

interface Page {
  readonly data: readonly Retry[];
  readonly next: string;
}

async function page(query = ""): Promise<Page> {
  const answer = await ask(`/v1/retries${query}`, { headers: KEY });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  return await answer.json();
}

/** In the order of their seq. */
async function dueSends(count: number): Promise<Send[]> {
  const sends = Array.from({ length: count }, newSend);
  const nowMs = Date.now();
  await schedule(sends.map((send, n) => softBounce(send, { atMs: nowMs - count + n })));
  await pass(1.01);
  await runAlarm();
  return sends;
}

/** The events of retries, in the order of their seqs. */
async function logged() {
  return (await get("/v1/events?type=retry")).body.data as readonly { readonly id: string }[];
}

async function stillDueOf(ids: readonly string[]): Promise<string[]> {
  const settings = settingsOf(env);
  if (!settings.ok) throw new Error(settings.reason.join());
  return [...(await retriesStillDue(env.DB, ids, settings.value, Date.now()))].toSorted();
}

const idsOf = ({ data }: Page) => data.map(({ id }) => id);

beforeEach(withoutRetries);

describe("a due retry", () => {
  it("is an event of the feed and of its message, once, with all that the sender needs", async () => {
    const [send] = await dueSends(1);
    const [retry] = (await page()).data;
    if (send === undefined || retry === undefined) throw new Error("nothing is due");
    const { id, person, dueAt, ...rest } = retry;
    const event = { type: "retry", id: `retry/${id}`, seq: expect.any(Number), at: dueAt, ...rest };
    const expected = { ...event, person: { id: person.id }, address: person.address };
    expect((await get(`/v1/events?person=${send.person}`)).body).toMatchObject({ data: [expected] });
    expect((await get(`/v1/events?type=retry&person=${send.person}`)).body).toMatchObject({ data: [expected] });
    await log("sent", send);
    const { body } = await get(`/v1/messages/${send.email}/${send.campaign}/${send.person}`);
    const text = expect.stringMatching(/^Due again on .* UTC, as attempt 2\.$/);
    expect(body.data).toContainEqual(expect.objectContaining({ text, event: expected }));
    expect(body.message).toMatchObject({ status: "pending", opened: false, clicks: 0 });
  });

  it("of a send without an id and an address names neither, and has no token", async () => {
    await schedule([softBounce(newMessage(), { address: undefined })]);
    await pass(1.01);
    await runAlarm();
    const fields = "type id seq at email person campaign attempt firstAttemptAt bounce".split(" ");
    const [event] = (await get("/v1/events?type=retry")).body.data as readonly object[];
    expect(Object.keys(event ?? {}).toSorted()).toEqual(fields.toSorted());
  });
});

describe("GET /v1/retries", () => {
  it("lists a due retry with all that the sender needs", async () => {
    const [send] = await dueSends(1);
    const {
      data: [retry],
    } = await page();
    expect(retry).toEqual({
      id: `${send === undefined ? "" : sendKey(send)}-0`,
      message: expect.any(String),
      email: { id: 7 },
      person: { id: send?.person, address: "marie@example.com" },
      campaign: { id: 42 },
      send: send?.send,
      attempt: 2,
      dueAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      firstAttemptAt: expect.stringMatching(/Z$/),
      bounce: { category: 3, status: "4.2.2", details: 'mailbox "full"' },
    });
    expect(Date.parse(retry?.dueAt ?? "") - Date.parse(retry?.firstAttemptAt ?? "")).toBe(HOUR_MS);
    const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
    expect(keys.ok && verifyToken(keys.value, "message", retry?.message ?? "")).toEqual({
      ok: true,
      value: send,
    });
  });

  it("gives each retry once to a reader who follows next, also while more become due", async () => {
    const read: string[] = [];
    let next = (await page()).next;
    const follow = async () => {
      for (let before = ""; before !== next; ) {
        before = next;
        const found = await page(`?cursor=${before}&limit=3`);
        read.push(...idsOf(found));
        next = found.next;
      }
    };
    const sends = await dueSends(7);
    await follow();
    sends.push(...(await dueSends(5)));
    await follow();
    await follow();
    expect(read).toEqual([...new Set(read)]);
    expect(read.toSorted()).toEqual(sends.map((send) => `${sendKey(send)}-0`).toSorted());
  });

  it("gives a hundred without a limit, three hundred at most", async () => {
    await dueSends(301);
    expect((await page()).data).toHaveLength(100);
    const { data, next } = await page("?limit=300");
    expect(data).toHaveLength(300);
    expect((await page(`?cursor=${next}`)).data).toHaveLength(1);
  });

  it("gives the cursor back while nothing is due after it", async () => {
    const { next } = await page();
    expect(await page(`?cursor=${next}`)).toEqual({ data: [], next });
  });

  it.each([
    ["was delivered", (send: Send) => log("delivered", send)],
    ["was opened", (send: Send) => log("opened", send)],
    ["bounced hard", (send: Send) => log("hard bounced", send)],
    ["must not be mailed any more", ({ person }: Send) => suppress(`person:${person}`, "unsubscribed")],
    ["is blocked", ({ person }: Send) => suppress(`person:${person}`, "blocked", Date.now() + HOUR_MS)],
  ])("leaves out what %s in between, and continues after it", async (_what, happens) => {
    const [one, two] = await dueSends(2);
    const ids = (await logged()).map(({ id }) => id);
    expect(await stillDueOf([...ids, "retry/none-0"])).toEqual(ids.toSorted());
    if (one !== undefined) await happens(one);
    const first = await page("?limit=1");
    expect(first.data).toEqual([]);
    expect(idsOf(await page(`?cursor=${first.next}`))).toEqual([`${two === undefined ? "" : sendKey(two)}-0`]);
    expect(await stillDueOf(ids)).toEqual(ids.slice(1));
  });

  it("lists only the latest of a send's retries that were not read", async () => {
    const send = await bouncedSend();
    for (const hours of [1.01, 3, 8]) {
      await pass(hours);
      await runAlarm();
    }
    expect(idsOf(await page())).toEqual([`${sendKey(send)}-2`]);
    const ids = (await logged()).map(({ id }) => id);
    expect(await stillDueOf(ids)).toEqual(ids.slice(2));
  });

  it("does not list a send whose schedule has ended", async () => {
    await bouncedSend();
    await pass(24.1);
    await runAlarm();
    expect((await page()).data).toHaveLength(1);
    await pass(13);
    expect((await page()).data).toEqual([]);
  });

  it.each([
    ["cursor=x", "cursor"],
    ["cursor=17", "cursor"],
    ["cursor=", "cursor"],
    ["cursor=1&cursor=2", "cursor"],
    ["limit=0", "limit"],
    ["limit=301", "limit"],
    ["limit=1e1", "limit"],
    ["limit=%201", "limit"],
  ])("refuses ?%s and names the parameter", async (query, field) => {
    const answer = await ask(`/v1/retries?${query}`, { headers: KEY });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "invalid_field", field } });
  });

  it("refuses an unknown parameter", async () => {
    const answer = await ask("/v1/retries?before=1", { headers: KEY });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "unknown_field", field: "before" } });
  });

  it("answers 503 while D1 is down", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await ask("/v1/retries", { headers: KEY }, environment({ DB: brokenDatabase().d1 }));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "storage_unavailable" } });
  });

  it("needs a key, and accepts GET and HEAD", async () => {
    expect((await ask("/v1/retries")).status).toBe(401);
    const post = await ask("/v1/retries", { method: "POST", headers: KEY, body: "{}" });
    expect(post.status).toBe(405);
    expect(post.headers.get("Allow")).toBe("GET, HEAD");
    expect((await ask("/v1/retries", { method: "HEAD", headers: KEY })).status).toBe(200);
  });
});
