/** The zone of the browser, in which the Worker shows times unless its viewer chose another. */

const COOKIE = "waxseal-zone";
const YEAR_SECONDS = 31_536_000;

/**
 * Keeps it in a cookie. A page that came without a known zone is loaded again, once: not where the browser has refused
 * the cookie, because the page would come in UTC again.
 */
export function keepBrowserZone(): void {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser.
  document.cookie = `${COOKIE}=${timeZone}; Path=/app; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
  const isKept = document.cookie.split("; ").includes(`${COOKIE}=${timeZone}`);
  const shown = document.querySelector<HTMLElement>("[data-zone-unknown]")?.dataset.zoneUnknown;
  if (shown !== undefined && shown !== timeZone && isKept) location.reload();
}
