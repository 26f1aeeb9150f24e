/**
 * The zone that a viewer's times are shown in: the one of the address, the one that they chose, or that of their
 * browser, which the script keeps in a cookie. UTC while none of them is known.
 */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";

export type ZoneContext = Context<{ Bindings: Env }>;

/** Written by the script (src/browser/zone.ts). */
const BROWSER_COOKIE = "waxseal-zone";
/** Written by the form at the foot of each page. */
export const CHOICE_COOKIE = "waxseal-chosen-zone";

export interface ViewerZone {
  /** Like "Europe/Paris". */
  readonly name: string;
  /** Whether anybody has said it. */
  readonly isKnown: boolean;
}

export function zoneOf(context: ZoneContext): ViewerZone {
  const { searchParams } = new URL(context.req.url);
  const named = [searchParams.get("zone"), getCookie(context, CHOICE_COOKIE), getCookie(context, BROWSER_COOKIE)];
  const name = named.find((each) => each !== null && each !== undefined && each !== "");
  return { name: knownZone(name) ?? "UTC", isKnown: name !== undefined && name !== null };
}

/** As the runtime writes it; undefined for what it does not know. */
export function knownZone(name: string | null | undefined): string | undefined {
  if (name === null || name === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
