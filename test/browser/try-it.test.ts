/** "Try it" in a browser: from the address that npm run dev prints to events that are seen. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  worker = await startTestWorker({ assets: true, consumers: { "waxseal-events": { maxBatchTimeout: 0.2 } } });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

/** The page, for a new reader, from the address that is printed; while it follows the log, where it can. */
async function openTryIt(options?: Parameters<typeof visitor>[1]): Promise<Visitor & { person: string }> {
  const visit = await visitor(browser, options);
  onTestFinished(() => visit.context.close());
  await visit.page.goto(worker.origin);
  if (options?.javaScriptEnabled !== false) await visit.page.getByText("Live", { exact: true }).waitFor();
  const person = new URL(visit.page.url()).searchParams.get("reader") ?? "";
  return { ...visit, person };
}

/** For what happened to be recorded and seen. */
const SECONDS = { timeout: 60_000 };

/** The events of the reader, the latest first. */
const eventsOn = (page: Page) => page.locator("#log .event");
const stepCounts = (page: Page) =>
  page.locator(".step-count").evaluateAll((all) => all.map((each) => parseInt(each.textContent ?? "", 10)));
const showImages = (page: Page) => page.getByRole("button", { name: "Show images" }).first();
const emailIn = (page: Page) => page.frameLocator("iframe[name=email]");

async function eventsOf(person: string): Promise<unknown[]> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare("SELECT type, link FROM events WHERE person = ? ORDER BY seq")
    .bind(person)
    .all();
  return results;
}

async function popupOf({ context }: Visitor, act: Promise<void>): Promise<Page> {
  const [popup] = await Promise.all([context.waitForEvent("page"), act]);
  await popup.waitForLoadState();
  return popup;
}

