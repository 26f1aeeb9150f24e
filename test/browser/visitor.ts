/** Who visits the pages: a browser's context that collects whatever a page complains of. */
import axe from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from "playwright-core";

/** A proxy that nobody is. */
const NOWHERE = { server: "http://127.0.0.1:9", bypass: "127.0.0.1" };

export const PHONE = { width: 320, height: 568 };

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors on the console, blocked resources among them, and exceptions; the status of the page itself is none. */
  readonly complaints: readonly string[];
  /** The addresses of every request. */
  readonly requests: readonly string[];
}

/** A browser without a window says so, and is a bot. */
function personsAgent(browser: Browser): string {
  const [major] = browser.version().split(".");
  return `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
}

/** Close the context when done. Nothing outside of this machine is reached. */
export async function visitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ proxy: NOWHERE, userAgent: personsAgent(browser), ...options });
  const complaints: string[] = [];
  const requests: string[] = [];
  const complain = (message: ConsoleMessage) => {
    const ofTheStatus = /^Failed to load resource: .* status of [45]/.test(message.text());
    if (ofTheStatus && message.location().url === message.page()?.url()) return;
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  };
  context.on("console", complain);
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => requests.push(request.url()));
  return { context, page: await context.newPage(), complaints, requests };
}

/** What axe-core finds wrong with a page, a line each. Frames are checked by themselves. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<axe.AxeResults>("axe.run(document, { iframes: false })");
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** How many pixels a page is wider than its window. */
export async function overhang(page: Page): Promise<number> {
  return await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
