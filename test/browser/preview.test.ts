import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeApiKey } from "../../src/cli/api-key.ts";
import { type LocalWorker, startLocalWorker } from "../../src/dev/local-worker.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  worker = await startLocalWorker({ consumers: { "waxseal-events": { maxBatchTimeout: 0.2 } } });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

/** The preview of a new person's email, while it follows the log. */
async function openPreview(options?: Parameters<typeof visitor>[1]): Promise<Visitor & { person: string }> {
  const visit = await visitor(browser, options);
  onTestFinished(() => visit.context.close());
  await visit.page.goto(worker.origin);
  await visit.page.getByText("live", { exact: true }).waitFor();
  const person = (await visit.page.locator("#preview").getAttribute("data-person")) ?? "";
  return { ...visit, person };
}

/** The log on the page of this person's events, newest first. */
const rowsOf = (page: Page) => page.locator("#events li").filter({ hasText: "this reader" });

async function eventsOf(person: string): Promise<unknown[]> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare("SELECT type, link FROM events WHERE person = ? ORDER BY seq")
    .bind(person)
    .all();
  return results;
}

const emailIn = (page: Page) => page.frameLocator("#email");

async function popupOf({ context }: Visitor, act: Promise<void>): Promise<Page> {
  const [popup] = await Promise.all([context.waitForEvent("page"), act]);
  await popup.waitForLoadState();
  return popup;
}

