/** The pictures that `npm run screenshots` takes. */
import type { BrowserContextOptions, Page } from "playwright-core";

export interface Picture {
  /** Of the file docs/images/NAME.png. */
  readonly name: string;
  readonly path: string;
  readonly options: BrowserContextOptions;
  /** What is done on the page before. */
  readonly act?: (page: Page) => Promise<void>;
}

const EMAIL = "/app/emails/2005";
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, colorScheme: "light" };
const PHONE_IN_THE_DARK: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };

export const PICTURES: readonly Picture[] = [
  { name: "overview", path: "/app", options: DESK },
  { name: "overview-phone", path: "/app", options: PHONE_IN_THE_DARK },
  { name: "email", path: EMAIL, options: DESK },
  { name: "campaign", path: "/app/campaigns/501", options: DESK },
  { name: "compare", path: "/app/compare?email=2005&email=2002", options: DESK },
  { name: "click-map", path: `${EMAIL}/clicks`, options: DESK },
  { name: "message", path: "/app/messages", options: DESK, act: (page) => page.locator("tbody a").first().click() },
  { name: "deliverability", path: "/app/deliverability", options: DESK },
  // The last one: what is done there is on the others from then on.
  { name: "try-it", path: "/app/try?reader=7", options: DESK, act: readSample },
];

async function readSample(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Show images" }).click();
  await page.locator("#log").getByText("A person opened it").waitFor();
  await page.frameLocator("iframe[name=email]").getByRole("link", { name: "The recipe" }).click();
  await page.locator("#log").getByText("A person clicked").waitFor();
  await page.evaluate("scrollTo(0, 0)");
}
