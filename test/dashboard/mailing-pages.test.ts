/** The pages of emails and campaigns, and their lists: their numbers are those of `/v1`, of the chosen period. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import type { Scope } from "../../src/access/scope.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { click, logMailing } from "../reports/small-mailing.ts";
import { signedIn } from "./browser.ts";
import { attributeOf, type ShownPage, shownPage } from "./page.ts";

interface Counts {
  readonly sent: number;
  readonly delivered: number;
  readonly opened: number;
  readonly clicked: number;
}

const BOUNCE = JSON.stringify({ category: 2, details: "550 <b>no</b>", status: "5.1.1" });

/** Whoever signs in with a client of this scope. */
async function readerWith(...scopes: readonly Scope[]): Promise<string> {
  const { id: client, secret } = await addClient(env.DB, { name: "Reader", scopes, createdAtMs: Date.now() });
  return await signedIn({ client, secret });
}

describe("emails and campaigns", () => {
  const HOSTILE = '<img src=x onerror="alert(1)"></title><script>alert(1)</script>';
  const ARABIC = "عرض الخريف";
  let token = "";
  beforeAll(async () => {
    await emptyLog();
    token = await signedIn();
    await logMailing();
    const hour = 3_600_000;
    await logRows(
      ...["h", "42"].map((campaign) => ({ email: "8", campaign, person: "a", at: Date.now() - hour })),
      { email: "8", campaign: "h", person: "a", type: 8, at: Date.now() - hour, detail: BOUNCE },
      { email: "9", campaign: "h", person: "b", at: Date.now() - 2 * hour },
      click("b", "bad", { email: "9", campaign: "h", link: "javascript:alert(1)", at: Date.now() - hour }),
    );
    const names = [
      ["email", "8", HOSTILE],
      ["campaign", "h", ARABIC],
      ["email", "9", "n".repeat(200)],
    ];
    for (const row of names) {
      await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES (?1, ?2, ?3, lower(?3))")
        .bind(...row)
        .run();
    }
    await env.DB.prepare("INSERT OR REPLACE INTO people (person, address) VALUES ('e', 'eva@mail.example')").run();
  });

  it("are listed with the API's numbers, the latest first or by a rate, with their names as they are", async () => {
    const page = await shownPage("/app/emails", token);
    const { data } = (await get("/v1/reports/emails?sort=sent_at")).body as { data: readonly Counts[] };
    const rows = page.table("Emails");
    expect(rows.map(({ Sent }) => Sent)).toEqual(data.map(({ sent }) => String(sent)));
    expect(rows.map(({ Email }) => Email)).toEqual(
      expect.arrayContaining([`${HOSTILE} Yours id 8`, `${"n".repeat(120)}… Yours id 9`, "Spring Yours id 7"]),
    );
    expect(page.all("script")).toHaveLength(1);
    expect(page.links.get("CSV")).toMatch(/^[/]app[/]files[/]reports[/]emails.csv[?]by=email&sort=sent_at&/);
    const byRate = await shownPage("/app/emails?sort=opened", token);
    expect(byRate.table("Emails").map(({ Sent }) => Sent)).toEqual(["1", "7", "2"]);
    expect((await shownPage("/app/campaigns", token)).table("Campaigns")).toMatchObject([
      { Campaign: expect.any(String) },
      { Campaign: expect.any(String) },
    ]);
    expect((await shownPage("/app/emails?from=2001-01-01&to=2001-01-02", token)).html).toContain("No email was sent");
  });

  it("have a page with the funnel, links, hours and devices of the API, bots apart or with them", async () => {
    for (const query of ["", "?bots=include"]) {
      const page = await shownPage(`/app/emails/7${query}`, token);
      const bots = query === "" ? "" : "&bots=include";
      const counts = ((await get(`/v1/reports/emails?email=7${bots}`)).body.data as Counts[])[0];
      const funnel = page.table("From sent to clicked").map(({ Count }) => Count);
      expect(funnel).toEqual([counts?.sent, counts?.delivered, counts?.opened, counts?.clicked].map(String));
      expect(page.links.get("Show them on the email")).toBe(`/app/emails/7/clicks${query}`);
      const links = (await get(`/v1/reports/links?email=7${bots}`)).body.data as { clicks: number; people: number }[];
      expect(page.table("Links of this email")).toMatchObject(
        links.map(({ clicks, people }) => ({ Clicks: String(clicks), People: String(people) })),
      );
      const { data } = (await get("/v1/reports/devices?email=7")).body as {
        data: { opened: number; clicks: number }[];
      };
      expect(page.table("Devices")).toMatchObject(
        data.map(({ opened, clicks }) => ({ Opens: String(opened), Clicks: String(clicks) })),
      );
      const week = await get("/v1/reports/activity?by=weekday_hour&email=7&since=2020-01-01");
      const total = week.body.total as { opened: number };
      const hours = page.table("Opens by hour and weekday, hours of UTC");
      const opens = hours
        .flatMap(({ Hour: _, ...days }) => Object.values(days))
        .reduce((sum, day) => sum + Number(day), 0);
      expect(opens).toBe(total.opened);
    }
  });

  it("have a page of a campaign with all of that for its emails, and with each email's click map", async () => {
    const page = await shownPage("/app/campaigns/h", token);
    const links = (await get("/v1/reports/links?campaign=h")).body.data as { clicks: number; emails: number }[];
    expect(page.table("Links of this campaign")).toMatchObject(
      links.map(({ clicks, emails }) => ({ Clicks: String(clicks), Emails: String(emails) })),
    );
    expect(page.table("Emails of this campaign").map(({ Links }) => Links)).toEqual(["Click map", "Click map"]);
    expect(page.links.get("Click map")).toMatch(/^[/]app[/]emails[/][89][/]clicks[?]campaign=h$/);
    const map = await shownPage("/app/emails/9/clicks?campaign=h&bots=include", token);
    expect(map.links.get(ARABIC)).toBe("/app/campaigns/h?bots=include");
    for (const [did, who] of [
      ["clicked", [["Person b", expect.stringMatching(/^n{100}/)]]],
      ["not_opened", []],
    ] as const) {
      const list = await shownPage(`/app/campaigns/h/recipients?did=${did}`, token);
      expect(list.text("h1")).toBe(ARABIC);
      expect(list.table("People").map(({ Person, Email }) => [Person, Email])).toEqual(who);
      expect(page.links.get(did === "clicked" ? "Who clicked" : "Who did nothing")).toBe(
        `/app/campaigns/h/recipients?did=${did}`,
      );
    }
    expect((await shownPage("/app/files/reports/recipients.csv?campaign=h&did=clicked", token)).html).toMatch(/\nb,/);
  });

  it("obey the period that is chosen, in every number, and keep it in what they lead to", async () => {
    const day = 86_400_000;
    const old = { email: "10", campaign: "p", at: Date.now() - 40 * day };
    await logRows(
      ...["a", "b", "c"].map((person) => ({ ...old, person })),
      click("a", "old", { ...old, at: old.at + day }),
      { ...old, person: "b", type: 8, detail: BOUNCE, at: old.at + 1_000 },
      { email: "10", campaign: "p", person: "d", at: Date.now() - day },
      click("d", "new", { email: "10", campaign: "p", at: Date.now() - day + 3_600_000 }),
      // Of an old message, within the hours that are shown.
      { ...old, person: "c", type: 10, at: Date.now() - day + 3_600_000 },
    );
    for (const path of ["/app/emails/10", "/app/campaigns/p"]) {
      const all = await shownPage(path, token);
      const week = await shownPage(`${path}?period=week`, token);
      const shown = (page: ShownPage) => ({
        sent: page.table("From sent to clicked")[0]?.Count,
        clicks: page
          .table(`Links of this ${path.includes("email") ? "email" : "campaign"}`)
          .map(({ Clicks }) => Clicks),
        bounces: page.table("Bounces").length,
        domains: page.table("Recipient domains")[0]?.Sent,
        devices: page.table("Devices")[0]?.Clicks,
        opens: page
          .table("Opens by hour and weekday, hours of UTC")
          .flatMap(({ Hour: _, ...days }) => Object.values(days).map(Number))
          .reduce((sum, opens) => sum + opens, 0),
      });
      const counts = (page: ShownPage) => ({
        ...shown(page),
        clicks: shown(page).clicks.filter((clicks) => clicks !== "0"),
      });
      expect(counts(all)).toEqual({ sent: "4", clicks: ["1", "1"], bounces: 1, domains: "4", devices: "2", opens: 1 });
      expect(counts(week)).toEqual({ sent: "1", clicks: ["1"], bounces: 0, domains: "1", devices: "1", opens: 0 });
      const messages = `/app/messages?period=week&${path.includes("email") ? "email=10" : "campaign=p"}`;
      expect(week.links.get("Messages")).toBe(messages);
      const list = (await shownPage(messages, token)).table("Messages, newest first");
      expect(list.map(({ Recipient }) => Recipient)).toEqual(["Person d Yours"]);
      expect(week.links.get("Who clicked")).toBe(`${path}/recipients?period=week&did=clicked`);
      expect((await shownPage(`${path}/recipients?did=clicked&period=week`, token)).table("People")).toHaveLength(1);
      const none = await shownPage(`${path}?from=2001-01-01&to=2001-01-02`, token);
      expect(none.links.get("Show all time")).toBe(`${path}?period=all`);
      expect((await shownPage(`${path}?from=2001-01-02&to=2001-01-01`, token)).html).toContain("after the last one");
    }
    const map = await shownPage("/app/emails/10/clicks?period=week", token);
    expect(map.table("Links of this email").map(({ People }) => People)).toEqual(["1", "0"]);
  });

  it.each([
    [
      "twice",
      "2026-10-24T22:10:00Z",
      "25 Oct 2026",
      ["01:00", "02:00 UTC+02:00", "02:00 UTC+01:00", "03:00"],
      "26 Oct 2026, 22:00",
    ],
    ["never", "2026-03-28T23:10:00Z", "29 Mar 2026", ["01:00", "03:00"], "31 Mar 2026, 00:00"],
  ])("have the hours of the viewer's clock, of which one comes %s", async (_, sent, date, hours, last) => {
    const first = Date.parse(sent);
    const email = `clocks-${first}`;
    const opens = Array.from({ length: 48 }, (_hour, index) => ({
      ...{ email, person: `p${index}`, type: 10, at: first + index * 3_600_000 + 60_000 },
    }));
    await logRows(
      { email, person: "p0", at: first },
      ...opens.map((row) => ({ ...row, type: 6, at: first })),
      ...opens,
    );
    const page = await shownPage(`/app/emails/${email}?zone=Europe/Paris`, token);
    const rows = page.table("Opens and clicks an hour");
    expect(rows.map((row) => row["Opens by people"])).toEqual(Array(48).fill("1"));
    const named = rows.map(({ Hour = "" }) => Hour);
    expect(named.slice(1, 1 + hours.length)).toEqual(hours.map((hour) => expect.stringContaining(hour)));
    expect([named[0], named.at(-1)]).toEqual([expect.stringContaining(date), expect.stringContaining(last)]);
  });

  it("are found by a part of their name in all time, and stay found from page to page", async () => {
    const found = await shownPage("/app/emails?name=SPRI&period=all", token);
    expect(found.table("Emails").map(({ Email }) => Email)).toEqual(["Spring Yours id 7"]);
    expect(found.all("input").map((input) => attributeOf(input, "value"))).toEqual(
      expect.arrayContaining(["SPRI", "all"]),
    );
    expect(found.links.get("Most sent")).toBe("/app/emails?name=SPRI&period=all&sort=sent");
    expect(found.links.get("CSV")).toBe("/app/files/reports/emails.csv?by=email&sort=sent_at&bots=exclude&name=SPRI");
    expect((await shownPage(`/app/campaigns?name=${ARABIC.slice(4)}`, token)).table("Campaigns")).toHaveLength(1);
    const none = await shownPage("/app/emails?name=nothing&period=week", token);
    expect(none.links.get("Show all time")).toBe("/app/emails?name=nothing&period=all");
  });

  it("are searched for in all time by a name alone, otherwise in the chosen period, which stays", async () => {
    const OLD = expect.stringContaining("Email 11 ");
    const old = { email: "11", campaign: "s", at: Date.now() - 200 * 86_400_000 };
    await logRows({ ...old, person: "a" });
    const listed = async (query: string) => {
      const page = await shownPage(`/app/emails?${query}`, token);
      const sent = page.all("input").flatMap((input) => {
        const name = attributeOf(input, "name") ?? "";
        return ["period", "sort"].includes(name) ? [`${name}=${attributeOf(input, "value")}`] : [];
      });
      return { rows: page.table("Emails").map(({ Email }) => Email), sent: [...new Set(sent)], links: page.links };
    };
    expect(await listed("name=11")).toMatchObject({ rows: [OLD], sent: [] });
    expect((await listed("name=")).rows).not.toContainEqual(OLD);
    expect((await listed("name=11")).links.get("90 days")).toBe("/app/emails?name=11&period=quarter");
    expect(await listed("name=11&period=quarter")).toMatchObject({ rows: [], sent: ["period=quarter"] });
    expect((await listed("sort=opened")).links.get("Spring")).toBe("/app/emails/7?period=quarter");
  });

  it("keep what is hostile as text: names, links that are no addresses of the web, words of mail servers", async () => {
    const email = await shownPage("/app/emails/8", token);
    expect([email.text("h1"), email.text("title")]).toEqual([HOSTILE, `${HOSTILE} · Waxseal`]);
    expect(email.table("Bounces")).toMatchObject([{ "What servers say": "550 <b>no</b>", Bounces: "1" }]);
    expect(email.table("Campaigns").map(({ Campaign }) => Campaign)).toEqual(
      expect.arrayContaining([`${ARABIC} Yours id h`, "Campaign 42 Yours has no name"]),
    );
    const withLink = await shownPage("/app/emails/9", token);
    expect(withLink.table("Links of this email")).toMatchObject([{ Link: "javascript:alert(1)" }]);
    expect([...withLink.links.values()].filter((href) => href.startsWith("javascript"))).toEqual([]);
    const campaign = await shownPage("/app/campaigns/h", token);
    expect(campaign.text("h1")).toBe(ARABIC);
    expect(campaign.table("Emails of this campaign")).toHaveLength(2);
    expect(campaign.table("From sent to clicked")[0]).toMatchObject({ Count: "2" });
  });

  it("stand side by side with the API's numbers, and others are offered beside them", async () => {
    const page = await shownPage("/app/compare?email=7&email=8&email=nothing&email=7", token);
    const { data } = (await get("/v1/reports/emails")).body as { data: (Counts & { email: { id: number } })[] };
    const of = (id: number) => data.find(({ email }) => email.id === id);
    const [sent, delivered] = page.table("Emails side by side");
    expect(sent).toEqual({
      Messages: "Sent",
      "A: Spring": String(of(7)?.sent),
      [`B: ${HOSTILE.slice(0, 20).trimEnd()}…`]: String(of(8)?.sent),
      "C: Email nothing": "–",
    });
    expect(delivered?.["A: Spring"]).toBe(`42.9% ${of(7)?.delivered}`);
    expect(page.links.get(`${"n".repeat(120)}…`)).toBe("/app/emails/9");
    expect(page.links.get("Add")).toMatch(/^[/]app[/]compare[?]email=7&email=8&email=nothing&email=7&email=[\w-]+$/);
    expect(page.all("a").filter((link) => attributeOf(link, "aria-label") === "Take out B")).toHaveLength(1);
    expect((await shownPage("/app/emails/7?period=year", token)).links.get("Compare")).toBe(
      "/app/compare?period=year&email=7",
    );
  });

  it("tell two links of an email to one address apart", async () => {
    const link = "https://shop.example/twice";
    await logRows({ email: "12" }, ...["x1", "x2"].map((id) => click("1", id, { email: "12", link })));
    const rows = (await shownPage("/app/emails/12", token)).table("Links of this email");
    expect(new Set(rows.map(({ Link }) => Link))).toEqual(new Set([`${link} link x1`, `${link} link x2`]));
  });

  it("say so where nothing is known of them", async () => {
    for (const path of ["/app/emails/nothing", "/app/campaigns/nothing"]) {
      const page = await shownPage(path, token);
      expect([page.status, page.html.includes("is known")]).toEqual([200, true]);
    }
    expect((await shownPage("/app/emails/no%20id", token)).status).toBe(400);
  });

  it("list who opened, clicked, may have read it or did nothing, masked without pii, as a file, too", async () => {
    const reader = await readerWith("read");
    const file = `/app/files/reports/recipients.csv?did=opened&email=7`;
    const people = async (session: string, did: string) =>
      (await shownPage(`/app/emails/7/recipients?did=${did}`, session)).table("People").map(({ Person }) => Person);
    expect(await people(token, "opened")).toEqual(["Person a", "eva@mail.example"]);
    expect(await people(token, "not_opened")).toHaveLength(3);
    expect(await people(token, "opened_by_bots")).toEqual(["Person d"]);
    for (const path of ["/app/emails/7/recipients?did=opened", "/app/emails/7", "/app/emails", "/app", file]) {
      const { status, html } = await shownPage(path, reader);
      expect([path, status, html.includes("eva@")]).toEqual([path, 200, false]);
    }
    expect((await shownPage(file, token)).html).toContain("eva@mail.example");
    expect((await shownPage("/app/emails/7", reader)).links.has("Suppressions")).toBe(false);
  });
});
