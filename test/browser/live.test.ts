/** A message's timeline follows the log while it is open, and messages and people read well. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { launchChromium } from "./chromium.ts";
import { overhang, PHONE, type Visitor, violationsOn, visitor } from "./visitor.ts";

const MESSAGE = {
  email: { id: 7, name: `Spring <script>alert(1)</script> ${"and a name that goes on ".repeat(6)}` },
  campaign: { id: 42, name: "حملة الخريف" },
  person: 7,
  send: "s-1",
  address: `${"marie.".repeat(8)}lavande@a-very-long-subdomain.of-a-long-domain.example`,
};

let worker: LocalWorker;
let browser: Browser;
beforeAll(async () => {
  worker = await startTestWorker({ assets: true });
  browser = await launchChromium();
  await report({ type: "sent" });
  await report({ type: "soft_bounced", details: `452 4.2.2 <b>full</b> ${"x".repeat(200)}` });
});
afterAll(async () => {
  await browser.close();
  await worker.stop();
});

async function report(event: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${worker.origin}/v1/events`, {
    method: "POST",
    headers: { Authorization: `Bearer ${worker.apiKey}` },
    body: JSON.stringify({ events: [{ ...MESSAGE, ...event }] }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function signedIn(options?: BrowserContextOptions): Promise<Visitor> {
  const visit = await visitor(browser, options);
  onTestFinished(() => visit.context.close());
  const { page } = visit;
  await page.goto(`${worker.origin}/app/sign-in`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.getByText("Signed in as API key").waitFor();
  return visit;
}

const openTimeline = (page: Page) => page.goto(`${worker.origin}/app/messages/7/42/7`);

it("shows a new event where the reader is, and says so", async () => {
  const { page, complaints } = await signedIn();
  await openTimeline(page);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByText("Details").nth(1).click();
  expect(await page.evaluate("document.activeElement.localName")).toBe("summary");
  await report({ type: "delivered" });
  await page.getByText("1 new event.").waitFor();
  expect(await page.locator(".event.fresh").innerText()).toContain("Accepted by the recipient's mail server");
  expect(
    await page.locator("details.event-more").evaluateAll((all) => all.map((each) => each.matches("[open]"))),
  ).toEqual([false, true, false]);
  expect(await page.evaluate("document.activeElement.closest('[id]').id")).toMatch(/^more-soft/);
  expect(complaints).toEqual([]);
});

it("says that it is out of reach, goes on when it is not, and stops when the viewer is signed out", async () => {
  const { page, context, requests } = await signedIn();
  await openTimeline(page);
  await context.setOffline(true);
  await page.getByText("Out of reach, trying again.").waitFor();
  await report({ type: "soft_bounced", details: "later", send: "s-2" });
  await context.setOffline(false);
  await page.getByText(/^\d new events?\.$/).waitFor();
  await context.clearCookies();
  await page.getByText("You are signed out").waitFor();
  const asked = requests.length;
  await page.waitForTimeout(6_000);
  expect(requests.length).toBe(asked);
});

it.each<[string, BrowserContextOptions]>([
  ["a desktop", { colorScheme: "light" }],
  ["a phone in the dark", { viewport: PHONE, colorScheme: "dark", reducedMotion: "reduce" }],
  ["a phone without JavaScript", { viewport: PHONE, javaScriptEnabled: false }],
])("messages, a timeline and people read well on %s", async (_where, options) => {
  const { page, complaints, requests } = await signedIn(options);
  const paths = ["messages", "messages?find=nobody+there&status=opened", "messages/7/42/7", "people/7"];
  for (const path of [...paths, `people?find=${MESSAGE.address}`]) {
    await page.goto(`${worker.origin}/app/${path}`);
    if (options.javaScriptEnabled !== false) expect(await violationsOn(page), path).toEqual([]);
    expect(await overhang(page), path).toBe(0);
  }
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${worker.origin}/app`))).toEqual([]);
});

it("finds messages by an address that says only what is asked", async () => {
  const { page } = await signedIn();
  await page.goto(`${worker.origin}/app/messages`);
  await page.getByLabel("Status").selectOption("Soft bounced");
  await page.getByRole("button", { name: "Find" }).click();
  await page.waitForURL("**/app/messages?status=soft_bounced");
});

it("erases a person who is typed, and shows that it is done", async () => {
  const { page } = await signedIn();
  await page.goto(`${worker.origin}/app/people/7`);
  await page.getByLabel("To erase them").fill("7");
  await page.getByRole("button", { name: "Erase person 7" }).click();
  await page.getByText("It is done").waitFor();
  await page.goto(`${worker.origin}/app/people/7`);
  await page.getByText("Nothing is held about this person").waitFor();
});
