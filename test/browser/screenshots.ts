/**
 * `npm run screenshots`: the pictures of the README and docs/, taken of the dashboard over the sample history, so that
 * they show what is there. Writes docs/images/.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startLocalWorker } from "../../src/dev/local-worker.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { seedSampleHistory } from "../../src/dev/sample/seed.ts";
import { bundleWorker, WORKER } from "../../src/dev/worker-bundle.ts";
import { launchChromium } from "./chromium.ts";
import { PICTURES, type Picture } from "./pictures.ts";
import { visitor } from "./visitor.ts";

const FOLDER = join(projectRoot, "docs", "images");
const { script } = await bundleWorker(WORKER, "development");
const worker = await startLocalWorker({ assets: true, script });
const browser = await launchChromium();
try {
  await mkdir(FOLDER, { recursive: true });
  await seedSampleHistory({ origin: worker.origin, apiKey: worker.apiKey }, Date.now());
  for (const picture of PICTURES) await take(picture);
} finally {
  await browser.close();
  await worker.stop();
}

async function take({ name, path, options, act }: Picture): Promise<void> {
  const { page, context } = await visitor(browser, options);
  await page.goto(`${worker.origin}/app/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("API key").fill(worker.apiKey);
  await page.getByRole("button", { name: "Sign in" }).first().click();
  await page.locator("h1").waitFor();
  await act?.(page);
  await page.waitForLoadState("networkidle");
  const file = join(FOLDER, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  console.log(`docs/images/${name}.png`);
}
