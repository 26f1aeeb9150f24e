/**
 * The machine that a user agent's text names. isbot (its list is kept up to date by others) is one signal of several: it takes mail
 * clients and the proxies of mailbox providers for crawlers, and knows neither Gmail's look before delivery nor an empty text. In
 * doubt a person. Gives up: who calls itself a browser is caught by network, time and number, not here.
 */
import { isbotMatch } from "isbot";

export interface Machine {
  /** For the log, up to 50 characters: "Googlebot". */
  readonly name: string;
  /** It fetches an email's pictures for a person who looks at it, and follows no links. */
  readonly fetchesPictures: boolean;
}

const NAME_KEPT = 50;

/** Proxies through which mailbox providers load the pictures of an email when it is read, by their own documents' names. */
const PICTURE_PROXIES: readonly (readonly [RegExp, string])[] = [
  [/\bGoogleImageProxy\b|\(via ggpht\.com\b/, "Gmail image proxy"],
  [/^YahooMailProxy\b/, "Yahoo mail proxy"],
  [/\bSeznamEmailProxy\//, "Seznam email proxy"],
  [/^RamblerMail\/.*\bImageProxy\//, "Rambler image proxy"],
  [/\bFastmailUA\//, "Fastmail image proxy"],
  [/\(via SuperhumanProxy\b/, "Superhuman image proxy"],
];

/** Chrome and Edge of 2015 in one, with a second "Mozilla/5.0" at its end, which the real Edge 12 did not have. */
const GMAIL_BEFORE_DELIVERY = /Chrome\/42\.0\.2311\.135 .*Edge\/12\.246 Mozilla\/5\.0$/;

const APPLE_MAIL_PRIVACY_PROTECTION = "Mozilla/5.0";

/** Programs that people read mail with, of which isbot knows no more than that they are no browsers. */
const MAIL_CLIENT = new RegExp(
  [
    "outlook|ms-?office|microsoft office/",
    // "Thunderbird/128.3", "Postbox 1.0b14", "Airmail%202.0.3"
    "\\b(?:airmail|barca(?:pro)?|betterbird|canary|em ?client|eudora|evolution|icedove|kontact|mailbar|mailbird|mailmate|mailspring|mimestream|polymail|postbox|shredder|sparrow|spicebird|superhuman|the bat!|thunderbird|zimbra)\\b",
    "spark(?:desktop)?/|lotus-notes|hcl-?notes|incredimail|protonmail|tutanota|mobmail|mailmaster",
    // "WindowsMail/17.5", "Yahoo%20Mail/49268", "NaverMailApp/2.2.2", "Android-Gmail/64562652"
    "mail(?:app|2)?/\\d",
  ].join("|"),
  "i",
);

/** What no mail client calls itself, whatever else stands beside it. */
const CRAWLER = /bot\b|crawl|spider|scanner\b|\+https?:/i;

/** `undefined`: a person, as far as this text tells. */
export function machineOf(userAgent: string): Machine | undefined {
  if (userAgent.trim() === "") return machine("none");
  if (userAgent === APPLE_MAIL_PRIVACY_PROTECTION) return machine("Apple Mail Privacy Protection");
  if (GMAIL_BEFORE_DELIVERY.test(userAgent)) return machine("Gmail before delivery");
  for (const [pattern, name] of PICTURE_PROXIES)
    if (pattern.test(userAgent)) return { name, fetchesPictures: true };
  if (MAIL_CLIENT.test(userAgent) && !CRAWLER.test(userAgent)) return undefined;
  const match = isbotMatch(userAgent);
  return match === null ? undefined : machine(nameIn(userAgent, match));
}

function machine(name: string): Machine {
  return { name, fetchesPictures: false };
}

/** What follows "compatible;", where crawlers put their names and older browsers "MSIE". */
const COMPATIBLE = /\bcompatible; ?(?!MSIE\b)(\w[\w .!-]*)/;
const FIRST_PRODUCT = /^(?!Mozilla\b)\w[\w .!-]*/;
/** A match that is no part of a name: of an address, or from the beginning on. */
const NO_NAME = /^https?$|^Mozilla|^\W/i;
const WORD_BEFORE = /[\w.-]*$/;
const WORD_AFTER = /^[\w.-]*/;
const NAME = /\w[\w .:!-]*/;

/** The name that the machine gives itself around what isbot found; what it found, where there is none. */
function nameIn(userAgent: string, match: string): string {
  const at = userAgent.indexOf(match);
  const before = WORD_BEFORE.exec(userAgent.slice(0, at))?.[0] ?? "";
  const after = WORD_AFTER.exec(userAgent.slice(at + match.length))?.[0] ?? "";
  const named = NO_NAME.test(match)
    ? (COMPATIBLE.exec(userAgent)?.[1] ?? FIRST_PRODUCT.exec(userAgent)?.[0] ?? match)
    : before + match + after;
  return (NAME.exec(named)?.[0] ?? "unnamed").slice(0, NAME_KEPT).trim();
}
