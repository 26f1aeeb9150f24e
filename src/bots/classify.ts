/**
 * Classifies a request for a pixel or a link by itself: the first matching method, in a fixed order, decides. Bots
 * that only show beside the message's other events are detected later, when the log is aggregated (burst.ts).
 */
import { cachedByText } from "../platform/lru-cache.ts";
import { BOT_PATTERNS, type BotMatch, type BotMethod, type BotPolicy } from "./bot.ts";
import { scanningNetworkOf } from "./network.ts";
import { automatedAgentOf } from "./user-agent.ts";

export interface TrackingRequest {
  readonly route: "open" | "click";
  /** Empty when the request has none. */
  readonly userAgent: string;
  /** The number of the autonomous system that the request comes from. */
  readonly asn?: number | undefined;
  /** The name of its owner. */
  readonly organization?: string | undefined;
  /** A HEAD request for the same link came before. */
  readonly afterHead: boolean;
  /** The link is invisible to people. */
  readonly isHoneypot: boolean;
}

/** Matching takes microseconds and most user agents repeat, so answers are cached. */
const MAX_CACHED_USER_AGENTS = 2_000;
const cachedAgentOf = cachedByText(MAX_CACHED_USER_AGENTS, automatedAgentOf);

/** The match by which the request is a bot's; undefined when nothing in it matches. */
export function botOf(request: TrackingRequest, { handling }: BotPolicy): BotMatch | undefined {
  const isOpen = request.route === "open";
  if (handling.userAgent !== "off") {
    const agent = cachedAgentOf(request.userAgent);
    if (agent !== undefined && !(agent.loadsPictures && isOpen)) return match("userAgent", agent.name);
  }
  if (request.isHoneypot && handling.honeypot !== "off") return match("honeypot");
  if (request.afterHead && handling.head !== "off") return match("head");
  if (handling.network !== "off") {
    const network = scanningNetworkOf(request.asn, request.organization);
    if (network !== undefined && !(network.loadsPictures && isOpen)) return match("network", network.name);
  }
  return undefined;
}

/** Whether an open shows by its user agent whose it is: a bot's, or a reader's behind a proxy that loads pictures. */
export function isSeenByAgent(userAgent: string, { handling }: BotPolicy): boolean {
  const agent = cachedAgentOf(userAgent);
  return agent !== undefined && (agent.loadsPictures || handling.userAgent !== "off");
}

function match(method: BotMethod, name?: string): BotMatch {
  const pattern = BOT_PATTERNS[method];
  return { method, pattern: name === undefined ? pattern : `${pattern}: ${name}` };
}
