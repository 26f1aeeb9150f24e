/**
 * The methods that detect bots, and how each is handled. A setting per method marks its events, filters them, or
 * turns it off.
 */

/**
 * User agent, network, HEAD and honeypot are known when the request arrives; the others only show beside the
 * message's other events.
 */
export const BOT_METHODS = [
  /** A user agent that names a bot, or is empty. */
  "userAgent",
  /** A network of mail scanners. */
  "network",
  /** A HEAD before the GET. */
  "head",
  /** A click on a link that no person can see. */
  "honeypot",
  /** Two opens or clicks of one message within seconds (Marketo's "Match with proximity pattern"). */
  "proximity",
  /** An open or click within seconds of the send or its delivery. */
  "delivery",
  /** Many links of one message clicked within seconds. */
  "links",
] as const;

export type BotMethod = (typeof BOT_METHODS)[number];

/** `mark`: log the event as a bot's. `filter`: keep it out of the log. `off`: do not use the method. */
export type BotHandling = "mark" | "filter" | "off";

export interface BotPolicy {
  readonly handling: Readonly<Record<BotMethod, BotHandling>>;
  /** 0 to 3: the most by which the clock seconds of two near activities differ; 0 is the same second. */
  readonly proximitySeconds: number;
  /** 0 to 60: the most by which the clock seconds of an activity and of the send or delivery differ. */
  readonly deliverySeconds: number;
}

/** How an event was detected as a bot's. */
export interface BotMatch {
  readonly method: BotMethod;
  /** As logged: "Match with user agent: Googlebot". */
  readonly pattern: string;
}

/** How each method's patterns begin in the log. "Match with proximity pattern" is Marketo's; the others follow it. */
export const BOT_PATTERNS = {
  userAgent: "Match with user agent",
  network: "Match with network",
  head: "Match with HEAD before GET",
  honeypot: "Match with honeypot link",
  proximity: "Match with proximity pattern",
  delivery: "Match with time of delivery",
  links: "Match with many links at once",
} as const satisfies Record<BotMethod, string>;
