/** Every page of the dashboard over the sample history: on a desk and a phone, in the dark, by keyboard, enlarged. */
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { seedSampleHistory } from "../../src/dev/sample/seed.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { EMAIL, type MadeForWalk, pathsOf } from "./page-paths.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

const NAVIGATION = "Array.from(document.querySelectorAll('nav.wide a'), (a) => a.getAttribute('href'))";
const MAX_PAGE_BYTES = 60_000;

let worker: LocalWorker;
let browser: Browser;
let signedIn: Required<Pick<BrowserContextOptions, "storageState">>;
/** The addresses of all pages, below the origin. */
let paths: readonly string[];

beforeAll(async () => {
  worker = await startTestWorker({ assets: true });
  browser = await launchChromium();
  await seedSampleHistory({ origin: worker.origin, apiKey: worker.apiKey }, Date.now());
  const { page, context } = await visitor(browser);
  await page.goto(`${worker.origin}/app`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const inNavigation = await page.evaluate<string[]>(NAVIGATION);
  expect(inNavigation).toContain("/app/try");
  paths = pathsOf(await madeForWalk());
  signedIn = { storageState: await context.storageState() };
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

async function madeForWalk(): Promise<MadeForWalk> {
  const call = async <Answer>(path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${worker.apiKey}`, "Content-Type": "application/json" };
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(worker.origin + path, { headers, ...sent });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  interface Listed {
    readonly message: string;
    readonly person: { readonly id: string };
    readonly campaign: { readonly id: string };
  }
  const { data } = await call<{ readonly data: readonly [Listed] }>(`/v1/messages?email=${EMAIL}&limit=1`);
  const [{ message, person, campaign }] = data;
  const url = "https://hooks.example.com/waxseal";
  const { id: endpoint } = await call<{ readonly id: string }>("/v1/webhook-endpoints", { url });
  const { erasure } = await call<{ readonly erasure: string }>("/v1/people/erase", { person: "nobody-of-the-log" });
  return { message, messageIds: `${EMAIL}/${campaign.id}/${person.id}`, person: person.id, endpoint, erasure };
}

async function eachPage(
  options: BrowserContextOptions,
  look: (page: Page, path: string) => Promise<void>,
): Promise<Visitor> {
  const visit = await visitor(browser, { ...signedIn, ...options });
  try {
    for (const path of paths) {
      const answer = await visit.page.goto(worker.origin + path);
      expect(answer?.status(), path).toBe(200);
      await look(visit.page, path);
    }
  } finally {
    await visit.context.close();
  }
  return visit;
}

async function expectGoodLooks(page: Page, path: string): Promise<void> {
  expect(await violationsOn(page), path).toEqual([]);
  expect(await overhang(page), path).toBe(0);
}

/** The visitor saw no error, and nobody else was asked for anything. */
function expectPeace({ complaints, requests }: Visitor): void {
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${worker.origin}/`) && !url.startsWith("data:"))).toEqual([]);
}

it("on a phone in the dark every page passes axe-core, fits, both ways, and asks nobody else", async () => {
  const phone = { viewport: PHONE, colorScheme: "dark", reducedMotion: "reduce" } as const;
  const visit = await eachPage(phone, async (page, path) => {
    await expectGoodLooks(page, path);
    await page.evaluate("document.documentElement.dir = 'rtl'");
    expect(await overhang(page), `${path} from right to left`).toBe(0);
  });
  expectPeace(visit);
});

it("every page is there without JavaScript, at 200 %, and weighs under 60 KB", async () => {
  const enlarged = { viewport: { width: 640, height: 400 }, javaScriptEnabled: false };
  let bytes = 0;
  const visit = await visitor(browser, { ...signedIn, ...enlarged });
  visit.page.on("response", async (response) => {
    const body = await response.body().catch(() => Buffer.alloc(0));
    bytes += gzipSync(body).length;
  });
  for (const path of paths) {
    bytes = 0;
    await visit.page.goto(worker.origin + path, { waitUntil: "networkidle" });
    expect(await visit.page.locator("h1").textContent(), path).not.toBe("");
    expect(await overhang(visit.page), path).toBe(0);
    expect(bytes, path).toBeLessThan(MAX_PAGE_BYTES);
  }
  await visit.context.close();
});

/**
 * Of what the keyboard reaches: its place in the document, its name, and whether one sees that it has the focus. A
 * choice of several (radio buttons) is one stop, and a frame's inside is the frame's.
 */
const FOCUSED = `(() => {
  const active = document.activeElement;
  if (active === null || active === document.body) return null;
  const style = getComputedStyle(active);
  const index = window.stops.indexOf(active);
  const isSeen = style.outlineStyle !== "none" || active.matches("iframe, [type=date], [type=datetime-local]");
  return { index, name: active.outerHTML.slice(0, 120), isSeen };
})()`;
const MARK_STOPS = `(() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe:not([tabindex='-1'])";
  const isShown = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled;
  window.stops = Array.from(document.querySelectorAll(wanted)).filter((each) => isShown(each));
  return window.stops.length;
})()`;

interface Focused {
  readonly index: number;
  readonly name: string;
  readonly isSeen: boolean;
}

/** Presses Tab: each link, button and field is reached in order, and shows that it has the focus. */
async function walkByKeyboard(page: Page, path: string): Promise<void> {
  const stops = await page.evaluate<number>(MARK_STOPS);
  const reached: number[] = [];
  // Regions that scroll are stops, too.
  for (let press = 0; press < stops * 2 + 10; press++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate<Focused | null>(FOCUSED);
    // Nothing has the focus on its way into a frame, and behind the last one: then the browser begins anew.
    if (focused === null) continue;
    if (focused.index === 0 && reached.length > 0) break;
    expect(focused.isSeen, `${path}: ${focused.name} shows its focus`).toBe(true);
    if (focused.index >= 0 && reached.at(-1) !== focused.index) reached.push(focused.index);
  }
  expect(reached, path).toEqual(Array.from({ length: stops }, (_, index) => index));
}

it("on a desk every page passes axe-core, fits, and is walked through by keyboard", async () => {
  const desk = { viewport: { width: 1280, height: 800 }, colorScheme: "light" } as const;
  const visit = await eachPage(desk, async (page, path) => {
    await expectGoodLooks(page, path);
    await walkByKeyboard(page, path);
  });
  expectPeace(visit);
});

it("what a page is for is done by keyboard: skipping the navigation, opening a message, choosing a zone", async () => {
  const { page, context } = await visitor(browser, signedIn);
  await page.goto(`${worker.origin}/app/messages`);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent.trim()")).toBe("Skip to the page");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
  await page.locator("tbody a").first().focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/app\/messages\/./);
  await page.goto(`${worker.origin}/app/exports`);
  await page.getByLabel("Show times in").focus();
  await page.keyboard.type("Europe/Paris");
  await page.keyboard.press("Enter");
  await page.getByText("Times are in Europe/Paris.").waitFor();
  await context.close();
});

it("shows nobody's whole address to a client with read alone", async () => {
  const made = await fetch(`${worker.origin}/v1/clients`, {
    method: "POST",
    headers: { Authorization: `Bearer ${worker.apiKey}` },
    body: JSON.stringify({ name: "reader", scopes: ["read"] }),
  });
  const { id, secret } = (await made.json()) as { readonly id: string; readonly secret: string };
  const { page, context } = await visitor(browser);
  await page.goto(`${worker.origin}/app/sign-in`);
  await page.getByLabel("Client’s id").fill(id);
  await page.getByLabel("Client’s secret").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).last().click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const links = await page.evaluate<string[]>(NAVIGATION);
  await page.goto(`${worker.origin}/app/messages`);
  const message = await page.locator("tbody a").first().getAttribute("href");
  for (const path of [...links, message, `/app/emails/${EMAIL}`]) {
    await page.goto(`${worker.origin}${path}`);
    expect(await page.content(), String(path)).not.toMatch(/[a-z]+\.[a-z]+\.\d+(?:@|%40)[a-z]+\.example/i);
  }
  await context.close();
});
