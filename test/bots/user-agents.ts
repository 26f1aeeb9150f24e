/**
 * User agents of published lists, by kind, and how many of each kind the classification marks as bots. A crawler or
 * scanner is "named" when at least one of its words occurs in no browser's user agent; the unnamed cannot be
 * distinguished from browsers.
 */
import { botOf, type TrackingRequest } from "../../src/bots/classify.ts";
import { MARKING } from "../reports/policy.ts";
import mailPrograms from "./mail-programs.json" with { type: "json" };
import lists from "./user-agents.json" with { type: "json" };

/** Those of a mailbox provider's proxy, which says so; the others are the mail client itself. */
const PROXY = /proxy|\(via ggpht\.com|FastmailUA/i;

const programs = mailPrograms.flatMap(({ userAgents }) => userAgents);
const proxies = programs.filter((userAgent) => PROXY.test(userAgent));

export const USER_AGENTS = {
  crawlers: lists.crawlers.userAgents.filter((userAgent) => !proxies.includes(userAgent)),
  browsers: lists.browsers.userAgents,
  mailClients: programs.filter((userAgent) => !PROXY.test(userAgent)),
  pictureProxies: proxies,
} as const;

const WORD = /[a-z]{3,}/g;

/** Those of `crawlers` all of whose words are in `browsers`, too. */
export function withoutName(crawlers: readonly string[], browsers: readonly string[]): string[] {
  const wordsOf = (userAgent: string) => userAgent.toLowerCase().match(WORD) ?? [];
  const browsersWords = new Set(browsers.flatMap(wordsOf));
  return crawlers.filter((userAgent) => wordsOf(userAgent).every((word) => browsersWords.has(word)));
}

/** Those that are marked when they load a pixel, or follow a link, from a network that says nothing. */
export function markedOf(userAgents: readonly string[], route: TrackingRequest["route"]): string[] {
  return userAgents.filter(
    (userAgent) => botOf({ route, userAgent, afterHead: false, isHoneypot: false }, MARKING) !== undefined,
  );
}
