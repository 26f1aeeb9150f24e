/** An event as a sentence in plain English with its time, its device and the mail server's words. */
import { BOT_METHODS, BOT_PATTERNS, type BotMethod, isAppleProxyPattern } from "../bots/bot.ts";
import { type Device, deviceOf } from "../bots/device.ts";
import { CATEGORY } from "../events/bounce.ts";
import { EVENT_TYPES, type EventType, eventTypeOf } from "../events/event.ts";
import type { EventRow } from "../feed/index.ts";

interface Detail {
  readonly address?: string;
  readonly category?: number;
  readonly status?: string;
  readonly details?: string;
  readonly cause?: string;
  readonly implied?: boolean;
  readonly who?: string;
  readonly attempt?: number;
}

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });

const REASONS: ReadonlyMap<number | undefined, string> = new Map([
  [CATEGORY.blocked, "as spam or by the mail server's rules"],
  [CATEGORY.invalidRecipient, "because there is no such mailbox"],
  [CATEGORY.temporary, "for a while"],
  [CATEGORY.technical, "because of a technical fault"],
  [CATEGORY.unclear, "for an unclear reason"],
]);

const UNSUBSCRIBED: ReadonlyMap<string | undefined, OtherWords> = new Map([
  ["form", { did: "Unsubscribed on the page" }],
  ["one_click", { did: "Unsubscribed with one click in the mail program" }],
  ["complaint", { did: "Reported as spam", effect: ", which unsubscribes" }],
  ["provider", { did: "Unsubscribed at the email provider" }],
  ["sender", { did: "Unsubscribed through the sender" }],
]);

/** What happened, in three forms for people. */
export interface EventWords {
  /** With its time: "Opened on 29 November 2026 at 14:03:22 UTC, on iPhone (iOS)." */
  readonly text: string;
  /** Without: "A person opened it on iPhone (iOS)" */
  readonly summary: string;
  /** Why it is taken for a bot's: "Its user agent names a bot: Googlebot" */
  readonly why?: string;
}

export function eventWords(row: EventRow): EventWords {
  const detail = (row.detail === null ? {} : JSON.parse(row.detail)) as Detail;
  const on = `on ${TIME.format(row.at)} UTC`;
  const type = eventTypeOf(row.type);
  switch (type) {
    case undefined:
      return { text: `Recorded ${on}.`, summary: "Recorded" };
    case "opened":
      return visitWords(row, { did: "Opened", what: "it", whole: "", on });
    case "clicked":
      return visitWords(row, { did: "Clicked", what: nameOf(row), whole: ` ${linkText(row)}`, on });
    case "sent":
      if (detail.implied !== true) break;
      return {
        text: `Sent ${on} at the latest: nobody reported it, but a mail server's answer implies it.`,
        summary: "Sent at the latest then: nobody reported it, but a mail server's answer implies it",
      };
    case "retry":
      return {
        text: `Due again ${on}, as attempt ${detail.attempt}.`,
        summary: `Due to be sent again, as attempt ${detail.attempt}`,
      };
  }
  const { did, reason, effect = "", said } = otherWords(type, detail);
  const text = `${did}${reason === undefined ? "" : ` ${reason},`} ${on}${effect}.`;
  return {
    text: said === undefined ? text : `${text} The mail server said: ${said}`,
    summary: `${did}${reason === undefined ? "" : ` ${reason}`}${effect}`,
  };
}

interface OtherWords {
  /** "Refused" */
  readonly did: string;
  /** What is said beside it, before the time: "because there is no such mailbox" */
  readonly reason?: string | undefined;
  /** What follows the time: ", which unsubscribes" */
  readonly effect?: string;
  readonly said?: string | undefined;
}

function otherWords(type: Exclude<EventType, "opened" | "clicked" | "retry">, detail: Detail): OtherWords {
  switch (type) {
    case "sent":
      return { did: detail.address === undefined ? "Sent" : `Sent to ${detail.address}` };
    case "delivered":
      return { did: "Accepted by the recipient's mail server" };
    case "hardBounced":
    case "softBounced":
      return { did: "Refused", reason: REASONS.get(detail.category), said: detail.details ?? detail.status };
    case "unsubscribed":
      return UNSUBSCRIBED.get(detail.cause) ?? { did: "Unsubscribed" };
    case "subscribed":
      return { did: "Subscribed again" };
    case "suppressionRemoved":
      return { did: `The suppression was removed${detail.who === undefined ? "" : ` by ${detail.who}`}` };
  }
}

interface VisitWords {
  readonly did: "Opened" | "Clicked";
  /** "it", or the link by its name. */
  readonly what: string;
  /** The link with its address. */
  readonly whole: string;
  readonly on: string;
}

function visitWords(
  { type, isBot, botPattern, userAgent }: EventRow,
  { did, what, whole, on }: VisitWords,
): EventWords {
  const doing = did + whole;
  const doer = `${did.toLowerCase()} ${what}`;
  if (isBot !== 0 && type === EVENT_TYPES.opened.id && isAppleProxyPattern(botPattern)) return byAppleProxy(on);
  if (isBot !== 0) {
    const pattern = botPattern === null ? "" : ` (${botPattern})`;
    return { text: `${doing} ${on}, by a bot${pattern}.`, summary: `A bot ${doer}`, ...whyBot(botPattern) };
  }
  const device = deviceText(deviceOf(userAgent ?? ""));
  return {
    text: `${doing} ${on}${device === undefined ? "" : `, on ${device}`}.`,
    summary: `A person ${doer}${device === undefined ? "" : ` on ${device}`}`,
  };
}

function byAppleProxy(on: string): EventWords {
  const summary = "Apple's mail privacy proxy loaded its pictures; whether somebody read it cannot be known";
  return {
    text: `Pictures loaded ${on} by Apple's mail privacy proxy; whether somebody read it cannot be known.`,
    summary,
    why: "For people with Apple Mail it loads the pictures of every mail, read or not, so that senders cannot tell",
  };
}

const WHY_BOT: Readonly<Record<BotMethod, string>> = {
  userAgent: "Its user agent names a bot",
  network: "It came from a network of mail scanners",
  head: "The same link was asked for by HEAD just before, as scanners do",
  honeypot: "It followed a link that no person can see",
  proximity: "Another link of the message was clicked within the same seconds",
  delivery: "It came within seconds after the send or its delivery",
  provider: "The email provider calls this load an automated one",
  links: "More links of the message were clicked than a person clicks in that time",
};

/** "Match with user agent: Googlebot" → "Its user agent names a bot: Googlebot" */
function whyBot(pattern: string | null): Pick<EventWords, "why"> {
  if (pattern === null) return {};
  const method = BOT_METHODS.find((each) => pattern.startsWith(BOT_PATTERNS[each]));
  return { why: method === undefined ? pattern : WHY_BOT[method] + pattern.slice(BOT_PATTERNS[method].length) };
}

/** "iPhone (iOS)" */
function deviceText({ device, platform }: Device): string | undefined {
  if (device === undefined) return platform;
  return platform === undefined ? device : `${device} (${platform})`;
}

function nameOf({ link, linkName }: EventRow): string {
  return linkName === null ? (link ?? "a link") : `"${linkName}"`;
}

function linkText({ link, linkName }: EventRow): string {
  if (linkName === null) return link ?? "a link";
  return link === null ? `"${linkName}"` : `"${linkName}", ${link},`;
}
