/** What the log stores of a request to a pixel or a link, and which requests it stores. */
import type QuickLRU from "quick-lru";
import { botOf } from "../bots/classify.ts";
import type { Settings } from "../config/settings.ts";
import type { Visitor } from "../events/event.ts";
import { userAgentOf } from "../http/request-header.ts";
import { HONEYPOT_LINK_ID, type Message } from "../tokens/claims.ts";
import { isPseudonym, pseudonym } from "../tokens/pseudonym.ts";

/** How long an answer waits for its event to be recorded, in ms. After that the recording continues without it. */
export const RECORD_BUDGET_MS = 100;

/** Scanners send a HEAD to learn the content type, and the GET right behind it. */
const HEAD_BEFORE_MS = 10_000;

/** Browsers and proxies that load ahead of a person say so in one of these. */
const PURPOSE_HEADERS = ["Sec-Purpose", "Purpose", "X-Moz"] as const;

/** Whether a request is a load, which is logged: neither a HEAD nor a prefetch is. */
export function isLoad(request: Request): boolean {
  if (request.method !== "GET") return false;
  for (const name of PURPOSE_HEADERS) {
    const purpose = request.headers.get(name);
    if (purpose !== null && /prefetch|prerender/i.test(purpose)) return false;
  }
  return true;
}

/** The pixel, or the link, that a genuine token names. */
export interface VisitTarget {
  readonly message: Message;
  /** The link's id; undefined for the pixel. */
  readonly link: string | undefined;
}

/**
 * The key of a HEAD request in the cache. What the token says, not its text, to which mail clients append characters;
 * with the client's address, because a scanner may send its HEAD for a link at the moment in which a person clicks it.
 * The address is kept in memory only.
 */
function headRequestKey({ message, link = "" }: VisitTarget, request: Request): string {
  const { email, person, campaign } = message;
  return [email, person, campaign, link, request.headers.get("CF-Connecting-IP")].join("\n");
}

/** Remembers a HEAD request, for the load that may follow it. */
export function noteHead(target: VisitTarget, request: Request, headRequestAtMs: QuickLRU<string, number>): void {
  if (request.method === "HEAD") headRequestAtMs.set(headRequestKey(target, request), Date.now());
}

function isAfterHead(target: VisitTarget, request: Request, headRequestAtMs: QuickLRU<string, number>): boolean {
  // HEAD requests are rare: most clicks need not read their address.
  if (headRequestAtMs.size === 0) return false;
  const headAtMs = headRequestAtMs.get(headRequestKey(target, request));
  return headAtMs !== undefined && Date.now() - headAtMs <= HEAD_BEFORE_MS;
}

/** What the log stores of a load. */
export interface LoggedVisit {
  readonly message: Message;
  readonly visitor: Visitor;
}

/**
 * What the log stores of a load; undefined when a setting excludes it. An anonymous load is stored without the person
 * and without the user agent, whose details can identify as a name does.
 */
export function loggedVisit(
  request: Request,
  target: VisitTarget,
  { bots, privacySignals, tokenKeys }: Settings,
  headRequestAtMs: QuickLRU<string, number>,
): LoggedVisit | undefined {
  const { message, link } = target;
  const isHoneypot = link === HONEYPOT_LINK_ID;
  // Emails sent while the setting was on still hold the honeypot link, and no person follows it.
  if (isHoneypot && bots.handling.honeypot === "off") return undefined;
  const isSignalled = privacySignals !== "ignore" && hasPrivacySignal(request.headers);
  if (isSignalled && privacySignals === "drop") return undefined;
  const userAgent = userAgentOf(request);
  const { asn, asOrganization } = networkOf(request);
  const bot = botOf(
    {
      route: link === undefined ? "open" : "click",
      userAgent,
      asn,
      organization: asOrganization,
      afterHead: isAfterHead(target, request, headRequestAtMs),
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

/** Global Privacy Control §3.1 and Tracking Preference Expression §5.2: the value "1" is the signal. */
function hasPrivacySignal(headers: Headers): boolean {
  return headers.get("Sec-GPC") === "1" || headers.get("DNT") === "1";
}

/** Cloudflare's data on the client's network; `wrangler dev` without internet has none. */
function networkOf({ cf }: Request): Partial<Pick<IncomingRequestCfProperties, "asn" | "asOrganization">> {
  return (cf ?? {}) as Partial<IncomingRequestCfProperties>;
}
