/** GET /v1/reports/emails, and what both reports have in common. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask, withoutD1 } from "../worker.ts";
import { apart, click, logMailing } from "./small-mailing.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };
const HOUR = 3_600_000;

beforeEach(emptyLog);

describe("GET /v1/reports/emails", () => {
  it("counts each message once, leaves out bots, and answers the rates", async () => {
    await logMailing();
    const { status, body } = await get("/v1/reports/emails");
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        {
          email: { id: 7, name: "Spring" },
          sent: 7,
          delivered: 3,
          hardBounced: 1,
          softBounced: 1,
          pending: 1,
          noResponse: 1,
          opened: 2,
          openedByPixel: 1,
          clicked: 2,
          unsubscribed: 0,
          complained: 0,
          bots: { opened: 1, clicked: 1, clicks: 1 },
          rates: {
            delivered: 3 / 7,
            bounced: 2 / 7,
            opened: 2 / 3,
            clicked: 2 / 3,
            unsubscribed: 0,
            complained: 0,
            clickedOfOpened: 1,
          },
          firstSentAt: expect.stringMatching(/Z$/),
          lastSentAt: expect.stringMatching(/Z$/),
        },
      ],
    });
  });

  it("counts bots on request", async () => {
    await logMailing();
    const { body } = await get("/v1/reports/emails?bots=include");
    const bots = { opened: 1, clicked: 1, clicks: 1 };
    expect(body).toMatchObject({ data: [{ delivered: 3, opened: 3, openedByPixel: 2, clicked: 3, bots }] });
  });

  it("counts opens and clicks of pseudonyms, and nothing else: the messages were sent to a named person", async () => {
    const anonymous = (digit: string) => `~anon-${digit.repeat(14)}`;
    await logRows(
      { person: "a" },
      { person: "b" },
      { person: "c", at: Date.now() - 100 * HOUR },
      { person: "b", type: 7 },
      { person: anonymous("1"), type: 10 },
      { person: anonymous("2"), type: 10, is_bot: 1 },
      click(anonymous("3"), "l1"),
    );
    const { body } = await get("/v1/reports/emails");
    const named = {
      sent: 3,
      delivered: 1,
      pending: 1,
      noResponse: 1,
      hardBounced: 0,
      softBounced: 0,
      unsubscribed: 0,
    };
    expect(body).toMatchObject({ data: [{ ...named, opened: 2, clicked: 1 }] });
    const withBots = (await get("/v1/reports/emails?bots=include")).body;
    expect(withBots).toMatchObject({ data: [{ ...named, opened: 3, clicked: 1 }] });
    expect((await get("/v1/reports/links?email=7")).body).toMatchObject({ total: { clicks: 1, people: 1 } });
  });

  it("counts people whose ids look like a pseudonym without its mark as all others", async () => {
    const people = ["anon-11111111111111", "erased-1", "expired-6f1e8c1a-0b7e-4a55-9d0e-2f6a9f3c5b11", "anon-"];
    await logRows(...people.map((person) => ({ person, type: 10 })));
    const all = people.length;
    expect((await get("/v1/reports/emails")).body).toMatchObject({
      data: [{ sent: all, delivered: all, opened: all }],
    });
  });

  it("has no rate of nothing", async () => {
    await logRows({ person: "a" });
    const { body } = await get("/v1/reports/emails");
    expect(body).toMatchObject({ data: [{ sent: 1, pending: 1, rates: { delivered: 0, opened: null } }] });
  });

  it("is empty for an empty log, and for an unknown email", async () => {
    expect((await get("/v1/reports/emails")).body).toEqual({ data: [] });
    await logMailing();
    expect((await get("/v1/reports/emails?email=8")).body).toEqual({ data: [] });
  });

  it("counts events recorded since the last report", async () => {
    await logRows({ person: "a" });
    expect((await get("/v1/reports/emails")).body).toMatchObject({ data: [{ sent: 1, delivered: 0 }] });
    await logRows({ person: "a", type: 7 }, { person: "b" });
    expect((await get("/v1/reports/emails")).body).toMatchObject({ data: [{ sent: 2, delivered: 1 }] });
  });

  it("counts one email, one campaign, or the messages sent in a period", async () => {
    const at = Date.parse("2026-11-01T12:00:00Z");
    await logRows(
      { person: "a", email: "7", campaign: "x", at },
      { person: "b", email: "7", campaign: "y", at: at + HOUR },
      { person: "c", email: "8", campaign: "y", at: at + 2 * HOUR },
    );
    const sent = async (query: string) => {
      const { data } = (await get(`/v1/reports/emails?${query}`)).body as { data: { sent: number }[] };
      return data.map((report) => report.sent);
    };
    expect(await sent("")).toEqual([2, 1]);
    expect(await sent("email=7")).toEqual([2]);
    expect(await sent("email=7&campaign=y")).toEqual([1]);
    expect(await sent("campaign=y")).toEqual([1, 1]);
    expect(await sent("since=2026-11-01T13:00:00Z")).toEqual([1, 1]);
    expect(await sent("until=2026-11-01T13:00:00Z")).toEqual([1]);
    expect(await sent("since=2026-11-02")).toEqual([]);
  });

  it("has a row for each campaign with by=campaign", async () => {
    await env.DB.prepare(
      "INSERT INTO names (kind, id, name, folded) VALUES ('campaign', 'x', 'Letters', 'letters')",
    ).run();
    await logRows({ campaign: "x" }, { campaign: "y" }, { campaign: "y", person: "2" });
    const { body } = await get("/v1/reports/emails?by=campaign&email=7");
    expect(body).toMatchObject({
      data: [
        { campaign: { id: "x", name: "Letters" }, sent: 1 },
        { campaign: { id: "y" }, sent: 2 },
      ],
    });
  });

  it("comes in pages", async () => {
    await logRows({ email: "a" }, { email: "b" }, { email: "c" });
    const first = (await get("/v1/reports/emails?limit=2")).body;
    expect(first).toMatchObject({ data: [{ email: { id: "a" } }, { email: { id: "b" } }] });
    const second = (await get(`/v1/reports/emails?limit=2&cursor=${first.next}`)).body;
    expect(second).toMatchObject({ data: [{ email: { id: "c" } }] });
    expect(second.next).toBeUndefined();
    const ofAnotherList = await get(`/v1/reports/emails?by=campaign&cursor=${first.next}`);
    expect(ofAnotherList).toMatchObject({ status: 400, body: { error: { code: "invalid_field", field: "cursor" } } });
  });

  it.each([
    ["sort=name", "invalid_field", "sort"],
    ["trend=8", "missing_field", "since"],
    ["trend=101&since=2026-11-01", "invalid_field", "trend"],
    ["email=a%20b", "invalid_field", "email"],
    ["since=yesterday", "invalid_field", "since"],
    ["until=2026-02-30", "invalid_field", "until"],
    ["bots=yes", "invalid_field", "bots"],
    ["by=person", "invalid_field", "by"],
    ["limit=0", "invalid_field", "limit"],
    ["limit=1001", "invalid_field", "limit"],
    ["limit=ten", "invalid_field", "limit"],
    ["name=", "invalid_field", "name"],
    [`name=${"n".repeat(256)}`, "invalid_field", "name"],
    ["cursor=b", "invalid_field", "cursor"],
    ["colour=red", "unknown_field", "colour"],
    ["email=7&email=8", "invalid_field", "email"],
  ])("refuses %s as %s, and names the parameter", async (query, code, field) => {
    const { status, body } = await get(`/v1/reports/emails?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code, field } });
  });

  it("is CSV by its path or by Accept", async () => {
    await logMailing();
    const byPath = await ask("/v1/reports/emails.csv", { headers: BEARER });
    const byAccept = await ask("/v1/reports/emails", { headers: { ...BEARER, Accept: "text/csv" } });
    const text = await byPath.text();
    expect(text).toBe(await byAccept.text());
    expect(byPath.headers.get("Content-Type")).toBe("text/csv; charset=utf-8; header=present");
    expect(byPath.headers.get("Content-Disposition")).toBe('attachment; filename="emails.csv"');
    const [head, row, end] = text.split("\r\n");
    expect(head).toBe(
      "Id,Name,Sent,Delivered,Hard Bounced,Soft Bounced,Pending,No Response,Opened,Opened by Pixel,Clicked Link," +
        "Unsubscribed,Complained,Delivered of Sent,Bounced of Sent,Opened of Delivered,Clicked of Delivered," +
        "Unsubscribed of Delivered,Complained of Delivered,Clicked of Opened," +
        "Bots: Opened,Bots: Clicked,Bots: Clicks,First Sent At,Last Sent At",
    );
    expect(row).toContain(`7,Spring,7,3,1,1,1,1,2,1,2,0,0,${3 / 7},${2 / 7},${2 / 3},${2 / 3},0,0,1,1,1,1,20`);
    expect(end).toBe("");
  });

  it.each([
    ["text/csv;q=0.1, application/json", "application/json"],
    ["text/csv;q=0", "application/json"],
    ["application/json;q=0.5, Text/CSV", "text/csv"],
    ["text/html, text/*;q=0.8, */*;q=0.1", "text/csv"],
    ["*/*", "application/json"],
  ])("for Accept: %s is %s", async (Accept, type) => {
    const { headers } = await ask("/v1/reports/emails", { headers: { ...BEARER, Accept } });
    expect(headers.get("Content-Type")).toContain(type);
  });

  it("is CSV in UTF-8 with a byte order mark, without which Excel shows other letters", async () => {
    await logMailing();
    const answer = await ask("/v1/reports/emails.csv", { headers: BEARER });
    expect([...new Uint8Array(await answer.arrayBuffer())].slice(0, 5)).toEqual([0xef, 0xbb, 0xbf, 0x49, 0x64]);
  });

  it("comes in pages as CSV, too, and its header leads to the next", async () => {
    await logRows({ email: "a" }, { email: "b" }, { email: "c" });
    const first = await ask("/v1/reports/emails.csv?bots=include&limit=2", { headers: BEARER });
    expect((await first.text()).split("\r\n").length).toBe(4);
    const link = first.headers.get("Link") ?? "";
    expect(link).toMatch(/^<\/v1\/reports\/emails\.csv\?bots=include&limit=2&cursor=[\w-]+>; rel="next"$/);
    const second = await ask(link.slice(1, link.indexOf(">")), { headers: BEARER });
    expect(await second.text()).toContain("\r\nc,,1,");
    expect(second.headers.get("Link")).toBeNull();
  });

  it("has a hundred and fifty emails in one answer", async () => {
    await logRows(...Array.from({ length: 150 }, (_, index) => ({ email: `e${index}` })));
    const text = await (await ask("/v1/reports/emails.csv", { headers: BEARER })).text();
    expect(text.trimEnd().split("\r\n").length).toBe(151);
  });

  it.each([
    ['=HYPERLINK("https://evil.example")', `"'=HYPERLINK(""https://evil.example"")"`],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t'=1"],
    ["\r=1", `"'\r'=1"`],
    ["\n=1", `"'\n'=1"`],
    ["＝1", "'＝1"],
    ["a;=1+1", "a;'=1+1"],
    ['said "-5%"', '"said ""-5%"""'],
    ['5;"=1+1;" x', `"5;""'=1+1;"" x"`],
    ["a\r\n-1", `"a\r\n'-1"`],
    ["1=1+1-1@1", "1=1+1-1@1"],
  ])("has no formula and no broken line in its CSV when an email is called %j", async (name, cell) => {
    await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '7', ?1, lower(?1))")
      .bind(name)
      .run();
    await logRows({ person: "a" });
    const text = await (await ask("/v1/reports/emails.csv", { headers: BEARER })).text();
    expect(text.slice(text.indexOf("\r\n") + 2)).toMatch(/^7,/);
    expect(text).toContain(`\r\n7,${cell},1,`);
  });

  it("is refused with 503 while D1 is out of reach", async () => {
    const broken = withoutD1();
    const { status, body } = await get("/v1/reports/emails", broken);
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: { code: "storage_unavailable" } });
  });

  it("is refused with 503 and Retry-After while too much of the log is not aggregated yet", async () => {
    await logRows(...apart(Array.from({ length: 10_007 }, () => click("a", "l1"))));
    const start = Date.now();
    let calls = 0;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => start + 25_000 * calls++);
    const answer = await ask("/v1/reports/emails", { headers: BEARER });
    clock.mockRestore();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    const { error } = await answer.json<{ error: { code: string; message: string } }>();
    expect(error.code).toBe("storage_unavailable");
    expect(error.message).toContain("still has 7 events");
    expect((await get("/v1/reports/links?email=7")).body).toMatchObject({ total: { clicks: 10_007 } });
  });
});

describe("reports", () => {
  it("need a key", async () => {
    for (const path of ["emails", "emails.csv", "links?email=7", "links.csv?email=7"])
      expect((await ask(`/v1/reports/${path}`)).status).toBe(401);
  });

  it("are read, not written", async () => {
    const answer = await ask("/v1/reports/emails", { method: "POST", headers: BEARER });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD");
  });
});
