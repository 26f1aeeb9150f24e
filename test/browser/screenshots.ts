/**
 * `npm run screenshots`: the pictures of the README and docs/, taken of the dashboard over the sample history, so that
 * they show what is there. Writes docs/images/.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import { startLocalWorker } from "../../src/dev/local-worker.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { seedSampleHistory } from "../../src/dev/sample/seed.ts";
import { launchChromium } from "./chromium.ts";
import { visitor } from "./visitor.ts";

const FOLDER = join(projectRoot, "docs", "images");
const EMAIL = "/app/emails/2005";

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly options: BrowserContextOptions;
  /** Of a message, whose address is found on its list. */
  readonly isFirstMessage?: true;
}

const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, colorScheme: "light" };
const PHONE_IN_THE_DARK: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };

const PICTURES: readonly Picture[] = [
  { name: "overview", path: "/app", options: DESK },
  { name: "overview-phone", path: "/app", options: PHONE_IN_THE_DARK },
  { name: "email", path: EMAIL, options: DESK },
  { name: "click-map", path: `${EMAIL}/clicks`, options: DESK },
  { name: "message", path: "/app/messages", options: DESK, isFirstMessage: true },
  { name: "deliverability", path: "/app/deliverability", options: DESK },
];

const worker = await startLocalWorker({ assets: true });
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  await seedSampleHistory({ origin: worker.origin, apiKey: worker.apiKey }, Date.now());
  for (const picture of PICTURES) await take(picture);
} finally {
  await browser.close();
  await worker.stop();
}

async function take({ name, path, options, isFirstMessage }: Picture): Promise<void> {
  const { page, context } = await visitor(browser, options);
  await page.goto(`${worker.origin}/app/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.locator("h1").waitFor();
  if (isFirstMessage === true) await page.locator("tbody a").first().click();
  await page.waitForLoadState("networkidle");
  const file = join(FOLDER, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  console.log(`docs/images/${name}.png`);
}
