/** What pages of emails and campaigns say beside their numbers: of which age, time, email and name they are. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { signedIn } from "./browser.ts";
import { shownPage } from "./page.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("pages of emails and campaigns", () => {
  let token = "";
  const words = async (path: string) => {
    const { html } = await shownPage(path, token);
    return html
      .slice(html.indexOf("<main"))
      .replace(/<[^>]*>/g, "")
      .replace(/\s+/g, " ");
  };
  beforeAll(async () => {
    await emptyLog();
    token = await signedIn();
    const now = Date.now();
    await logRows(
      { email: "old", campaign: "autumn", person: "a", at: now - 30 * DAY },
      { email: "old", campaign: "autumn", person: "a", at: now - 30 * DAY + HOUR, type: 10 },
      { email: "older", campaign: "one", person: "a", at: now - 40 * DAY },
      { email: "week", campaign: "autumn", person: "b", at: now - 7 * DAY },
      { email: "week", campaign: "autumn", person: "b", at: now - 6 * DAY, type: 10 },
      { email: "new", campaign: "x", person: "c", at: now - HOUR - 60_000 },
      { email: "newer", campaign: "x", person: "d", at: now - 60_000 },
      { email: "newer", campaign: "x", person: "d", at: now - 30_000, type: 10 },
      { email: "scanned", campaign: "scans", person: "e", at: now - HOUR },
      { email: "scanned", campaign: "scans", person: "e", at: now - HOUR, type: 10, is_bot: 1 },
    );
    const named = env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES (?1, ?2, ?3, lower(?3))");
    await env.DB.batch([named.bind("email", "old", "Harvest, part one"), named.bind("campaign", "autumn", "Harvest")]);
  });

  it.each([
    [
      "one just sent",
      "email=old&email=new",
      ["A has had 30 days to be opened, B only 1 hour.", "Messages of B are younger"],
    ],
    ["one much older", "email=week&email=old", ["B has had 30 days to be opened, A only 7 days."]],
    ["a fifth", "email=old&email=older&email=a&email=b&email=fifth", ["Not shown: fifth. Take an email out"]],
  ])("say what is not fair, or missing, in a comparison with %s", async (_, query, sentences) => {
    const text = await words(`/app/compare?${query}`);
    for (const sentence of sentences) expect(text).toContain(sentence);
  });

  it("say nothing of ages where they are alike, and how long ago each email was sent first", async () => {
    const text = await words("/app/compare?email=old&email=older");
    expect(text).not.toContain("to be opened");
    expect(text).toMatch(/A: Harvest, part one, id old, first sent [^(]*, 30 days ago, last sent/);
  });

  it("show a campaign of several emails by day with all opens, and by which email it begins", async () => {
    const page = await shownPage("/app/campaigns/autumn", token);
    const opens = page.table("Opens and clicks a day").map((row) => Number(row["Opens by people"]));
    expect(opens.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await words("/app/campaigns/autumn")).toContain("when the first email, Harvest, part one, was sent");
  });

  it.each([
    ["emails/older", "0 opens and 0 clicks by people.", "No person opened or clicked in this time."],
    ["emails/older?bots=include", "0 opens and 0 clicks by people.", "Nothing was opened or clicked in this time."],
    ["campaigns/scans", "people, without 1 open and 0 clicks by bots.", "No person opened or clicked in this time."],
    ["campaigns/scans?bots=include", "people, and 1 open and 0 clicks by bots.", undefined],
  ])("say of %s who opened or clicked, and do not deny bots", async (page, counted, empty) => {
    const text = await words(`/app/${page}`);
    expect(text).toContain(counted);
    expect(text.match(/(?:Nothing was|No person) opened or clicked in this time\./)?.[0]).toBe(empty);
  });

  it("show a campaign of several emails by hour while it is so young", async () => {
    expect((await shownPage("/app/campaigns/x", token)).table("Opens and clicks an hour")).not.toEqual([]);
  });

  it("have the name of what they are of as their heading, also where nothing was sent in the period", async () => {
    expect((await shownPage("/app/emails/old?period=today", token)).text("h1")).toBe("Harvest, part one");
    const compared = await words("/app/compare?email=old&email=older&period=today");
    expect(compared).toContain("A: Harvest, part one, of which nothing was sent then");
    expect((await shownPage("/app/emails/old/recipients?did=clicked", token)).text("h1")).toBe("Harvest, part one");
    expect((await shownPage("/app/campaigns/autumn/recipients?period=today", token)).text("h1")).toBe("Harvest");
    const map = await shownPage("/app/emails/old/clicks?campaign=autumn", token);
    expect(map.text("h1")).toBe("Links of Harvest, part one");
  });

  it.each([
    "find=harvest",
    "find=harvest%2C+part",
    "email=harvest",
  ])("are what a search of messages for a name leads to (%s)", async (query) => {
    const { links } = await shownPage(`/app/messages?${query}`, token);
    expect(links.get("Harvest, part one")).toBe("/app/messages?email=old");
    expect(links.get("Harvest")).toBe(query === "find=harvest" ? "/app/messages?campaign=autumn" : undefined);
  });
});
