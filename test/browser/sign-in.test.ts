/** Signing in to the dashboard in a browser: without JavaScript, from other sites, and what they must not do. */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

const ELSEWHERE = "http://elsewhere.example/";

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  worker = await startTestWorker({ assets: true });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

async function visiting(options?: BrowserContextOptions): Promise<Visitor> {
  const visit = await visitor(browser, options);
  onTestFinished(() => visit.context.close());
  return visit;
}

async function signIn({ page }: Visitor): Promise<void> {
  await page.goto(`${worker.origin}/app/sign-in`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByText("Signed in as API key").waitFor();
}

/** A page of another site. */
async function openElsewhere({ page, context }: Visitor, html: string): Promise<void> {
  await context.route(ELSEWHERE, (route) => route.fulfill({ body: html, contentType: "text/html" }));
  await page.goto(ELSEWHERE);
}

it.each<[string, BrowserContextOptions]>([
  ["a desktop", { colorScheme: "light" }],
  ["a phone in the dark", { viewport: PHONE, colorScheme: "dark", reducedMotion: "reduce" }],
])("the page to sign in reads well on %s, also when it refuses", async (_where, options) => {
  const visit = await visiting(options);
  const { page, complaints, requests } = visit;
  await page.goto(`${worker.origin}/app/messages?a=1`);
  expect(await violationsOn(page)).toEqual([]);
  expect(await overhang(page)).toBe(0);
  await page.getByLabel("API key").fill("wxs_wrong");
  await page.keyboard.press("Enter");
  await page.getByText("This is no API key of this Worker.").waitFor();
  // It has the focus from the first picture on.
  await page.locator("#field-key:focus").waitFor();
  expect(await violationsOn(page)).toEqual([]);
  expect(await overhang(page)).toBe(0);
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${worker.origin}/app`))).toEqual([]);
});

it("signs in and out without JavaScript, and a stolen cookie is worth nothing then", async () => {
  const visit = await visiting({ javaScriptEnabled: false });
  const { page, context } = visit;
  await signIn(visit);
  const stolen = await context.cookies();
  expect(stolen).toMatchObject([{ httpOnly: true, sameSite: "Strict", path: "/" }]);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("You are signed out.").waitFor();
  expect(await context.cookies()).toEqual([]);
  await context.addCookies(stolen);
  await page.goto(`${worker.origin}/app`);
  await page.getByText("Your session is over.").waitFor();
});

it("is signed in, too, when a link of another site leads here", async () => {
  const visit = await visiting();
  await signIn(visit);
  await openElsewhere(visit, `<a href="${worker.origin}/app?zone=UTC">The campaign</a>`);
  await visit.page.getByText("The campaign").click();
  await visit.page.getByText("Signed in as API key").waitFor();
  expect(new URL(visit.page.url()).pathname + new URL(visit.page.url()).search).toBe("/app?zone=UTC");
});

it("another site can neither frame the page nor sign anybody out or in", async () => {
  const visit = await visiting();
  const { page, context } = visit;
  await signIn(visit);
  const action = `${worker.origin}/app/sign-out-everywhere`;
  await openElsewhere(
    visit,
    `<iframe src="${worker.origin}/app/sign-in"></iframe>
    <form method="post" action="${action}"><button>Win</button></form>`,
  );
  await expect.poll(() => page.frames().at(1)?.url()).toMatch(/^chrome-error:/);
  await page.getByText("Win").click();
  await page.getByText("nothing was done").waitFor();
  await context.unrouteAll();
  await page.goto(`${worker.origin}/app`);
  await page.getByText("Signed in as API key").waitFor();
});

it("the first page is in the browser's zone, by one further load, and its viewer may choose another", async () => {
  const visit = await visiting({ timezoneId: "Asia/Tokyo" });
  await visit.page.goto(worker.origin);
  await visit.page.getByText("Times are in Asia/Tokyo.").waitFor();
  expect(visit.requests.filter((url) => url.includes("/app/try?reader"))).toHaveLength(2);
  await visit.page.getByLabel("Show times in").fill("Europe/Paris");
  await visit.page.keyboard.press("Enter");
  await visit.page.getByText("Times are in Europe/Paris.").waitFor();
});
