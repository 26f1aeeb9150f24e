/**
 * What a form has made and a page shows once, such as a webhook endpoint's secret. The form's answer leads to the page,
 * so that loading it again sends no form again; the text travels in a cookie of a minute. Guarantees that only that
 * page shows it, to the session that sent the form, that nobody reads it in the cookie, and that it is in no
 * address. Gives up the text where the page is not reached within the minute.
 */
import type { Context } from "hono";
import { configured } from "../http/configured.ts";
import { decryptText, encryptText } from "../tokens/encrypted-text.ts";
import { deletingCookie, ownCookie, settingCookie } from "./own-cookie.ts";
import type { Viewer } from "./viewer.ts";

type OnceContext = Context<{ Bindings: Env }>;

const COOKIE = "waxseal-once";
const USE = "shown once";
const LIFE_MS = 60_000;

/** The value of a `Set-Cookie` that keeps `text` for the page of an address. */
export function keepForPage(context: OnceContext, { session }: Viewer, path: string, text: string): string {
  const kept = JSON.stringify([Date.now() + LIFE_MS, session.id, pathnameOf(path), text]);
  return settingCookie(context, COOKIE, encryptText(configured(context.env).tokenKeys, USE, kept), LIFE_MS);
}

/** What a form has kept for the page of a visit. */
export interface KeptText {
  /** To show it: from then on it is gone. Undefined when nothing was kept, or it was long ago. */
  take(): string | undefined;
  readonly isTaken: boolean;
  /** Whether there is something to take. */
  readonly isKept: boolean;
}

/** What was kept for this page and this session. A view of the page that does not take it leaves it there. */
export function keptForPage(context: OnceContext, viewer: Viewer): KeptText {
  const text = readKept(context, viewer);
  let isTaken = false;
  return {
    isKept: text !== undefined,
    take: () => {
      isTaken = text !== undefined;
      return text;
    },
    get isTaken() {
      return isTaken;
    },
  };
}

function readKept(context: OnceContext, { session }: Viewer): string | undefined {
  const cookie = ownCookie(context, COOKIE);
  if (cookie === undefined) return undefined;
  const kept = decryptText(configured(context.env).tokenKeys, USE, cookie);
  if (!kept.ok) return undefined;
  const [untilMs, id, path, text] = JSON.parse(kept.value) as readonly [number, string, string, string];
  const isForThis = id === session.id && path === pathnameOf(context.req.url);
  return isForThis && Date.now() < untilMs ? text : undefined;
}

/** The value of a `Set-Cookie` for the page that has shown it. */
export function forgetKept(context: OnceContext): string {
  return deletingCookie(context, COOKIE);
}

function pathnameOf(address: string): string {
  return new URL(address, "https://any.example").pathname;
}
