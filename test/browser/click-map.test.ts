/** The click map in a browser: what emails try in their frame, and how people find a link's numbers. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { ATTACKS } from "../sending/attacks.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  [worker, browser] = await Promise.all([startTestWorker({ assets: true }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await worker?.stop();
});

const LINK = '<p><a href="https://shop.example/hats">Hats</a></p>';

async function keep(email: string, html: string): Promise<void> {
  const answer = await fetch(`${worker.origin}/v1/emails`, {
    method: "POST",
    headers: { Authorization: `Bearer ${worker.apiKey}` },
    body: JSON.stringify({ email, html }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function signIn({ page }: Visitor): Promise<void> {
  await page.goto(`${worker.origin}/app/sign-in`);
  await page.fill("input[name=key]", worker.apiKey);
  await page.click("form:has(input[name=key]) button[type=submit]");
}

it("runs nothing, asks nobody for anything and leads nowhere, whatever an email holds", async () => {
  const viewer = await visitor(browser);
  await signIn(viewer);
  const { page, requests, complaints } = viewer;
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => dialogs.push(dialog.message()));
  await page.addInitScript("addEventListener('message', ({ data }) => console.error('message', data))");
  for (const [index, [what, attack]] of ATTACKS.entries()) {
    await keep(`attack-${index}`, LINK + attack);
    const address = `${worker.origin}/app/emails/attack-${index}/clicks`;
    await page.goto(address, { waitUntil: "load" });
    const frame = page.frameLocator("iframe");
    await frame.locator(".waxseal-badge").last().waitFor({ state: "attached" });
    expect([page.url(), page.frames().length, page.context().pages().length], what).toEqual([address, 2, 1]);
    expect(page.frames()[1]?.url(), what).toBe(`${worker.origin}/app/emails/attack-${index}/source`);
    expect(await page.title(), what).toMatch(/^Links of /);
    expect(
      requests.filter((url) => !url.startsWith(worker.origin) && !url.startsWith("data:")),
      what,
    ).toEqual([]);
    expect([...complaints, ...dialogs], what).toEqual([]);
  }
  await viewer.context.close();
});

it.each([
  ["a desktop", { viewport: { width: 1280, height: 800 } }],
  ["a phone in the dark", { viewport: PHONE, colorScheme: "dark" as const }],
])("leads from a row to its link and from a link to its numbers, by keyboard, on %s", async (_device, options) => {
  await keep("hats", `${"<p>…</p>".repeat(80)}${LINK}`);
  const viewer = await visitor(browser, { ...options, javaScriptEnabled: false });
  await signIn(viewer);
  const { page, complaints } = viewer;
  await page.goto(`${worker.origin}/app/emails/hats/clicks`);
  const frame = page.frameLocator("iframe");
  const link = frame.getByRole("link", { name: "Link 1: nobody has clicked it Hats" });
  const note = frame.getByRole("complementary", { name: "Link 1" });
  await link.waitFor();
  expect(await note.isVisible()).toBe(false);
  await page.getByRole("link", { name: "1. Hats" }).press("Enter");
  await expect.poll(async () => await isInFrame(link)).toBe(true);
  expect(await note.textContent()).toContain("https://shop.example/hats");
  expect(await note.isVisible()).toBe(true);
  await note.getByRole("link", { name: "Close" }).press("Enter");
  await expect.poll(async () => await note.isVisible()).toBe(false);
  await link.press("Enter");
  await expect.poll(async () => await note.isVisible()).toBe(true);
  expect(await overhang(page).catch(() => 0)).toBe(0);
  // Playwright's own, which finds elements by a script.
  expect(complaints.filter((text) => !text.startsWith("Blocked script execution"))).toEqual([]);
  await viewer.context.close();
});

it("has no faults that axe finds", async () => {
  await keep("axe", LINK);
  const viewer = await visitor(browser);
  await signIn(viewer);
  await viewer.page.goto(`${worker.origin}/app/emails/axe/clicks`);
  expect(await violationsOn(viewer.page)).toEqual([]);
  await viewer.context.close();
});

/** Whether it can be seen without scrolling the frame. */
async function isInFrame(link: ReturnType<Visitor["page"]["locator"]>): Promise<boolean> {
  const [box, outer] = [await link.boundingBox(), await link.page().locator("iframe").boundingBox()];
  if (box === null || outer === null) return false;
  return box.y >= outer.y && box.y + box.height <= outer.y + outer.height;
}
