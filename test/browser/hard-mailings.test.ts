/** The pages of mailings that are hard to show, on a desk and on a phone, on paper, and in the reader's own colours. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { ARABIC, CAMPAIGN, HOSTILE, LONG, MILLION, SINGLE, seedHardMailings } from "./hard-mailings.ts";
import { overhang, PHONE, violationsOn, visitor } from "./visitor.ts";

const PATHS = [
  `/app/campaigns/${CAMPAIGN}`,
  `/app/campaigns/${CAMPAIGN}/recipients?did=not_opened`,
  "/app/campaigns/none",
  "/app/campaigns?period=all",
  `/app/emails/${MILLION}`,
  `/app/emails/${MILLION}/clicks?campaign=${CAMPAIGN}`,
  `/app/emails/${SINGLE}?period=week`,
  `/app/compare?email=${MILLION}&email=${SINGLE}`,
];

let worker: LocalWorker;
let browser: Browser;
let signedIn: Required<Pick<BrowserContextOptions, "storageState">>;

beforeAll(async () => {
  worker = await startTestWorker({ assets: true });
  browser = await launchChromium();
  await seedHardMailings(worker);
  const { page, context } = await visitor(browser);
  await page.goto(`${worker.origin}/app/sign-in`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.locator("h1").waitFor();
  signedIn = { storageState: await context.storageState() };
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

async function onPage(path: string, look: (page: Page) => Promise<void>) {
  const { page, context, complaints } = await visitor(browser, signedIn);
  expect((await page.goto(worker.origin + path))?.status(), path).toBe(200);
  await look(page);
  expect(complaints).toEqual([]);
  await context.close();
}

/** Elements whose text is wider than they are, or that reach out of the page. */
const CUT_OFF = `Array.from(document.querySelectorAll("main h1, main a, main td, main th, main dd, main span"))
  .filter((each) => each.getBoundingClientRect().width > 0 && each.closest(".unseen, .table, svg") === null)
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1)
  .map((each) => each.textContent.slice(0, 40))`;

it.each<[string, BrowserContextOptions]>([
  ["on a desk", {}],
  ["on a phone in the dark", { viewport: PHONE, colorScheme: "dark" }],
])("every page passes axe-core and fits %s", async (_, options) => {
  const { page, context, complaints } = await visitor(browser, { ...signedIn, ...options });
  for (const path of PATHS) {
    expect((await page.goto(worker.origin + path))?.status(), path).toBe(200);
    expect(await violationsOn(page), path).toEqual([]);
    expect([await overhang(page), await page.evaluate(CUT_OFF)], path).toEqual([0, []]);
  }
  expect(complaints).toEqual([]);
  await context.close();
});

describe("a campaign of two emails with hard names", () => {
  it("shows names as text, in their direction, and a million clicks with their share", async () => {
    await onPage(`/app/campaigns/${CAMPAIGN}`, async (page) => {
      expect(await page.locator("h1").textContent()).toBe(ARABIC);
      const emails = page.getByRole("region", { name: "Emails of this campaign" });
      expect(await emails.getByText(HOSTILE, { exact: true }).count()).toBe(1);
      expect(await emails.locator(`a[title="${LONG}"]`).textContent()).toBe(`${LONG.slice(0, 120)}…`);
      const cells = page.getByRole("region", { name: "Links of this campaign" }).locator("tbody td");
      expect((await cells.allTextContents()).slice(0, 4)).toEqual(["1", "1,000,000", "100%", "2,000"]);
      await page.getByRole("link", { name: `Click map of ${LONG}` }).click();
      const badge = page.frameLocator("iframe").locator(".waxseal-badge");
      expect(await badge.textContent()).toBe("100% · 2,000");
      expect(await badge.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
    });
  });

  it("prints which view it is, its numbers and its charts, and nothing to click on", async () => {
    await onPage(`/app/campaigns/${CAMPAIGN}`, async (page) => {
      await page.emulateMedia({ media: "print" });
      const isShown = (text: string) => page.getByText(text, { exact: true }).first().isVisible();
      expect(await Promise.all(["All time", "Without bots", "1,000,000", "Sent"].map(isShown))).toEqual(
        Array(4).fill(true),
      );
      expect(await Promise.all(["12 months", "With bots", "CSV", "Overview", "Other dates"].map(isShown))).toEqual(
        Array(5).fill(false),
      );
    });
  });

  it("draws its bars in the reader's own colours, where those are forced", async () => {
    await onPage(`/app/campaigns/${CAMPAIGN}`, async (page) => {
      await page.emulateMedia({ forcedColors: "active" });
      const fills = await page.evaluate(
        "['.share-bar rect', '.funnel-kept'].map((each) => getComputedStyle(document.querySelector(each)).fill)",
      );
      const ink = await page.evaluate("getComputedStyle(document.querySelector('h1')).color");
      expect(fills).toEqual([ink, ink]);
    });
  });
});

it("two hundred campaigns come in pages", async () => {
  await onPage("/app/campaigns?period=all", async (page) => {
    const names = page.locator("tbody th a");
    const first = await names.allTextContents();
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByRole("link", { name: "First page" }).waitFor();
    const second = await names.allTextContents();
    expect(new Set([...first, ...second]).size).toBe(50);
  });
});
