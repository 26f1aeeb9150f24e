/**
 * Chromium as a mail client: no scripts, no network except for the pixel. It is a second opinion on what an email
 * contains and how it looks: its own parser finds the links, its own rendering shows the pixel.
 */
import type { Browser, CDPSession, Page, Route } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";

/** An element with an href, as it is once entities are decoded. */
export interface SeenLink {
  readonly element: string;
  readonly href: string;
  readonly optedOut: boolean;
}

/**
 * `shown`: a placeholder picture for each. `blocked`: as clients do until the reader asks for images, the pixel
 * included.
 */
export type Images = "shown" | "blocked";

export interface Rendering {
  /** PNG by view: "320 light". */
  readonly pictures: ReadonlyMap<string, Buffer>;
  /** How often the email was opened for them. */
  readonly openings: number;
  /** How many pixels it loaded from the Worker. */
  readonly pixelLoads: number;
}

const ADDRESS = "http://mail.test/";

/** What the reader has set their screen to. */
type Scheme = "light" | "dark";
const WIDTHS = [320, 640, 1200];
/**
 * Lower than any email, so that an email that grew by a pixel has a longer picture; Chromium fails on much lower
 * windows.
 */
const HEIGHT = 300;

const PSEUDONYM = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200">
  <rect width="600" height="200" fill="#acf"/><circle cx="90" cy="90" r="60"/></svg>`;

/** The part of the DevTools protocol's DOM.Node that is read here. */
interface Node {
  readonly nodeName: string;
  readonly nodeValue: string;
  /** Names and values by turns. */
  readonly attributes?: readonly string[];
  readonly children?: readonly Node[];
}

export class MailClient {
  readonly #browser: Browser;
  readonly #origin: string;
  /**
   * One for each width, because a resized page may be measured before its style sheet has seen the new width. Each
   * has a window of its own, because only the front page of a window paints at once.
   */
  readonly #pages: readonly Page[];
  readonly #devTools: CDPSession;
  #email: { readonly body: Buffer; readonly contentType: string } = {
    body: Buffer.alloc(0),
    contentType: "",
  };
  #images: Images = "blocked";
  #pixelLoads = 0;

  /** `origin` is the Worker's. */
  static async start(origin: string): Promise<MailClient> {
    const browser = await launchChromium();
    const pages: Page[] = [];
    for (const width of WIDTHS) {
      const context = await browser.newContext({
        javaScriptEnabled: false,
        viewport: { width, height: HEIGHT },
      });
      pages.push(await context.newPage());
    }
    const [first] = pages;
    if (first === undefined) throw new Error("a mail client has a page");
    const client = new MailClient(browser, origin, pages, await first.context().newCDPSession(first));
    for (const page of pages) await page.route("**/*", (route) => client.#answer(route));
    return client;
  }

  private constructor(browser: Browser, origin: string, pages: readonly Page[], devTools: CDPSession) {
    this.#browser = browser;
    this.#origin = origin;
    this.#pages = pages;
    this.#devTools = devTools;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /**
   * The links of every `a`, `area` and VML shape in the order of the document, those in Outlook's conditional comments
   * included. Where tags are badly nested a link may occur twice: HTML's "adoption agency" makes two elements of it.
   */
  async linksOf(email: Buffer): Promise<SeenLink[]> {
    const seen: (SeenLink | string)[] = [];
    walk(await this.#documentOf(email, "text/html"), seen);
    const links: SeenLink[] = [];
    for (const each of seen) {
      if (typeof each === "string") links.push(...(await this.#linksForOutlook(each)));
      else links.push(each);
    }
    return links;
  }

  async #linksForOutlook(inComment: string): Promise<SeenLink[]> {
    const seen: (SeenLink | string)[] = [];
    walk(await this.#documentOf(Buffer.from(inComment), "text/html; charset=utf-8"), seen);
    // What looks like a conditional comment within one is a comment, to Outlook too.
    return seen.filter((each) => typeof each !== "string");
  }

  async render(email: Buffer, images: Images, schemes: readonly Scheme[]): Promise<Rendering> {
    this.#email = { body: email, contentType: "text/html" };
    this.#images = images;
    this.#pixelLoads = 0;
    const pictures = new Map<string, Buffer>();
    const takePictures = async (page: Page, width: number | undefined) => {
      await page.goto(ADDRESS);
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        const picture = await page.screenshot({ fullPage: true, animations: "disabled" });
        pictures.set(`${width} ${colorScheme}`, picture);
      }
    };
    await Promise.all(this.#pages.map((page, index) => takePictures(page, WIDTHS[index])));
    return { pictures, openings: this.#pages.length, pixelLoads: this.#pixelLoads };
  }

  async #documentOf(body: Buffer, contentType: string): Promise<Node> {
    this.#email = { body, contentType };
    this.#images = "blocked";
    await this.#pages[0]?.goto(ADDRESS);
    return (await this.#devTools.send("DOM.getDocument", { depth: -1 })).root;
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    if (request.url() === ADDRESS) return await route.fulfill(this.#email);
    if (this.#images === "blocked" || request.resourceType() !== "image") return await route.abort();
    if (!request.url().startsWith(`${this.#origin}/o/`))
      return await route.fulfill({ body: PSEUDONYM, contentType: "image/svg+xml" });
    const response = await route.fetch();
    if (response.status() === 200 && response.headers()["content-type"] === "image/gif") this.#pixelLoads++;
    await route.fulfill({ response });
  }
}

/** Collects links, and conditional comments that may hold some. */
function walk({ nodeName, nodeValue, attributes = [], children = [] }: Node, seen: (SeenLink | string)[]) {
  const [, inComment] = /^\[if\b[^\]>]*\]>(.*)$/is.exec(nodeName === "#comment" ? nodeValue : "") ?? [];
  // Each is a document to load; most hold nothing but a table.
  if (inComment !== undefined && /href/i.test(inComment)) seen.push(inComment);
  const element = nodeName.toLowerCase();
  const names = attributes.filter((_, index) => index % 2 === 0);
  const href = attributes[2 * names.indexOf("href") + 1];
  if (names.includes("href") && href !== undefined && /^(a|area|v:.*)$/.test(element))
    seen.push({ element, href, optedOut: names.includes("data-no-track") });
  for (const child of children) walk(child, seen);
}
