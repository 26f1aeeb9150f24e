import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

const [UNSUBSCRIBED, SUBSCRIBED] = [9, 100_001];

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  worker = await startTestWorker({ settings: { SENDER_NAME: "Maison Lavande", SENDER_COLOR: "#6b4fa0" } });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

let persons = 0;

/** A new person who got a mail, and the unsubscribe link in it. */
async function recipient(by: LocalWorker = worker): Promise<{ person: string; link: string }> {
  const person = `reader-${++persons}`;
  const answer = await fetch(`${by.origin}/v1/decorate`, {
    method: "POST",
    headers: { Authorization: `Bearer ${by.apiKey}` },
    body: JSON.stringify({
      email: { id: 1 },
      person: { id: person, address: `${person}@lavande.example` },
      campaign: { id: 2 },
      text: "{{unsubscribe}}",
    }),
  });
  const { text } = (await answer.json()) as { text: string };
  return { person, link: text };
}

async function eventsOf(person: string): Promise<unknown[]> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare("SELECT type, detail->>'cause' AS cause FROM events WHERE person = ? ORDER BY seq")
    .bind(person)
    .all();
  return results;
}

async function isSuppressed(person: string): Promise<boolean> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare(
      "SELECT subject FROM suppressions WHERE subject IN ('person:' || ?1, 'address:' || ?1 || '@lavande.example')",
    )
    .bind(person)
    .all();
  expect([0, 2]).toContain(results.length);
  return results.length === 2;
}

async function visiting(options?: Parameters<typeof visitor>[1]): Promise<Visitor> {
  const visit = await visitor(browser, options);
  onTestFinished(() => visit.context.close());
  return visit;
}

/** Runs while the database refuses unsubscriptions. */
async function withoutStorage<T>(by: LocalWorker, work: () => Promise<T>): Promise<T> {
  const d1 = await by.d1();
  await d1.exec("ALTER TABLE suppressions RENAME TO mislaid");
  try {
    return await work();
  } finally {
    await d1.exec("ALTER TABLE mislaid RENAME TO suppressions");
  }
}

/** Every page that a recipient can come to, each brought up in turn. */
async function eachPage(by: LocalWorker, { page }: Visitor, check: (name: string) => Promise<void>): Promise<void> {
  const { link } = await recipient(by);
  await page.goto(link);
  await check("asked");
  await page.getByRole("button").click();
  await check("unsubscribed");
  await page.getByRole("button").click();
  await check("subscribed again");
  await withoutStorage(by, () => page.getByRole("button").click());
  await check("not done");
  await page.goto(`${link}x`.replace("/u/", "/u/A"));
  await check("bad link");
}

