/** GET /v1/reports/links. */
import { beforeEach, describe, expect, it } from "vitest";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { apart, click, logMailing } from "./small-mailing.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

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
          clicks: 3,
          clicksShare: 3 / 4,
          people: 2,
          peopleShare: 1,
          bots: { clicks: 0, people: 0 },
        },
        {
          id: "l2",
          url: "https://shop.example/l2",
          clicks: 1,
          clicksShare: 1 / 4,
          people: 1,
          peopleShare: 1 / 2,
          bots: { clicks: 0, people: 0 },
        },
        {
          id: "l3",
          url: "https://shop.example/l3",
          clicks: 0,
          clicksShare: 0,
          people: 0,
          peopleShare: 0,
          bots: { clicks: 1, people: 1 },
        },
      ],
    });
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
      "Link ID,Link,Clicks,Share of Clicks,People,Share of People,Bots: Clicks,Bots: People\r\n" +
        'l1,"https://shop.example/a,b",1,1,1,1,0,0\r\n',
    );
  });
});
