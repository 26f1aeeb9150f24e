/**
 * The methods that detect bots, and how each is handled. A setting per method marks its events, filters them, or
 * turns it off.
 */

/**
 * The methods, and how their patterns begin in the log. User agent, network, HEAD and honeypot are known when the
 * request arrives; the others only show beside the message's other events.
 */
export const BOT_PATTERNS = {
  /** A user agent that names a bot, or is empty. */
  userAgent: "Match with user agent",
  /** A network of mail scanners. */
  network: "Match with network",
  /** A HEAD before the GET. */
  head: "Match with HEAD before GET",
  /** A click on a link that no person can see. */
  honeypot: "Match with honeypot link",
  /** Two opens or clicks of one message within seconds. The words are Marketo's; the other patterns follow them. */
  proximity: "Match with proximity pattern",
  /** An open or click within seconds after the send or its delivery. */
  delivery: "Match with time of delivery",
  /** Many links of one message clicked within seconds. */
  links: "Match with many links at once",
  /** A load at which the provider's own pixel was loaded, too, by the same program, which the provider calls a bot. */
  provider: "Match with email provider",
} as const;

/** What the log calls Apple's mail privacy proxy: no bot's name, and no sign of whether somebody read the mail. */
export const APPLE_PROXY_NAME = "Apple Mail Privacy Protection";

/** @param pattern as logged */
export function isAppleProxyPattern(pattern: string | null | undefined): boolean {
  return pattern === `${BOT_PATTERNS.userAgent}: ${APPLE_PROXY_NAME}`;
}

export type BotMethod = keyof typeof BOT_PATTERNS;
export const BOT_METHODS = Object.keys(BOT_PATTERNS) as readonly BotMethod[];

/** `mark`: log the event as a bot's. `filter`: keep it out of the log. `off`: do not use the method. */
export type BotHandling = "mark" | "filter" | "off";

export interface BotPolicy {
  readonly handling: Readonly<Record<BotMethod, BotHandling>>;
  /** 0 to 3: the most by which the clock seconds of two near activities differ; 0 is the same second. */
  readonly proximitySeconds: number;
  /** 0 to 60: the most clock seconds from the send or delivery to an activity. */
  readonly deliverySeconds: number;
}

/** How an event was detected as a bot's. */
export interface BotMatch {
  readonly method: BotMethod;
  /** As logged: "Match with user agent: Googlebot". */
  readonly pattern: string;
}

/** The pattern that a match puts into the log; null where it is filtered. */
export function patternIn({ handling }: BotPolicy, { method, pattern }: BotMatch): string | null {
  return handling[method] === "filter" ? null : pattern;
}
