/** GET /v1/reports/links. */
import { beforeEach, describe, expect, it } from "vitest";
import { compile, decorate } from "../../src/decorate/index.ts";
import { emptyLog, keys, logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask, environment, ORIGIN } from "../worker.ts";
import { apart, click, logMailing } from "./small-mailing.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

const LINK = (id: string, emails: number) => ({ id, url: `https://shop.example/${id}`, emails });

beforeEach(emptyLog);

describe("GET /v1/reports/links", () => {
  it("answers each link's clicks and people, and their shares", async () => {
    await logMailing();
    const { status, body } = await get("/v1/reports/links?email=7");
    expect(status).toBe(200);
    expect(body).toEqual({
      total: { clicks: 4, people: 2, bots: { clicks: 1, people: 1 } },
      data: [
        {
          id: "l1",
          url: "https://shop.example/l1",
          emails: 1,
          clicks: 3,
          clicksShare: 3 / 4,
          people: 2,
          peopleShare: 1,
          bots: { clicks: 0, people: 0 },
        },
        {
          id: "l2",
          url: "https://shop.example/l2",
          emails: 1,
          clicks: 1,
          clicksShare: 1 / 4,
          people: 1,
          peopleShare: 1 / 2,
          bots: { clicks: 0, people: 0 },
        },
        {
          id: "l3",
          url: "https://shop.example/l3",
          emails: 1,
          clicks: 0,
          clicksShare: 0,
          people: 0,
          peopleShare: 0,
          bots: { clicks: 1, people: 1 },
        },
      ],
    });
  });

  it("adds up the links of a campaign's emails, each person once, and of no other campaign", async () => {
    await logRows(
      ...apart([
        click("a", "hats", { email: "1", campaign: "x" }),
        click("a", "hats", { email: "2", campaign: "x" }),
        click("b", "hats", { email: "2", campaign: "x" }),
        click("b", "caps", { email: "2", campaign: "x" }),
        click("c", "hats", { email: "1", campaign: "y" }),
        click("c", "only-y", { email: "3", campaign: "y" }),
      ]),
    );
    const of = async (query: string) => (await get(`/v1/reports/links?${query}`)).body;
    const none = { clicks: 0, people: 0 };
    expect(await of("campaign=x")).toEqual({
      total: { clicks: 4, people: 2, bots: none },
      data: [
        { ...LINK("hats", 2), clicks: 3, clicksShare: 3 / 4, people: 2, peopleShare: 1, bots: none },
        { ...LINK("caps", 1), clicks: 1, clicksShare: 1 / 4, people: 1, peopleShare: 1 / 2, bots: none },
      ],
    });
    expect(await of("campaign=x&email=1")).toMatchObject({ total: { clicks: 1, people: 1 }, data: [LINK("hats", 1)] });
    expect(await of("campaign=none")).toMatchObject({ total: { clicks: 0 }, data: [] });
    expect(await get("/v1/reports/links?since=2026-11-01")).toMatchObject({
      status: 400,
      body: { error: { code: "missing_field", field: "email", message: "An email or a campaign must be named." } },
    });
  });

  it("shows a described email's links by their names, also those that nobody has clicked", async () => {
    const source = (person: number) => ({
      html: `<a data-link-name="Account" href="https://x.example/a?uid=${person}">a</a>
        <a href="https://x.example/?uid=${person}&amp;b=1">b</a>
        <a data-link-name="Never" href="https://x.example">c</a>`,
    });
    const options = { keys, origin: ORIGIN, personalParameters: ["uid"] };
    const description = compile(source(0), options).describe({ email: { id: 7, name: "News" }, campaign: 42 });
    const described = await post("/v1/emails", description);
    expect(described.body).toEqual({ email: { id: 7, name: "News" }, campaign: { id: 42 }, links: 3 });
    const visited = [1, 2].flatMap((person) => {
      const { links } = decorate(source(person), options, { email: 7, person, campaign: 42 });
      return links.slice(0, 2).map(({ id, url }) => click(String(person), id, { link: url }));
    });
    await logRows(...apart(visited));
    const around = environment({ PERSONAL_PARAMETERS: "uid, token" });
    const answer = await ask("/v1/reports/links?email=7", { headers: BEARER }, around);
    const { data } = await answer.json<{ data: { clicks: number }[] }>();
    expect(data.toSorted((one, other) => one.clicks - other.clicks)).toMatchObject([
      { name: "Never", url: "https://x.example", clicks: 0, people: 0 },
      { clicks: 2, people: 2 },
      { clicks: 2, people: 2 },
    ]);
    const clicked = expect.arrayContaining([
      expect.objectContaining({ name: "Account", url: "https://x.example/a" }),
      expect.not.objectContaining({ name: expect.anything(), url: "https://x.example/?b=1" }),
    ]);
    expect(data).toEqual(clicked);
  });

  it("shows no personal value of a link that was never described", async () => {
    await logRows(click("a", "l1", { link: "https://x.example/?uid=1&b=2" }));
    const around = environment({ PERSONAL_PARAMETERS: "uid" });
    const answer = await ask("/v1/reports/links?email=7", { headers: BEARER }, around);
    expect(await answer.json()).toMatchObject({ data: [{ url: "https://x.example/?b=2", clicks: 1 }] });
  });

  it("keeps one description of an email, the last", async () => {
    const describe = (name: string | undefined, url: string) =>
      post("/v1/emails", { email: 7, links: [{ id: "6c53f004", name, url }] });
    await describe("One", "https://x.example/1");
    await describe("Two", "https://x.example/2");
    expect((await get("/v1/reports/links?email=7")).body).toMatchObject({
      data: [{ id: "6c53f004", name: "Two", url: "https://x.example/2" }],
    });
    for (const [wrong, field] of [
      [{ email: 7, links: [{ id: "a b", url: "https://x.example" }] }, "links.0.id"],
      [{ email: 7, links: [{ id: "a", url: "" }] }, "links.0.url"],
      [{ email: { id: 7, title: "x" } }, "email.title"],
    ] as const) {
      const { status, body } = await post("/v1/emails", wrong);
      expect([status, body.error]).toMatchObject([400, { field }]);
    }
  });

  it("skips and repeats no link whose clicks stay when another one is clicked between two pages", async () => {
    const clicks = (link: string, times: number) =>
      apart(Array.from({ length: times }, (_, index) => click(`${link}-${index}`, link)));
    await logRows(...clicks("most", 3), ...clicks("b", 1), ...clicks("a", 1), ...clicks("two", 2));
    const first = (await get("/v1/reports/links?email=7&limit=2")).body;
    await logRows(...clicks("new", 4), ...clicks("most", 1));
    const second = (await get(`/v1/reports/links?email=7&limit=1&cursor=${first.next}`)).body;
    const third = (await get(`/v1/reports/links?email=7&cursor=${second.next}`)).body;
    const ids = [first, second, third].flatMap(({ data }) => (data as { id: string }[]).map(({ id }) => id));
    expect(ids).toEqual(["most", "two", "a", "b"]);
    expect(third.next).toBeUndefined();
  });

  it("takes a cursor for the same question only", async () => {
    await logRows(click("a", "l1"), click("a", "l2"), click("a", "l3", { email: "8" }));
    const { next } = (await get("/v1/reports/links?email=7&limit=1")).body;
    for (const query of ["email=8", "email=7&bots=include", "email=7&campaign=42", "email=7&since=2020-01-01"])
      expect(await get(`/v1/reports/links?${query}&cursor=${next}`)).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_field", field: "cursor" } },
      });
    expect(await get(`/v1/reports/links?email=7&limit=9&cursor=${next}`)).toMatchObject({ status: 200 });
  });

  it("counts bots on request", async () => {
    await logMailing();
    const { body } = await get("/v1/reports/links?email=7&bots=include");
    expect(body).toMatchObject({ total: { clicks: 5, people: 3, bots: { clicks: 1, people: 1 } } });
  });

  it("says what bots clicked beside people, and counts a person apart whom only bots clicked for", async () => {
    await logRows(
      ...apart([
        click("a", "l1"),
        click("a", "l1", { is_bot: 1 }),
        click("b", "l1", { is_bot: 1 }),
        click("b", "l2", { is_bot: 1, campaign: "y" }),
      ]),
    );
    const { body } = await get("/v1/reports/links?email=7");
    expect(body).toMatchObject({ total: { clicks: 1, people: 1, bots: { clicks: 3, people: 1 } } });
    expect(body).toMatchObject({ data: [{ bots: { clicks: 2, people: 1 } }, { bots: { clicks: 1, people: 1 } }] });
  });

  it("leaves out the honeypot, which is no link of the email", async () => {
    await logRows(click("a", "l1"), click("b", "honeypot", { is_bot: 1 }), click("c", "honeypot"));
    const links = [{ id: "l1", clicks: 1, clicksShare: 1, people: 1, peopleShare: 1 }];
    for (const bots of ["exclude", "include"])
      expect((await get(`/v1/reports/links?email=7&bots=${bots}`)).body).toMatchObject({
        total: { clicks: 1, people: 1 },
        data: links,
      });
    expect((await get("/v1/reports/links?email=7")).body.data).toHaveLength(1);
  });

  it("counts a person once who got the email from two campaigns", async () => {
    await logRows(click("a", "l1", { campaign: "x" }), click("a", "l1", { campaign: "y" }));
    expect((await get("/v1/reports/links?email=7")).body).toMatchObject({ total: { clicks: 2, people: 1 } });
    expect((await get("/v1/reports/links?email=7&campaign=x")).body).toMatchObject({ total: { clicks: 1, people: 1 } });
  });

  it("tells two links of an email to one page apart, in CSV, too", async () => {
    const html = ['<img src="a.png">', "Buy"].map((shown) => `<a href="https://shop.example/a">${shown}</a>`).join("");
    const options = { keys, origin: ORIGIN, utm: { source: "news" } };
    const { links } = decorate({ html }, options, { email: 7, person: 1, campaign: 42 });
    const [picture, text] = links;
    await logRows(
      ...apart([text, text, picture].map((link) => click("a", link?.id ?? "", { link: link?.url }))),
      click("a", "l1", { link: "https://shop.example/b" }),
    );
    const { data } = (await get("/v1/reports/links?email=7")).body as { data: { occurrence?: number }[] };
    expect(data.map(({ occurrence }) => occurrence)).toEqual(expect.arrayContaining([2, 1, undefined]));
    const csv = await (await ask("/v1/reports/links.csv?email=7", { headers: BEARER })).text();
    expect(csv).toMatch(/^Link ID,.*\r\n\w{8},,https:\S+utm_source=news,2,1,2,/);
  });

  it("counts the clicks on a link in the messages of each day, each person once, with series", async () => {
    const [first, second] = [Date.parse("2026-10-24T12:00:00Z"), Date.parse("2026-10-25T12:00:00Z")];
    const later = second + 100 * 3_600_000;
    await logRows(
      ...["a", "b", "c"].map((person) => ({ person, at: first })),
      ...["a", "d"].map((person) => ({ person, campaign: "43", at: second })),
      click("a", "l1", { at: later }),
      click("a", "l1", { at: later + 3_600_000 }),
      click("b", "l2", { at: later }),
      click("c", "l1", { at: later, is_bot: 1 }),
      click("a", "l1", { campaign: "43", at: later + 2 * 3_600_000 }),
      click("d", "l3", { campaign: "43", at: later }),
    );
    const ofLink = async (query: string) =>
      (await get(`/v1/reports/series?by=day&zone=Europe/Paris&since=2026-10-24&until=2026-10-27&link=l1&${query}`))
        .body;
    const none = { clicks: 0, clicksShare: null, people: 0, peopleShare: null, bots: { clicks: 0, people: 0 } };
    expect(await ofLink("email=7")).toMatchObject({
      data: [
        {
          sent: 3,
          link: { clicks: 2, clicksShare: 2 / 3, people: 1, peopleShare: 1 / 2, bots: { clicks: 1, people: 1 } },
        },
        {
          sent: 2,
          link: { clicks: 1, clicksShare: 1 / 2, people: 1, peopleShare: 1 / 2, bots: { clicks: 0, people: 0 } },
        },
        { sent: 0, link: none },
      ],
      total: { link: { clicks: 3, clicksShare: 3 / 5, people: 1, peopleShare: 1 / 3, bots: { clicks: 1, people: 1 } } },
    });
    expect(await ofLink("email=7&bots=include&campaign=42")).toMatchObject({
      data: [{ link: { clicks: 3, people: 2, peopleShare: 2 / 3 } }, { link: none }, { link: none }],
    });
    const { total, data } = (await get("/v1/reports/links?email=7")).body as { total: unknown; data: unknown[] };
    expect([total, data[0]]).toMatchObject([
      { clicks: 5, people: 3 },
      { id: "l1", clicks: 3, people: 1 },
    ]);
    const csv = await (
      await ask(`/v1/reports/series.csv?by=day&zone=Europe/Paris&since=2026-10-24&until=2026-10-27&link=l1&email=7`, {
        headers: BEARER,
      })
    ).text();
    expect(csv).toMatch(/,Link: Clicks,Link: Share of Clicks,.*\r\n.*,2,0\.6{10}\d*,1,0\.5,1,1\r\n/);
  });

  it("needs an email", async () => {
    const { status, body } = await get("/v1/reports/links");
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: "missing_field", field: "email" } });
  });

  it("is empty for an email without clicks", async () => {
    expect((await get("/v1/reports/links?email=9")).body).toEqual({
      total: { clicks: 0, people: 0, bots: { clicks: 0, people: 0 } },
      data: [],
    });
  });

  it("is CSV, too", async () => {
    await logRows(click("a", "l1", { link: "https://shop.example/a,b" }));
    const text = await (await ask("/v1/reports/links.csv?email=7", { headers: BEARER })).text();
    expect(text).toBe(
      "Link ID,Link Name,Link,Occurrence,Emails,Clicks,Share of Clicks,People,Share of People," +
        "Bots: Clicks,Bots: People\r\n" +
        'l1,,"https://shop.example/a,b",,1,1,1,1,1,0,0\r\n',
    );
  });
});
