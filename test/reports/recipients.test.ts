/** GET /v1/reports/domains and /v1/reports/recipients: reports on who the recipients are. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { deviceCounts } from "../../src/reports/devices.ts";
import { domainCounts } from "../../src/reports/domains.ts";
import { counted } from "../counted.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { logMailing } from "./small-mailing.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

beforeEach(async () => {
  await emptyLog();
  await env.DB.prepare("DELETE FROM people").run();
  const addresses = ["a@one.example", "b@two.example", "c@one.example", "d@one.example", "e@xn--bcher-kva.example"];
  const insert = env.DB.prepare("INSERT INTO people (person, address) VALUES (?1, ?2)");
  await env.DB.batch(addresses.map((address) => insert.bind(address.slice(0, 1), address)));
  await logMailing();
});

describe("GET /v1/reports/domains", () => {
  it("counts messages by the domain of the recipient's address, and those of people without an address", async () => {
    const { status, body } = await get("/v1/reports/domains?email=7");
    expect(status).toBe(200);
    expect(body.data).toEqual([
      expect.objectContaining({
        domain: "one.example",
        sent: 3,
        delivered: 2,
        softBounced: 1,
        opened: 1,
        bots: { opened: 1, clicked: 1, clicks: 1 },
      }),
      expect.objectContaining({ domain: null, sent: 2, pending: 1, noResponse: 1 }),
      expect.objectContaining({ domain: "two.example", sent: 1, hardBounced: 1, opened: 0 }),
      expect.objectContaining({
        domain: "xn--bcher-kva.example",
        sent: 1,
        delivered: 1,
        opened: 1,
        rates: expect.objectContaining({ opened: 1 }),
      }),
    ]);
  });

  it("counts what was deferred, though delivered later, and what was refused because of its sender", async () => {
    const refused = (category: number) => ({ type: 8, detail: JSON.stringify({ category, status: "5.7.1" }) });
    await logRows(
      { person: "a", type: 27, at: Date.now() - 1_000 },
      { person: "d", ...refused(1), email: "8" },
      { person: "d", ...refused(1), email: "8" },
      { person: "c", ...refused(2), email: "8" },
    );
    const { data } = (await get("/v1/reports/domains")).body as { data: Record<string, unknown>[] };
    expect(data.map(({ domain, deferred, blocked }) => [domain, deferred, blocked])).toEqual([
      ["one.example", 2, 1],
      [null, 0, 0],
      ["two.example", 0, 0],
      ["xn--bcher-kva.example", 0, 0],
    ]);
  });

  it("is the same however few messages are read at a time, and is refused beyond what is counted", async () => {
    await logRows(
      { person: "a", email: "8" },
      { person: "b", email: "8", campaign: "43" },
      { person: "c", email: "6" },
    );
    await get("/v1/reports/domains");
    const max = { messages: 100, domains: 10 };
    const filters = [{}, { email: "7" }, { email: "8", campaign: "42" }, { campaign: "42" }, { untilMs: Date.now() }];
    for (const filter of filters.map((each) => ({ ...each, bots: "exclude" as const }))) {
      const inSlicesOf = async (messagesAtATime: number) =>
        await domainCounts(env.DB, filter, { ...max, messagesAtATime }, 0);
      const whole = await inSlicesOf(100);
      expect(new Set(await inSlicesOf(1))).toEqual(new Set(whole));
      expect(new Set(await inSlicesOf(3))).toEqual(new Set(whole));
      expect(whole?.length).toBeGreaterThan(0);
    }
    const all = { bots: "exclude" } as const;
    expect(await domainCounts(env.DB, all, { messages: 4, domains: 10, messagesAtATime: 2 }, 0)).toBeUndefined();
    expect(await domainCounts(env.DB, all, { messages: 100, domains: 2, messagesAtATime: 2 }, 0)).toBeUndefined();
  });

  it.each([
    {},
    { campaign: "42" },
    { email: "7" },
  ])("reads a slice in a statement, although few of its messages are of the period: %o", async (mailing) => {
    await logRows(...Array.from({ length: 300 }, (_, index) => ({ person: `p${index}`, at: Date.UTC(2026, 0, 1) })));
    await get("/v1/reports/domains");
    const reads: number[] = [];
    const d1 = counted(({ rows_read }) => void reads.push(rows_read));
    const filter = { ...mailing, sinceMs: Date.UTC(2026, 5, 1), bots: "exclude" as const };
    const bounds = { messages: 1_000, domains: 10, messagesAtATime: 20, events: 99, userAgents: 9 };
    const domains = (await domainCounts(d1, filter, bounds, 0)) ?? [];
    expect(domains.reduce((all, { sent }) => all + sent, 0)).toBe(7);
    expect(await deviceCounts({ ...env, DB: d1 }, filter, bounds)).not.toEqual([]);
    expect(Math.max(...reads)).toBeLessThan(150);
    expect(await domainCounts(d1, filter, { ...bounds, messages: 300 }, 0)).toBeUndefined();
    expect(await deviceCounts({ ...env, DB: d1 }, filter, { ...bounds, messages: 300 })).toBeUndefined();
  });

  it("comes in pages, and as CSV", async () => {
    const first = (await get("/v1/reports/domains?limit=3")).body;
    expect(first.data).toHaveLength(3);
    const rest = await get(`/v1/reports/domains?limit=3&cursor=${first.next}`);
    expect(rest.body).toEqual({ data: [expect.objectContaining({ domain: "xn--bcher-kva.example" })] });
    // Another domain goes past one that was shown, and the people without an address get more messages.
    await env.DB.batch(
      ["x1", "x2", "x3", "x4"].map((person) =>
        env.DB.prepare("INSERT INTO people (person, address) VALUES (?1, ?1 || '@new.example')").bind(person),
      ),
    );
    await logRows(...["x1", "x2", "x3", "x4", "n1", "n2", "n3", "n4"].map((person) => ({ person })));
    const again = (await get(`/v1/reports/domains?limit=3&cursor=${first.next}`)).body;
    expect(again).toEqual({ data: [expect.objectContaining({ domain: "xn--bcher-kva.example" })] });
    const text = await (await ask("/v1/reports/domains.csv?email=7&bots=include", { headers: BEARER })).text();
    expect(text).toContain("\r\none.example,3,2,0,1,0,0,2,1,2,");
    expect(text).toContain("\r\n,6,0,");
  });

  it("says of which domains a low rate of opens says nothing, because Apple's proxy hides them", async () => {
    await env.DB.prepare("REPLACE INTO people (person, address) VALUES ('apple', 'a@icloud.com')").run();
    await logRows({ person: "apple", email: "apple" }, { person: "a", email: "apple" });
    const { data } = (await get("/v1/reports/domains?email=apple")).body as { data: Record<string, unknown>[] };
    expect(new Map(data.map(({ domain, proxiedOpens }) => [domain, proxiedOpens]))).toEqual(
      new Map([
        ["icloud.com", true],
        ["one.example", false],
      ]),
    );
  });

  it("takes a domain that is too long for DNS for none: its cursor can be as long as it is", async () => {
    const long = `x@${"字".repeat(120)}!`;
    await env.DB.prepare("UPDATE people SET address = ?1 WHERE person = 'b'").bind(long).run();
    const { body } = await get("/v1/reports/domains?limit=1");
    expect(body.data).toEqual([expect.objectContaining({ domain: null, sent: 3 })]);
    const { data } = (await get(`/v1/reports/domains?cursor=${body.next}`)).body as { data: { domain: string }[] };
    expect(data.map(({ domain }) => domain)).toEqual(["one.example", "xn--bcher-kva.example"]);
  });
});

describe("GET /v1/reports/recipients", () => {
  const people = async (query: string) => {
    const { data } = (await get(`/v1/reports/recipients?email=7&${query}`)).body as {
      data: { person: { id: string } }[];
    };
    return data.map(({ person }) => person.id).join(" ");
  };

  it("lists who opened, by a click, too, who clicked, may have read it or did nothing, with an address", async () => {
    const { body } = await get("/v1/reports/recipients?email=7&did=opened");
    expect(body).toEqual({
      data: ["a@one.example", "e@xn--bcher-kva.example"].map((address) => ({
        message: expect.stringMatching(/^[\w-]{30,}$/),
        person: { id: address.slice(0, 1), address },
        email: { id: 7, name: "Spring" },
        campaign: { id: 42 },
        sentAt: expect.stringMatching(/Z$/),
        status: "delivered",
      })),
    });
    expect(await people("did=clicked")).toBe("a e");
    expect(await people("did=not_opened")).toBe("c f noResponse");
    expect(await people("did=opened&bots=include")).toBe("a d e");
    // Hard bounced: b, and h, which a scanner opened. Who complained did respond.
    await logRows(
      ...["g", "h"].map((person) => ({ person })),
      { person: "g", type: 9, detail: '{"cause":"complaint"}' },
      { person: "h", type: 8 },
      { person: "h", type: 10, is_bot: 1 },
    );
    expect(await people("did=opened_by_bots")).toBe("d");
    expect(await people("did=not_opened")).toBe("c f noResponse");
    expect(await people("did=not_opened&since=2030-01-01")).toBe("");
    expect(await people("did=not_opened&campaign=43")).toBe("");
  });

  it("lists those of all emails of a campaign, page by page, and none of another campaign", async () => {
    const other = (email: string, person: string, more = {}) => ({ email, person, campaign: "x", ...more });
    await logRows(
      ...["5", "6"].flatMap((email) => ["p", "q", "r"].map((person) => other(email, person))),
      other("6", "q", { type: 9 }),
      other("6", "s", { campaign: "y" }),
    );
    const listed: string[] = [];
    for (let next: unknown = ""; next !== undefined; ) {
      const { body } = await get(
        `/v1/reports/recipients?campaign=x&did=not_opened&limit=2&cursor=${next}`.replace(/&cursor=$/, ""),
      );
      const data = body.data as { person: { id: string }; email: { id: number } }[];
      listed.push(...data.map(({ email, person }) => `${email.id} ${person.id}`));
      next = body.next;
    }
    expect(listed).toEqual(["5 p", "5 q", "5 r", "6 p", "6 r"]);
    const file = await ask("/v1/reports/recipients.csv?campaign=x&did=opened", { headers: BEARER });
    expect(await file.text()).toMatch(/Person,Address,Email,Campaign,Sent At,Status\r\nq,,6,x,[^,]+,delivered\r\n$/);
    expect(await get("/v1/reports/recipients?did=opened")).toMatchObject({
      status: 400,
      body: { error: { code: "missing_field", field: "email" } },
    });
  });

  it("leaves out whom nobody knows: pseudonyms", async () => {
    await logRows({ person: `~anon-${"1".repeat(14)}`, type: 10 });
    expect(await people("did=opened")).toBe("a e");
  });

  it("comes in pages, each cursor for its own list, and as CSV", async () => {
    const first = (await get("/v1/reports/recipients?email=7&did=not_opened&limit=1")).body;
    const { body } = await get(`/v1/reports/recipients?email=7&did=not_opened&limit=1&cursor=${first.next}`);
    expect(body).toMatchObject({ data: [{ person: { id: "f" }, status: "pending" }], next: expect.any(String) });
    const other = await get(`/v1/reports/recipients?email=7&did=opened&cursor=${first.next}`);
    expect(other).toMatchObject({ status: 400, body: { error: { field: "cursor" } } });
    const text = await (await ask("/v1/reports/recipients.csv?email=7&did=clicked", { headers: BEARER })).text();
    expect(text).toMatch(
      /^Person,Address,Email,Campaign,Sent At,Status\r\na,a@one\.example,7,42,20\S+Z,delivered\r\ne,/,
    );
  });
});
