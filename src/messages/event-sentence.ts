/** An event as a sentence in plain English with its time, its device and the mail server's words. */
import { type Device, deviceOf } from "../bots/device.ts";
import { CATEGORY } from "../events/bounce.ts";
import { EVENT_TYPES } from "../events/event.ts";
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
  [CATEGORY.blocked, "as spam or by its rules"],
  [CATEGORY.invalidRecipient, "because there is no such mailbox"],
  [CATEGORY.temporary, "for a while"],
  [CATEGORY.technical, "because of a technical fault"],
  [CATEGORY.unclear, "for an unclear reason"],
]);

const UNSUBSCRIBED: ReadonlyMap<string | undefined, string> = new Map([
  ["form", "Unsubscribed on the page"],
  ["one_click", "Unsubscribed with one click in the mail program"],
  ["complaint", "Reported as spam, which unsubscribes"],
  ["provider", "Unsubscribed at the email provider"],
  ["sender", "Unsubscribed through the sender"],
]);

/** "Opened on 29 November 2026 at 14:03:22 UTC, on iPhone (iOS)." */
export function eventSentence({ type, at, link, linkName, userAgent, isBot, botPattern, ...row }: EventRow): string {
  const detail = (row.detail === null ? {} : JSON.parse(row.detail)) as Detail;
  const on = `on ${TIME.format(at)} UTC`;
  const by =
    isBot === 0 ? deviceText(deviceOf(userAgent ?? "")) : `, by a bot${botPattern === null ? "" : ` (${botPattern})`}`;
  switch (type) {
    case EVENT_TYPES.sent.id:
      return detail.implied
        ? `Sent ${on} at the latest: nobody reported it, but a mail server's answer implies it.`
        : `Sent${detail.address === undefined ? "" : ` to ${detail.address}`} ${on}.`;
    case EVENT_TYPES.delivered.id:
      return `Accepted by the recipient's mail server ${on}.`;
    case EVENT_TYPES.hardBounced.id:
    case EVENT_TYPES.softBounced.id: {
      const words = detail.details ?? detail.status;
      const said = words === undefined ? "" : ` The mail server said: ${words}`;
      return `Refused ${REASONS.get(detail.category) ?? ""} ${on}.${said}`;
    }
    case EVENT_TYPES.opened.id:
      return `Opened ${on}${by}.`;
    case EVENT_TYPES.clicked.id:
      return `Clicked ${linkText(linkName, link)} ${on}${by}.`;
    case EVENT_TYPES.unsubscribed.id:
      return `${UNSUBSCRIBED.get(detail.cause) ?? "Unsubscribed"} ${on}.`;
    case EVENT_TYPES.subscribed.id:
      return `Subscribed again ${on}.`;
    case EVENT_TYPES.suppressionRemoved.id:
      return `The suppression was removed ${on}${detail.who === undefined ? "" : ` by ${detail.who}`}.`;
    case EVENT_TYPES.retry.id:
      return `Due again ${on}, as attempt ${detail.attempt}.`;
    default:
      return `Recorded ${on}.`;
  }
}

function deviceText({ device, platform }: Device): string {
  if (device === undefined) return platform === undefined ? "" : `, on ${platform}`;
  return `, on ${device}${platform === undefined ? "" : ` (${platform})`}`;
}

function linkText(name: string | null, url: string | null): string {
  if (name === null) return url ?? "a link";
  return url === null ? `"${name}"` : `"${name}", ${url},`;
}
