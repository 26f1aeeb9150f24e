/** The form at the foot of each page, by which a viewer chooses the zone of times. */
import { setCookie } from "hono/cookie";
import { readForm } from "../http/body.ts";
import { nextPage } from "./next-page.ts";
import { plainPage } from "./plain-page.tsx";
import { CHOICE_COOKIE, knownZone, type ZoneContext } from "./zone.ts";

const CHOICE_SECONDS = 31_536_000;

/** POST /app/zone: keeps the `zone` of the form for this browser, or forgets it when it is empty; leads to `next`. */
export async function chooseZone(context: ZoneContext): Promise<Response> {
  const fields = await readForm(context.req);
  const wanted = fields?.get("zone")?.trim() ?? "";
  const zone = wanted === "" ? "" : knownZone(wanted);
  if (zone === undefined) return noSuchZone();
  // Not a cookie of own-cookie.ts, which are Strict: a link on another site leads to times of the chosen zone, too.
  setCookie(context, CHOICE_COOKIE, zone, {
    path: "/app",
    httpOnly: true,
    sameSite: "Lax",
    secure: new URL(context.req.url).protocol === "https:",
    maxAge: zone === "" ? 0 : CHOICE_SECONDS,
  });
  return context.redirect(withoutZone(nextPage(fields?.get("next"))), 303);
}

/** The choice holds on the page that it was made on, too: on its first part, since a cursor belongs to one query. */
function withoutZone(path: string): string {
  const url = new URL(path, "https://dashboard.invalid");
  url.searchParams.delete("zone");
  url.searchParams.delete("cursor");
  return url.pathname + url.search;
}

function noSuchZone(): Response {
  const problem = "zone must be a name of the IANA time zone database, like “Europe/Paris”. Go back, and write one.";
  return plainPage("That is no time zone", problem, 400);
}