describe("Try it", () => {
  it("shows the images only when asked, and logs the open once, however often", async () => {
    const { page, person, requests, complaints } = await openTryIt();
    await emailIn(page).getByText("The last harvest is in").waitFor();
    expect(requests.filter((url) => url.includes("/o/"))).toEqual([]);
    await showImages(page).click();
    await eventsOn(page).getByText("A person opened it").waitFor();
    const loaded = page.waitForResponse(/\/o\//);
    await showImages(page).click();
    await loaded;
    await emailIn(page).getByRole("link", { name: "The recipe" }).click();
    await eventsOn(page).getByText("A person clicked").waitFor();
    expect(await eventsOn(page).count()).toBe(2);
    expect(await stepCounts(page)).toEqual([1, 1, 0, 0]);
    expect(await eventsOf(person)).toMatchObject([{ type: 10 }, { type: 11 }]);
    expect(complaints).toEqual([]);
  });

  it("opens a link where it leads, in a tab of its own, and logs each click with its link", async () => {
    const visit = await openTryIt();
    const destination = "https://example.com/shop/savon-à-la-lavande?coffret=noël&pièces=3";
    const link = emailIn(visit.page).getByRole("link", { name: "A box of three" });
    for (let click = 0; click < 2; click++) await (await popupOf(visit, link.click())).close();
    await expect.poll(() => eventsOn(visit.page).count(), SECONDS).toBe(2);
    expect(await eventsOn(visit.page).first().innerText()).toContain(destination);
    expect(visit.requests.filter((url) => decodeURI(url) === destination)).toHaveLength(2);
    expect(await stepCounts(visit.page)).toEqual([0, 2, 0, 0]);
    expect(visit.complaints).toEqual([]);
  });

  it("lets one unsubscribe from the email and come back, each in the log within seconds", async () => {
    const visit = await openTryIt();
    const popup = await popupOf(visit, emailIn(visit.page).getByRole("link", { name: "Unsubscribe" }).click());
    await popup.getByRole("button", { name: "Unsubscribe" }).click();
    await expect.poll(() => stepCounts(visit.page), SECONDS).toEqual([0, 0, 1, 0]);
    await popup.getByRole("button", { name: "Subscribe again" }).click();
    await expect.poll(() => stepCounts(visit.page), SECONDS).toEqual([0, 0, 1, 1]);
    expect(visit.complaints).toEqual([]);
  });

  it("shows an email of one's own, and logs what happens to it", async () => {
    const visit = await openTryIt();
    const { page } = visit;
    await page.getByText("Paste an email of your own").click();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByLabel("Its HTML").fill('<p>My <a href="https://example.com/mine">link</a>');
    await page.getByRole("button", { name: "Show it" }).click();
    await eventsOn(page).getByText("A person opened it").waitFor();
    await (await popupOf(visit, emailIn(page).getByRole("link", { name: "link" }).click())).close();
    await eventsOn(page).getByText("https://example.com/mine").waitFor();
    expect(await page.locator("#latest").innerText()).toContain("An email of your own");
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.frameLocator("iframe[name=outcome]").getByText("from your email").waitFor();
    expect(await emailIn(page).getByRole("link", { name: "link" }).count()).toBe(1);
  });

  it("can be done without JavaScript, by loading the page again", async () => {
    const visit = await openTryIt({ javaScriptEnabled: false });
    const { page } = visit;
    const pixel = page.waitForResponse(/\/o\//);
    await showImages(page).click();
    await pixel;
    await (await popupOf(visit, emailIn(page).getByRole("link", { name: "The recipe" }).click())).close();
    await page.getByRole("button", { name: "Unsubscribe" }).click();
    await page.frameLocator("iframe[name=outcome]").getByText("The mail client has unsubscribed").waitFor();
    await expect
      .poll(async () => {
        await page.reload();
        return await page.locator(".step-count").allInnerTexts();
      }, SECONDS)
      .toEqual([1, 1, 1, 0].map((count) => expect.stringMatching(new RegExp(`^${count}`))));
  });

  it("can be done by keyboard alone", async () => {
    const { page } = await openTryIt();
    const focus = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    await page.locator("main").focus();
    for (const name of ["Another reader", "Show images"]) {
      await page.keyboard.press("Tab");
      expect(await focus()).toBe(name);
    }
    await page.keyboard.press("Enter");
    await eventsOn(page).getByText("A person opened it").waitFor();
    // A frame that still loads has nothing to stop at.
    await emailIn(page).locator("img").first().waitFor({ state: "attached" });
    for (let time = 0; time < 3; time++) await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.name")).toBe("email");
  });

  it("shows messages that are sent otherwise, whose links are text", async () => {
    const { page, complaints } = await openTryIt();
    const keys = parseTokenKeys(worker.tokenKeys);
    if (!keys.ok) throw new Error(keys.reason);
    const url = "https://example.com/<img src=x onerror=alert(1)>";
    const message = { email: "1", person: "mine", campaign: "2" };
    const token = signToken(keys.value, "click", { ...message, link: { id: "abc", url } });
    await fetch(`${worker.origin}/c/${token}`, { redirect: "manual" });
    await page.locator("#latest").getByText("Person mine").click();
    await page.getByText(url).first().waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  it.each([
    ["a phone", PHONE],
    ["a desk", { width: 1280, height: 800 }],
  ])("passes axe-core on %s with its events, without scrolling sideways", async (_name, viewport) => {
    const { page } = await openTryIt({ colorScheme, viewport });
    await showImages(page).click();
    await emailIn(page).getByRole("link", { name: "The recipe" }).click();
    await expect.poll(() => stepCounts(page), SECONDS).toEqual([1, 1, 0, 0]);
    expect(await violationsOn(page)).toEqual([]);
    expect(await overhang(page)).toBe(0);
    expect(await page.locator("#last-event").isVisible()).toBe(viewport === PHONE);
    for (const button of await page.getByRole("button").all())
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  });

  it("shows an email that passes axe-core", async () => {
    const { context } = await openTryIt({ colorScheme });
    const page = await context.newPage();
    // By itself and without its policy, which lets nothing run in it, axe-core neither.
    await page.setContent(await (await fetch(`${worker.origin}/preview/email?person=7&images=1`)).text());
    const ofPages = /^(region|landmark-one-main):/;
    expect((await violationsOn(page)).filter((violation) => !ofPages.test(violation))).toEqual([]);
  });
});