describe("unsubscribing", () => {
  it("by mouse: unsubscribed, subscribed again, unsubscribed, as the log says each time", async () => {
    const { page, complaints } = await visiting();
    const { person, link } = await recipient();
    await page.goto(link);
    expect(await page.getByText("r…@l…e.example").isVisible()).toBe(true);
    expect(await eventsOf(person)).toEqual([]);
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    expect(await page.title()).toBe("You are unsubscribed · Maison Lavande");
    expect(await page.getByRole("status").textContent()).toContain("Maison Lavande will not send you any more emails.");
    expect(await eventsOf(person)).toEqual([{ type: UNSUBSCRIBED, cause: "form" }]);
    expect(await isSuppressed(person)).toBe(true);
    await page.getByRole("button", { name: "Subscribe again" }).click();
    await page.getByRole("heading", { name: "You are subscribed again" }).waitFor();
    expect(await eventsOf(person)).toMatchObject([{ type: UNSUBSCRIBED }, { type: SUBSCRIBED }]);
    expect(await isSuppressed(person)).toBe(false);
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    // Within an hour, the second unsubscription stands for the first one, too.
    expect(await eventsOf(person)).toMatchObject([{ type: SUBSCRIBED }, { type: UNSUBSCRIBED }]);
    expect(complaints).toEqual([]);
  });

  it("by keyboard alone, seeing where one is", async () => {
    const { page } = await visiting();
    const { person, link } = await recipient();
    await page.goto(link);
    for (const [name, key, heading] of [
      ["Unsubscribe", "Enter", "You are unsubscribed"],
      ["Subscribe again", "Space", "You are subscribed again"],
    ] as const) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe(name);
      expect(await page.evaluate("getComputedStyle(document.activeElement).outline")).toMatch(/solid 3px/);
      await page.keyboard.press(key);
      await page.getByRole("heading", { name: heading }).waitFor();
    }
    expect(await eventsOf(person)).toMatchObject([{ type: UNSUBSCRIBED }, { type: SUBSCRIBED }]);
  });

  it("with JavaScript turned off, and without any request but the page's own", async () => {
    const { page, requests } = await visiting({ javaScriptEnabled: false });
    const { person, link } = await recipient();
    await page.goto(link);
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "You are subscribed again" }).waitFor();
    expect(requests).toEqual([link, link, link]);
    expect(await eventsOf(person)).toHaveLength(2);
    expect(await page.context().cookies()).toEqual([]);
  });

  it("once more after storage was down: the same button does what was asked for", async () => {
    const { page } = await visiting();
    const { person, link } = await recipient();
    await page.goto(link);
    await withoutStorage(worker, () => page.getByRole("button", { name: "Unsubscribe" }).click());
    expect(await page.getByRole("alert").textContent()).toContain("could not be saved");
    expect(await eventsOf(person)).toEqual([]);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    await withoutStorage(worker, () => page.getByRole("button", { name: "Subscribe again" }).click());
    expect(await isSuppressed(person)).toBe(true);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "You are subscribed again" }).waitFor();
    expect(await eventsOf(person)).toMatchObject([{ type: UNSUBSCRIBED }, { type: SUBSCRIBED }]);
  });

  it("again, by reloading the confirmation, logs nothing more", async () => {
    const { page } = await visiting();
    const { person, link } = await recipient();
    await page.goto(link);
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
    expect(await eventsOf(person)).toHaveLength(1);
  });

  it("by a form posted to a forged link changes nothing", async () => {
    const { page } = await visiting();
    const { person, link } = await recipient();
    const forged = link.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    const before = await allEvents();
    await page.goto(link);
    await page.evaluate(`document.forms[0].action = ${JSON.stringify(forged)}`);
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
    expect(await eventsOf(person)).toEqual([]);
    expect(await isSuppressed(person)).toBe(false);
    expect(await allEvents()).toBe(before);
  });
});

async function allEvents(): Promise<unknown> {
  return await (await worker.d1()).prepare("SELECT count(*) AS count FROM events").first("count");
}

describe.each(["light", "dark"] as const)("every page, in the %s", (colorScheme) => {
  it("passes axe-core, and complains of nothing", async () => {
    const visit = await visiting({ colorScheme });
    const seen: string[] = [];
    await eachPage(worker, visit, async (name) => {
      seen.push(name);
      expect([name, await violationsOn(visit.page)]).toEqual([name, []]);
    });
    expect(seen).toHaveLength(5);
    expect(visit.complaints).toEqual([]);
  });

  it("has a background of that kind", async () => {
    const { page } = await visiting({ colorScheme });
    await page.goto((await recipient()).link);
    const channels = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const [red = 0] = channels.match(/\d+/g)?.map(Number) ?? [];
    if (colorScheme === "dark") expect(red).toBeLessThan(64);
    else expect(red).toBeGreaterThan(192);
  });
});

it.each(["#ffe600", "#ffffff", "#000000", "#777777"])("every page can be read with the colour %s", async (color) => {
  const other = await startTestWorker({ settings: { SENDER_NAME: "N".repeat(200), SENDER_COLOR: color } });
  onTestFinished(() => other.stop());
  for (const colorScheme of ["light", "dark"] as const) {
    const visit = await visiting({ colorScheme, viewport: PHONE });
    await eachPage(other, visit, async (name) => {
      expect([colorScheme, name, await violationsOn(visit.page)]).toEqual([colorScheme, name, []]);
      expect([colorScheme, name, await overhang(visit.page)]).toEqual([colorScheme, name, 0]);
    });
  }
});

describe("on a phone", () => {
  it.each([
    "en",
    "fr",
    "de",
    "es",
    "it",
    "pt",
    "nl",
  ])("no page scrolls sideways, and a thumb finds the button: %s", async (locale) => {
    const visit = await visiting({ viewport: PHONE, locale, isMobile: true, hasTouch: true });
    await eachPage(worker, visit, async (name) => {
      expect([name, await overhang(visit.page)]).toEqual([name, 0]);
      for (const button of await visit.page.getByRole("button").all()) {
        const box = await button.boundingBox();
        expect(box?.height).toBeGreaterThanOrEqual(44);
        expect(box?.width).toBeGreaterThanOrEqual(44);
      }
    });
  });
});
