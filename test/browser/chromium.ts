/** The system's Chromium, headless, with nothing of it reaching beyond this machine. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The first is the same engine without windows. Those are pages, too, which take a third of the processor time. */
const PATHS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].map(
  (name) => `/usr/bin/${name}`,
);

/** Close it when the tests that share it end. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PATHS.find(existsSync);
  if (executablePath === undefined)
    throw new Error('There is no Chromium: "apt-get install chromium-headless-shell", or name one in CHROMIUM.');
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
