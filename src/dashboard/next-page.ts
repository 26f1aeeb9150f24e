/** Where signing in leads. Guarantees that a link to the sign-in page leads nowhere but into the dashboard. */

const BASE = "https://dashboard.invalid";
const OVERVIEW = "/app";
/** Pages that are no place to go to after signing in. */
const SIGNING = /^\/app\/sign-/;

/** The path and the query of a page of the dashboard; the overview for everything else that `text` may be. */
export function nextPage(text: string | null | undefined): string {
  // Read as a browser reads it: "//evil", "/\evil", "/app/../" and tabs within are what they are there.
  if (text === null || text === undefined || !URL.canParse(text, BASE)) return OVERVIEW;
  const { origin, pathname, search } = new URL(text, BASE);
  const isWithin = pathname === OVERVIEW || pathname.startsWith(`${OVERVIEW}/`);
  return origin === BASE && isWithin && !SIGNING.test(pathname) ? pathname + search : OVERVIEW;
}