describe("the preview", () => {
  it("shows the images only when asked, and logs the open once, however often", async () => {
    const { page, person, requests, complaints } = await openPreview();
    await emailIn(page).getByText("The last harvest is in").waitFor();
    expect(requests.filter((url) => url.includes("/o/"))).toEqual([]);
    await page.getByRole("button", { name: "Show images" }).click();
    await rowsOf(page).getByText("Opened").waitFor();
    const loaded = page.waitForResponse(/\/o\//);
    await page.getByRole("button", { name: "Load them again" }).click();
    await loaded;
    expect(await page.getByText("Images loaded 2 times.").isVisible()).toBe(true);
    await emailIn(page).getByRole("link", { name: "The recipe" }).click();
    await rowsOf(page).getByText("Clicked").waitFor();
    expect(await rowsOf(page).count()).toBe(2);
    expect(await eventsOf(person)).toMatchObject([{ type: 10 }, { type: 11 }]);
    expect(complaints).toEqual([]);
  });

  it("opens a link where it leads, in a tab of its own, and logs each click with its link", async () => {
    const visit = await openPreview();
    const destination = "https://example.com/shop/savon-à-la-lavande?coffret=noël&pièces=3";
    const link = emailIn(visit.page).getByRole("link", { name: "A box of three" });
    for (let click = 0; click < 2; click++) {
      const popup = await popupOf(visit, link.click());
      await popup.close();
    }
    await expect.poll(() => rowsOf(visit.page).count()).toBe(2);
    const row = rowsOf(visit.page).first();
    expect(await row.locator("p span").textContent()).toBe(destination);
    expect(visit.requests.filter((url) => decodeURI(url) === destination)).toHaveLength(2);
    expect(await row.locator("code").textContent()).toMatch(/^[0-9a-f]{8}$/);
    expect(await row.locator("small").textContent()).toContain("not a bot");
    expect(await visit.page.locator(".try [data-type='11']").textContent()).toBe("2");
    expect(visit.complaints).toEqual([]);
  });

  it("replaces the line of an event that is marked as a bot's later, and counts it once", async () => {
    const { page, person, complaints } = await openPreview();
    await page.getByRole("button", { name: "Show images" }).click();
    await rowsOf(page).getByText("Opened").waitFor();
    const d1 = await worker.d1();
    const marked = `REPLACE INTO events
SELECT NULL, id, type, at, recorded_at, email, person, campaign, send, link_id, link, user_agent, 1,
  'Match with time of delivery', detail FROM events WHERE person = ?`;
    await d1.prepare(marked).bind(person).run();
    await rowsOf(page).getByText("a bot: Match with time of delivery").waitFor();
    expect(await rowsOf(page).count()).toBe(1);
    expect(await page.locator(".try [data-type='10']").textContent()).toBe("1");
    expect(complaints).toEqual([]);
  });

  it("lets one unsubscribe from the email and come back, each in the log within seconds", async () => {
    const visit = await openPreview();
    const popup = await popupOf(visit, emailIn(visit.page).getByRole("link", { name: "Unsubscribe" }).click());
    await popup.getByRole("button", { name: "Unsubscribe" }).click();
    await rowsOf(visit.page).getByText("Unsubscribed").waitFor({ timeout: 5_000 });
    await popup.getByRole("button", { name: "Subscribe again" }).click();
    await rowsOf(visit.page).getByText("Subscribed again").waitFor({ timeout: 5_000 });
    expect(visit.complaints).toEqual([]);
  });

  it("unsubscribes by the mail client's button, in one click", async () => {
    const { page, person } = await openPreview();
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.getByText("The Worker answered: You are unsubscribed.").waitFor();
    await rowsOf(page).getByText("Unsubscribed").waitFor({ timeout: 5_000 });
    const cause = (await worker.d1()).prepare("SELECT detail->>'cause' AS cause FROM events WHERE person = ?");
    expect(await cause.bind(person).first("cause")).toBe("one_click");
  });

  it("can be done by keyboard alone", async () => {
    const { page } = await openPreview();
    const focus = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    for (const name of ["Dashboard", "Another reader", "Unsubscribe", "Show images"]) {
      await page.keyboard.press("Tab");
      expect(await focus()).toBe(name);
    }
    await page.keyboard.press("Enter");
    await rowsOf(page).getByText("Opened").waitFor();
    // The pixel is loaded before the email is whole, and a frame that still loads has nothing to stop at.
    await page.frames().at(-1)?.waitForLoadState();
    await page.locator("iframe#email").contentFrame().locator("img").first().waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("email");
  });

  it("starts anew with somebody else", async () => {
    const { page, person } = await openPreview();
    await page.getByRole("link", { name: "Another reader" }).click();
    await page.getByText("live", { exact: true }).waitFor();
    expect(await page.locator("#preview").getAttribute("data-person")).not.toBe(person);
  });

  it("follows the events of other mails too, whose links it shows as text", async () => {
    const { page, complaints } = await openPreview();
    const keys = parseTokenKeys(worker.tokenKeys);
    if (!keys.ok) throw new Error(keys.reason);
    const url = "https://example.com/<img src=x onerror=alert(1)>";
    const message = { email: "1", person: "mine", campaign: "2" };
    const token = signToken(keys.value, "click", { ...message, link: { id: "abc", url } });
    await fetch(`${worker.origin}/c/${token}`, { redirect: "manual" });
    const row = page.locator("#events li").filter({ hasText: "person mine" });
    await row.waitFor();
    expect(await row.locator("p span").textContent()).toBe(url);
    expect(await page.locator("#events img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it("says so when the Worker is out of reach, and goes on when it is back", async () => {
    const visit = await openPreview();
    await visit.context.route("**/preview/log*", (route) => route.abort());
    await visit.page.getByRole("button", { name: "Show images" }).click();
    await visit.page.getByText("out of reach").waitFor();
    await visit.context.unroute("**/preview/log*");
    await visit.page.getByText("live", { exact: true }).waitFor();
    await rowsOf(visit.page).getByText("Opened").waitFor();
  });
});

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  it.each([
    ["a phone", PHONE],
    ["a desk", { width: 1280, height: 800 }],
  ])("passes axe-core on %s, without scrolling sideways", async (_name, viewport) => {
    const { page } = await openPreview({ colorScheme, viewport });
    await page.getByRole("button", { name: "Show images" }).click();
    await emailIn(page).getByRole("link", { name: "The recipe" }).click();
    await rowsOf(page).getByText("Clicked").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    for (const button of await page.getByRole("button").all())
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  });

  it("shows an email that passes axe-core", async () => {
    const { context } = await openPreview({ colorScheme });
    const page = await context.newPage();
    const query = new URLSearchParams({ origin: worker.origin, person: "7", images: "1" });
    // By itself and without its policy, which lets nothing run in it, axe-core neither.
    await page.setContent(await (await fetch(`${worker.origin}/preview/email?${query}`)).text());
    const ofPages = /^(region|landmark-one-main):/;
    expect((await violationsOn(page)).filter((violation) => !ofPages.test(violation))).toEqual([]);
  });
});

it("is not there in production", async () => {
  const settings = {
    ENVIRONMENT: "production",
    TOKEN_KEYS: makeTokenKey({ id: 1, development: false }),
    API_KEYS: makeApiKey({ development: false }),
  };
  const production = await startLocalWorker({ settings });
  onTestFinished(() => production.stop());
  for (const path of ["/", "/preview/log", `/preview/email?person=7&origin=${production.origin}`])
    expect((await fetch(production.origin + path)).status).toBe(404);
  expect((await fetch(`${production.origin}/healthz`)).status).toBe(200);
});
