/** The periods of pages, and the overview, whose numbers are those of `/v1`. */
import { beforeAll, describe, expect, it } from "vitest";
import { periodOf, periodOrAll, unitOf } from "../../src/dashboard/period.ts";
import { periodPhrase } from "../../src/dashboard/period-picker.tsx";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { apart, click, logMailing } from "../reports/small-mailing.ts";
import { signedIn } from "./browser.ts";
import { attributeOf, shownPage, textOf } from "./page.ts";

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

  it.each([
    ["from=2026-11-29&to=2026-11-29", "on 29 Nov 2026"],
    ["from=2026-11-01&to=2026-11-20", "from 1 Nov 2026 to 20 Nov 2026"],
    ["period=all", "at any time"],
  ])("is worded so that it can follow a verb (%s)", (query, words) => {
    expect(periodPhrase(periodOrAll(new URLSearchParams(query), "UTC", at("2026-11-29"), "all"))).toBe(words);
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
      expect(figures.Opened?.[1]).toContain(`without ${bots.opened} that only bots or Apple’s proxy opened`);
      expect(figures.Clicked?.[1]).toContain(`without ${bots.clicked} that only bots clicked`);
    });

    it("draws the chosen number for each day of the zone, and has a table of it", async () => {
      const page = await shownPage("/app?show=sent&zone=Asia/Tokyo", token);
      const rows = page.table("Sent, by when the message was sent");
      const { data } = (await get("/v1/reports/series?by=day&zone=Asia/Tokyo")).body as { data: readonly Counts[] };
      const sum = (values: readonly unknown[]) => values.reduce<number>((all, value) => all + Number(value), 0);
      expect(rows).toHaveLength(30);
      expect(sum(rows.map(({ Sent }) => Sent))).toBe(sum(data.map(({ sent }) => sent)));
      expect(Object.keys(rows[0] ?? {})).toEqual(["Day", "Sent"]);
    });

    it("lists the latest campaigns", async () => {
      const page = await shownPage("/app", token);
      expect(page.table("Latest campaigns")).toMatchObject([{ Campaign: "Campaign 42 Yours has no name", Sent: "7" }]);
      expect(page.links.get("Campaign 42")).toBe("/app/campaigns/42?period=month");
    });

    it("leads from every number to the same messages: of its period, in its zone", async () => {
      const day = iso(Date.now()).slice(0, "2026-11-01".length);
      for (const [query, chosen] of [
        ["?zone=Asia/Tokyo", "period=month&zone=Asia%2FTokyo"],
        [`?from=${day}&to=`, `from=${day}&to=${day}`],
      ] as const) {
        const anchors = (await shownPage(`/app${query}`, token)).all("a");
        const parameters = (label: string) => {
          const first = anchors.find((anchor) => textOf(anchor) === label);
          const [path, text] = (first === undefined ? "" : (attributeOf(first, "href") ?? "")).split("?");
          const query = new URLSearchParams(text);
          query.delete("sort");
          query.sort();
          return [path, query.toString()];
        };
        const leads = ["Sent", "Opened", "Bounced", "Complained", "All campaigns", "Campaign 42"].map(parameters);
        const paths = ["emails", "emails", "deliverability", "deliverability", "campaigns", "campaigns/42"];
        expect(leads).toEqual(paths.map((path) => [`/app/${path}`, chosen]));
      }
    });

    it("says how rates differ from those before, by how many points, and that those messages had longer", async () => {
      const old = { email: "70", campaign: "old", at: Date.now() - 40 * 86_400_000 };
      await logRows(
        ...["a", "b", "c", "d"].map((person) => ({ ...old, person })),
        ...apart([click("a", "l1", { ...old, at: old.at + 3_600_000 })]),
      );
      const page = await shownPage("/app", token);
      const { figures, html } = page;
      const before = page
        .table("Opened, by when the message was sent")
        .map((row) => row["Opened by people, period before"]);
      expect(before.filter((count) => count === "1")).toHaveLength(1);
      const total = (await get("/v1/reports/series?by=day")).body.total as Counts;
      const points = (100 * (total.opened / total.delivered - 1)).toFixed(1);
      expect(figures.Opened?.[1]).toContain(`${points} points from 100% (1) before`);
      expect(figures.Sent?.[1]).toBe(`+${Math.round(100 * (total.sent / 4 - 1))}% from 4 before`);
      expect(html).toContain("have had longer to be opened");
      const dayAfter = iso(old.at + 86_400_000).slice(0, "2026-11-01".length);
      const { html: ofOneDay } = await shownPage(`/app?from=${dayAfter}&to=${dayAfter}`, token);
      expect(ofOneDay).toMatch(/sent in the period before, on </);
    });
  });
});
