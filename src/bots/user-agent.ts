/**
 * Recognizes automated user agents. The package isbot supplies the list of crawlers; it alone is not enough, because
 * it takes mail clients and image proxies of mailbox providers for crawlers, and misses Gmail's fetch before delivery
 * and an empty user agent. In doubt the answer is "not automated". Gives up: bots with a browser's user agent, which
 * network, timing and number of clicks reveal instead.
 */
import { isbotMatch } from "isbot";
import { APPLE_PROXY_NAME } from "./bot.ts";

export interface AutomatedAgent {
  /** As logged, at most 50 characters: "Googlebot". */
  readonly name: string;
  /** It loads an email's pictures for a person who reads it, and follows no links. */
  readonly loadsPictures: boolean;
}

const MAX_NAME_CHARS = 50;

/**
 * Proxies through which mailbox providers load pictures when an email is read; names as in the providers' documents.
 */
const PICTURE_PROXIES: readonly (readonly [RegExp, string])[] = [
  [/\bGoogleImageProxy\b|\(via ggpht\.com\b/, "Gmail image proxy"],
  [/^YahooMailProxy\b/, "Yahoo mail proxy"],
  [/\bSeznamEmailProxy\//, "Seznam email proxy"],
  [/^RamblerMail\/.*\bImageProxy\//, "Rambler image proxy"],
  [/\bFastmailUA\//, "Fastmail image proxy"],
  [/\(via SuperhumanProxy\b/, "Superhuman image proxy"],
];

/** Gmail poses as Edge 12 of 2015 with a second "Mozilla/5.0" at the end, which the real Edge 12 did not have. */
const GMAIL_BEFORE_DELIVERY = { part: "Chrome/42.0.2311.135 ", end: "Edge/12.246 Mozilla/5.0" };

const APPLE_PROXY_AGENT = "Mozilla/5.0";

/** Mail clients, which isbot takes for bots because they are no browsers. */
const MAIL_CLIENT = new RegExp(
  [
    "outlook|ms-?office|microsoft office/",
    // "Thunderbird/128.3", "Postbox 1.0b14", "Airmail%202.0.3"
    "\\b(?:airmail|barca(?:pro)?|betterbird|canary|em ?client|eudora|evolution|icedove|kontact|mailbar|mailbird",
    "mailmate|mailspring|mimestream|polymail|postbox|shredder|sparrow|spicebird|superhuman|the bat!",
    "thunderbird|zimbra)\\b",
    "spark(?:desktop)?/|lotus-notes|hcl-?notes|incredimail|protonmail|tutanota|mobmail|mailmaster",
    // "WindowsMail/17.5", "Yahoo%20Mail/49268", "NaverMailApp/2.2.2", "Android-Gmail/64562652"
    "mail(?:app|2)?/\\d",
  ].join("|"),
  "i",
);

/** Words that no mail client uses of itself. */
const CRAWLER = /bot\b|crawl|spider|scanner\b|\+https?:/i;

/** Whether it is that of Apple's mail privacy proxy, which loads the pictures of every mail, read or not. */
export function isAppleProxyAgent(userAgent: string): boolean {
  return userAgent === APPLE_PROXY_AGENT;
}

/** The bot or proxy that a user agent belongs to; undefined when nothing in it says that it is automated. */
export function automatedAgentOf(userAgent: string): AutomatedAgent | undefined {
  if (userAgent.trim() === "") return bot("none");
  if (isAppleProxyAgent(userAgent)) return bot(APPLE_PROXY_NAME);
  if (isGmailBeforeDelivery(userAgent)) return bot("Gmail before delivery");
  for (const [pattern, name] of PICTURE_PROXIES) if (pattern.test(userAgent)) return { name, loadsPictures: true };
  if (MAIL_CLIENT.test(userAgent) && !CRAWLER.test(userAgent)) return undefined;
  const match = isbotMatch(userAgent);
  return match === null ? undefined : bot(nameIn(userAgent, match));
}

function isGmailBeforeDelivery(userAgent: string): boolean {
  const { part, end } = GMAIL_BEFORE_DELIVERY;
  return userAgent.endsWith(end) && userAgent.includes(part);
}

function bot(name: string): AutomatedAgent {
  return { name, loadsPictures: false };
}

/** Crawlers put their names after "compatible;", older browsers "MSIE". */
const COMPATIBLE = /\bcompatible; ?(?!MSIE\b)(\w[\w .!-]*)/;
const FIRST_PRODUCT = /^(?!Mozilla\b)\w[\w .!-]*/;
/** Matches of isbot that are no part of a name: a URL, or the beginning of the text. */
const NO_NAME = /^https?$|^Mozilla|^\W/i;
const WORD_BEFORE = /(?<![\w.-])[\w.-]*$/;
const WORD_AFTER = /^[\w.-]*/;
const NAME = /\w[\w .:!-]*/;

/** The name around what isbot matched, or the match itself. */
function nameIn(userAgent: string, match: string): string {
  const at = userAgent.indexOf(match);
  const before = WORD_BEFORE.exec(userAgent.slice(0, at))?.[0] ?? "";
  const after = WORD_AFTER.exec(userAgent.slice(at + match.length))?.[0] ?? "";
  const named = NO_NAME.test(match)
    ? (COMPATIBLE.exec(userAgent)?.[1] ?? FIRST_PRODUCT.exec(userAgent)?.[0] ?? match)
    : before + match + after;
  return (NAME.exec(named)?.[0] ?? "unnamed").slice(0, MAX_NAME_CHARS).trim();
}
