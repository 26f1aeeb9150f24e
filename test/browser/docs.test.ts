/** The page of /v1/docs: nothing of it comes from elsewhere, and it is readable on a phone and in the dark. */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, visitor } from "./visitor.ts";

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

it.each<[string, BrowserContextOptions, string]>([
  ["a desktop", { colorScheme: "light" }, "rgb(255, 255, 255)"],
  ["a phone in the dark", { viewport: PHONE, colorScheme: "dark" }, "rgb(28, 32, 34)"],
])("lists each operation and webhook on %s, tries one, asks only the Worker", async (_what, options, background) => {
  const { context, page, complaints, requests } = await visitor(browser, options);
  try {
    const answer = await fetch(`${worker.origin}/v1/openapi.json`);
    const { paths, webhooks } = (await answer.json()) as { readonly paths: object; readonly webhooks: object };
    const operations = [paths, webhooks].flatMap(Object.values).flatMap((methods) => Object.keys(methods));
    await page.goto(`${worker.origin}/v1/docs`);
    await page.locator(".opblock").first().waitFor();
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(background);

    const clients = page.locator("#operations-clients-getClients");
    await clients.locator(".opblock-summary-control").click();
    await page.locator(".authorize").first().click();
    await page.locator(".auth-container input").fill(worker.apiKey);
    await page.locator(".auth-btn-wrapper .authorize").click();
    await page.locator(".auth-btn-wrapper .btn-done").click();
    await clients.locator(".try-out__btn").click();
    await clients.locator(".execute").click();
    await clients.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();

    expect(await overhang(page)).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(`${worker.origin}/v1/`) && !url.startsWith("data:"))).toEqual([]);
  } finally {
    await context.close();
  }
});
