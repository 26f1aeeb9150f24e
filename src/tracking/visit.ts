/** What a request to a pixel or a link tells of who makes it, and what of that is logged. */

import type QuickLRU from "quick-lru";
import { botOf } from "../bots/classify.ts";
import type { Settings } from "../config/settings.ts";
import type { Visitor } from "../events/event.ts";
import type { Message } from "../tokens/claims.ts";
import { isPseudonym, pseudonym } from "../tokens/pseudonym.ts";

/** How long a recipient waits for their event to be recorded, in ms. Past that they are answered and it goes on behind. */
export const RECORD_BUDGET_MS = 100;

const USER_AGENT_KEPT = 512;

/** A scanner asks by HEAD what is there, and then gets it. */
const HEAD_BEFORE_MS = 10_000;

/** Who loads ahead of a person says so in one of these, sometimes in two. */
const PURPOSE_HEADERS = ["Sec-Purpose", "Purpose", "X-Moz"] as const;

/** Whether somebody loads this: neither a HEAD nor a prefetch is a load, and neither is logged. */
export function isLoad(request: Request): boolean {
  if (request.method !== "GET") return false;
  for (const name of PURPOSE_HEADERS) {
    const purpose = request.headers.get(name);
    if (purpose !== null && /prefetch|prerender/i.test(purpose)) return false;
  }
  return true;
}

/**
 * A HEAD and the GET behind it come from one address. It is not stored: at the moment somebody clicks, a scanner in front of them may
 * ask by HEAD for the same link.
 */
export function headKey(token: string, request: Request): string {
  return `${token} ${request.headers.get("CF-Connecting-IP")}`;
}

/** Hardly anybody asks by HEAD: most isolates remember none, and a click need not look for its address. */
function isAfterHead(token: string, request: Request, heads: QuickLRU<string, number>): boolean {
  if (heads.size === 0) return false;
  const headAtMs = heads.get(headKey(token, request));
  return headAtMs !== undefined && Date.now() - headAtMs <= HEAD_BEFORE_MS;
}

export function userAgentOf(request: Request): string {
  return headerOf(request, "User-Agent", USER_AGENT_KEPT);
}

/** The first `kept` characters of a header, empty without it. A character cut in half is no text that D1 could hold. */
export function headerOf(request: Request, name: string, kept: number): string {
  const value = request.headers.get(name) ?? "";
  return value.length <= kept ? value : value.slice(0, kept).toWellFormed();
}

/** A genuine token that was asked for. */
export interface Asked {
  readonly route: "open" | "click";
  readonly token: string;
  readonly message: Message;
  readonly isHoneypot: boolean;
}

/** What the log says of a load: of which message, by whom. */
export interface Logged {
  readonly message: Message;
  readonly visitor: Visitor;
}

/**
 * What of a load is logged; undefined when a setting leaves it out. Of somebody who is anonymous it is neither the person nor the
 * user agent, which in its details is as good as a name.
 */
export function loggedOf(
  request: Request,
  { route, token, message, isHoneypot }: Asked,
  { bots, privacySignals, tokenKeys }: Settings,
  heads: QuickLRU<string, number>,
): Logged | undefined {
  // A honeypot that was set while it was asked for is still in those mails, and no person follows it.
  if (isHoneypot && bots.handling.honeypot === "off") return undefined;
  const isSignalled = privacySignals !== "ignore" && hasPrivacySignal(request.headers);
  if (isSignalled && privacySignals === "drop") return undefined;
  const userAgent = userAgentOf(request);
  const { asn, asOrganization } = networkOf(request);
  const bot = botOf(
    {
      route,
      userAgent,
      asn,
      organization: asOrganization,
      afterHead: isAfterHead(token, request, heads),
      isHoneypot,
    },
    bots,
  );
  if (bot !== undefined && bots.handling[bot.method] === "filter") return undefined;
  const person = isSignalled ? pseudonym(tokenKeys, message) : message.person;
  return {
    message: { ...message, person },
    visitor: { userAgent: isPseudonym(person) ? "" : userAgent, botPattern: bot?.pattern },
  };
}

/** Global Privacy Control §3.1 and Tracking Preference Expression §5.2: the value "1" says so. */
function hasPrivacySignal(headers: Headers): boolean {
  return headers.get("Sec-GPC") === "1" || headers.get("DNT") === "1";
}

/** What Cloudflare knows of the network that a request comes from; `wrangler dev` without internet knows nothing. */
function networkOf({ cf }: Request): Partial<Pick<IncomingRequestCfProperties, "asn" | "asOrganization">> {
  return (cf ?? {}) as Partial<IncomingRequestCfProperties>;
}
