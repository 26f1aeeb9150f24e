/**
 * How a machine gives itself away, and what becomes of what it does. Each method is asked by a setting of its own; what it finds is
 * logged with the mark, or left out of the log.
 */

/** What gives a machine away. The first three are seen at once, the others only among what else happens to a message. */
export const BOT_METHODS = [
  /** Its user agent's name, or that it has none. */
  "userAgent",
  /** The network that it comes from. */
  "network",
  /** A HEAD before the GET. */
  "head",
  /** A link that no person can see. */
  "honeypot",
  /** Two activities of one message within seconds (Marketo's "Match with proximity pattern"). */
  "proximity",
  /** An activity within seconds of the send or of its delivery. */
  "delivery",
  /** Many links of one message within moments. */
  "links",
] as const;

export type BotMethod = (typeof BOT_METHODS)[number];

/** What becomes of what a method finds: logged with the mark, left out of the log, or not asked. */
export type BotHandling = "mark" | "filter" | "off";

export interface BotPolicy {
  readonly handling: Readonly<Record<BotMethod, BotHandling>>;
  /** 0 to 3: activities whose seconds of the clock differ by so many at most are near each other; 0 is the same second. */
  readonly proximitySeconds: number;
  /** 0 to 60: how near to the send or its delivery an activity is a machine's. */
  readonly deliverySeconds: number;
}

/** Who was taken for a machine, and how. */
export interface Bot {
  readonly method: BotMethod;
  /** For the log: "Match with user agent: Googlebot". */
  readonly pattern: string;
}

/** How the patterns of each method begin in the log. "Match with proximity pattern" is Marketo's word, and the others are like it. */
export const BOT_PATTERNS = {
  userAgent: "Match with user agent",
  network: "Match with network",
  head: "Match with HEAD before GET",
  honeypot: "Match with honeypot link",
  proximity: "Match with proximity pattern",
  delivery: "Match with time of delivery",
  links: "Match with many links at once",
} as const satisfies Record<BotMethod, string>;
