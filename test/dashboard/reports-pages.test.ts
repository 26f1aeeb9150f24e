/** The pages of reports: overview, emails and campaigns. Their numbers are those of `/v1`. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import type { Scope } from "../../src/access/scope.ts";
import { periodOf, unitOf } from "../../src/dashboard/period.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { apart, click, logMailing } from "../reports/small-mailing.ts";
import { signedIn } from "./browser.ts";
import { shownPage } from "./page.ts";

interface Counts {
  readonly sent: number;
  readonly delivered: number;
  readonly hardBounced: number;
  readonly softBounced: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
  readonly complained: number;
  readonly bots: { readonly opened: number; readonly clicked: number };
}

const BOUNCE = JSON.stringify({ category: 2, details: "550 <b>no</b>", status: "5.1.1" });

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString();

describe("the period of a page", () => {
  const days = (query: string, zone: string, now: string) => {
    const { firstDay, lastDay, sinceMs, untilMs, before } = periodOf(new URLSearchParams(query), zone, at(now));
    return [`${firstDay} ${lastDay}`, ...[sinceMs, untilMs, before.sinceMs, before.untilMs].map(iso)];
  };

  it.each([
    [
      "of thirty days with today, of which as much has passed in the one before",
      "",
      "Europe/Paris",
      "2026-11-29T10:00:00Z",
      "2026-10-31 2026-11-29",
      ["2026-10-30T23:00:00.000Z", "2026-11-29T10:00:00.000Z", "2026-09-30T22:00:00.000Z", "2026-10-30T10:00:00.000Z"],
    ],
    [
      "of today, the day after the clocks were put back",
      "period=today",
      "Europe/Paris",
      "2026-10-26T11:00:00Z",
      "2026-10-26 2026-10-26",
      ["2026-10-25T23:00:00.000Z", "2026-10-26T11:00:00.000Z", "2026-10-24T22:00:00.000Z", "2026-10-25T11:00:00.000Z"],
    ],
    [
      "that is over, with a day of 23 hours",
      "from=2026-03-28&to=2026-03-29",
      "Europe/Paris",
      "2026-11-29T10:00:00Z",
      "2026-03-28 2026-03-29",
      ["2026-03-27T23:00:00.000Z", "2026-03-29T22:00:00.000Z", "2026-03-25T23:00:00.000Z", "2026-03-27T23:00:00.000Z"],
    ],
    [
      "of today at an hour that yesterday's clock left out",
      "period=today",
      "Europe/Paris",
      "2026-03-30T00:30:00Z",
      "2026-03-30 2026-03-30",
      ["2026-03-29T22:00:00.000Z", "2026-03-30T00:30:00.000Z", "2026-03-28T23:00:00.000Z", "2026-03-29T01:00:00.000Z"],
    ],
    [
      "of today on the other side of the date line",
      "period=today",
      "Pacific/Kiritimati",
      "2026-11-28T20:00:00Z",
      "2026-11-29 2026-11-29",
      ["2026-11-28T10:00:00.000Z", "2026-11-28T20:00:00.000Z", "2026-11-27T10:00:00.000Z", "2026-11-27T20:00:00.000Z"],
    ],
    [
      "until today, when no last day is given",
      "from=2026-11-28&to=",
      "UTC",
      "2026-11-29T12:00:00Z",
      "2026-11-28 2026-11-29",
      ["2026-11-28T00:00:00.000Z", "2026-11-29T12:00:00.000Z", "2026-11-26T00:00:00.000Z", "2026-11-27T12:00:00.000Z"],
    ],
  ])("is one %s", (_, query, zone, now, dates, times) => {
    expect(days(query, zone, now)).toEqual([dates, ...times]);
  });

  it.each([
    "from=2026-11-30&to=2026-11-01",
    "from=2026-02-30&to=2026-03-01",
    "from=&to=2026-03-01",
    "from=%3Cb%3E",
  ])("stays the one by default when dates are wrong (%s), and says so", (query) => {
    const { choice, problem } = periodOf(new URLSearchParams(query), "UTC", at("2026-11-29"));
    expect([choice, problem]).toEqual(["month", expect.stringMatching(/^The (first|last) day /)]);
  });

  it("is in hours, days or weeks, as one can still read, and in others where a chart has room for them", () => {
    const unit = (query: string, by: string | null = null) =>
      unitOf(periodOf(new URLSearchParams(query), "UTC", at("2026-11-29T12:00:00Z")), by);
    expect(["today", "week", "quarter", "year"].map((preset) => unit(`period=${preset}`))).toEqual([
      "hour",
      "day",
      "day",
      "week",
    ]);
    expect([unit("period=week", "hour"), unit("period=year", "hour"), unit("period=year", "minute")]).toEqual([
      "hour",
      "week",
      "week",
    ]);
  });
});

describe("the overview", () => {
  it("says what to do next while nothing was ever sent", async () => {
    await emptyLog();
    const page = await shownPage("/app");
    expect([page.status, page.text("h1")]).toEqual([200, "Overview"]);
    expect(page.html).toContain("No mail has been sent yet");
    expect(page.links.get("How the API is called")).toBe("/v1/docs");
  });

  describe("of a mailing", () => {
    let token = "";
    beforeAll(async () => {
      await emptyLog();
      token = await signedIn();
      await logMailing();
      await logRows({ person: "f", type: 9 }, ...apart([click("b", "l1"), { person: "c", type: 10, is_bot: 1 }]));
    });

    it("shows the numbers of the API's series, of what each is a share, and what bots did apart", async () => {
      const { figures } = await shownPage("/app", token);
      const total = (await get("/v1/reports/series?by=day")).body.total as Counts;
      const { sent, delivered, hardBounced, softBounced, opened, clicked, unsubscribed, complained, bots } = total;
      expect(Object.entries(figures).map(([label, [value]]) => [label, value])).toEqual([
        ["Sent", String(sent)],
        ["Delivered", String(delivered)],
        ["Opened", String(opened)],
        ["Clicked", String(clicked)],
        ["Unsubscribed", String(unsubscribed)],
        ["Bounced", String(hardBounced + softBounced)],
        ["Complained", String(complained)],
      ]);
      expect(bots.opened).toBeGreaterThan(0);
      expect(figures.Opened?.[1]).toContain(`${((100 * opened) / delivered).toFixed(1)}% of delivered`);
      expect(figures.Opened?.[1]).toContain(`without ${bots.opened} that only bots opened`);
      expect(figures.Clicked?.[1]).toContain(`without ${bots.clicked} that only bots clicked`);
    });

    it("draws the chosen number for each day of the zone, with the period before, and has a table of it", async () => {
      const page = await shownPage("/app?show=sent&zone=Asia/Tokyo", token);
      const rows = page.table("Sent, by when the message was sent");
      const { data } = (await get("/v1/reports/series?by=day&zone=Asia/Tokyo")).body as { data: readonly Counts[] };
      const sum = (values: readonly unknown[]) => values.reduce<number>((all, value) => all + Number(value), 0);
      expect(rows).toHaveLength(30);
      expect(sum(rows.map(({ Sent }) => Sent))).toBe(sum(data.map(({ sent }) => sent)));
      expect(sum(rows.map((row) => row["Sent, period before"]))).toBe(0);
    });

    it("lists the latest campaigns", async () => {
      const page = await shownPage("/app", token);
      expect(page.table("Latest campaigns")).toMatchObject([{ Campaign: "Campaign 42 has no name", Sent: "7" }]);
      expect(page.links.get("Campaign 42")).toBe("/app/campaigns/42");
    });
  });
});

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
      { email: "8", campaign: "h", person: "a", at: Date.now() - hour },
      { email: "8", campaign: "42", person: "a", at: Date.now() - hour },
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
      expect.arrayContaining([`${HOSTILE} id 8`, `${"n".repeat(120)}… id 9`, "Spring id 7"]),
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

  it("keep what is hostile as text: names, links that are no addresses of the web, words of mail servers", async () => {
    const email = await shownPage("/app/emails/8", token);
    expect([email.text("h1"), email.text("title")]).toEqual([HOSTILE, `${HOSTILE} · Waxseal`]);
    expect(email.table("Bounces")).toMatchObject([{ "What servers say": "550 <b>no</b>", Bounces: "1" }]);
    expect(email.table("Campaigns").map(({ Campaign }) => Campaign)).toEqual(
      expect.arrayContaining([`${ARABIC} id h`, "Campaign 42 has no name"]),
    );
    const withLink = await shownPage("/app/emails/9", token);
    expect(withLink.table("Links of this email")).toMatchObject([{ Link: "javascript:alert(1)" }]);
    expect([...withLink.links.values()].filter((href) => href.startsWith("javascript"))).toEqual([]);
    const campaign = await shownPage("/app/campaigns/h", token);
    expect(campaign.text("h1")).toBe(ARABIC);
    expect(campaign.table("Emails of this campaign")).toHaveLength(2);
    expect(campaign.table("From sent to clicked")[0]).toMatchObject({ Count: "2" });
  });

  it("say so where nothing is known of them", async () => {
    for (const path of ["/app/emails/nothing", "/app/campaigns/nothing"]) {
      const page = await shownPage(path, token);
      expect([page.status, page.html.includes("is known")]).toEqual([200, true]);
    }
    expect((await shownPage("/app/emails/no%20id", token)).status).toBe(400);
  });

  it("list who opened, clicked or did neither, masked for a reader without pii, as a file, too", async () => {
    const reader = await readerWith("read");
    const file = `/app/files/reports/recipients.csv?did=opened&email=7`;
    const people = async (session: string, did: string) =>
      (await shownPage(`/app/emails/7/recipients?did=${did}`, session)).table("People").map(({ Person }) => Person);
    expect(await people(token, "opened")).toEqual(["Person a", "eva@mail.example"]);
    expect(await people(token, "not_opened")).toHaveLength(5);
    for (const path of ["/app/emails/7/recipients?did=opened", "/app/emails/7", "/app/emails", "/app", file]) {
      const { status, html } = await shownPage(path, reader);
      expect([path, status, html.includes("eva@")]).toEqual([path, 200, false]);
    }
    expect((await shownPage(file, token)).html).toContain("eva@mail.example");
    expect((await shownPage("/app/emails/7", reader)).links.has("Suppressions")).toBe(false);
  });
});
