/**
 * An event of the log in answers, for programs and for people: its fields, and a sentence in plain English. What an
 * event does not have is left out.
 */
import * as v from "valibot";
import { type Device, deviceOf } from "../bots/device.ts";
import { CATEGORY } from "../events/bounce.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";

/** What an entry needs of a row of `events`. */
export interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly type: number;
  /** ms since 1970 UTC. */
  readonly at: number;
  readonly send: string | null;
  readonly linkId: string | null;
  readonly link: string | null;
  readonly userAgent: string | null;
  readonly isBot: number;
  readonly botPattern: string | null;
  /** JSON object. */
  readonly detail: string | null;
}

/** The names of the types on `/v1`, by their ids in the log. */
const TYPE_NAMES: ReadonlyMap<number, EventName> = new Map([
  [EVENT_TYPES.sent.id, "sent"],
  [EVENT_TYPES.delivered.id, "delivered"],
  [EVENT_TYPES.hardBounced.id, "hard_bounced"],
  [EVENT_TYPES.softBounced.id, "soft_bounced"],
  [EVENT_TYPES.opened.id, "opened"],
  [EVENT_TYPES.clicked.id, "clicked"],
  [EVENT_TYPES.unsubscribed.id, "unsubscribed"],
  [EVENT_TYPES.subscribed.id, "subscribed"],
  [EVENT_TYPES.suppressionRemoved.id, "suppression_removed"],
]);

const EVENT_NAMES = [
  "sent",
  "delivered",
  "hard_bounced",
  "soft_bounced",
  "opened",
  "clicked",
  "unsubscribed",
  "subscribed",
  "suppression_removed",
] as const;
type EventName = (typeof EVENT_NAMES)[number];

const Text = v.optional(v.string());

export const EventEntry = v.pipe(
  v.object({
    seq: v.number(),
    id: v.string(),
    type: v.picklist(EVENT_NAMES),
    at: TimeAnswer,
    /** For people. */
    text: v.string(),
    send: Text,
    link: v.optional(v.object({ id: v.string(), url: Text })),
    device: v.optional(v.object({ platform: Text, device: Text, mobile: v.optional(v.boolean()) })),
    userAgent: Text,
    /** Of an open or a click: whether a bot made it, and what showed it. */
    bot: v.optional(v.boolean()),
    botPattern: Text,
    bounce: v.optional(v.object({ category: v.number(), subcategory: Text, status: Text, details: Text })),
    address: Text,
    cause: Text,
    implied: v.optional(v.boolean()),
    /** The time that was reported, where it could not be believed. */
    reportedAt: v.optional(TimeAnswer),
    who: Text,
    why: Text,
  }),
  v.title("MessageEvent"),
);
type Entry = v.InferOutput<typeof EventEntry>;

interface Detail {
  readonly address?: string;
  readonly category?: number;
  readonly subcategory?: string;
  readonly status?: string;
  readonly details?: string;
  readonly cause?: string;
  readonly implied?: boolean;
  readonly reportedAt?: number;
  readonly who?: string;
  readonly why?: string;
}

/** The entry of an event; undefined for what readers do not see. */
export function eventEntry(row: EventRow): Entry | undefined {
  const type = TYPE_NAMES.get(row.type);
  if (type === undefined) return undefined;
  const detail = (row.detail === null ? {} : JSON.parse(row.detail)) as Detail;
  const isVisit = type === "opened" || type === "clicked";
  const device = isVisit ? deviceOf(row.userAgent ?? "") : {};
  const entry = {
    seq: row.seq,
    id: row.id,
    type,
    at: isoTime(row.at),
    text: sentence(type, row, detail, device),
    send: row.send,
    link: row.linkId === null ? undefined : { id: row.linkId, ...(row.link === null ? {} : { url: row.link }) },
    device: Object.keys(device).length === 0 ? undefined : withoutAbsent(deviceFields(device)),
    userAgent: row.userAgent || undefined,
    bot: isVisit ? row.isBot !== 0 : undefined,
    botPattern: row.botPattern,
    bounce: detail.category === undefined ? undefined : bounceFields(detail),
    address: detail.address,
    cause: detail.cause,
    implied: detail.implied,
    reportedAt: detail.reportedAt === undefined ? undefined : isoTime(detail.reportedAt),
    who: detail.who,
    why: detail.why,
  };
  return withoutAbsent(entry) as Entry;
}

function deviceFields({ platform, device, isMobile }: Device) {
  return { platform, device, mobile: isMobile };
}

function bounceFields({ category, subcategory, status, details }: Detail) {
  return withoutAbsent({ category, subcategory, status, details });
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
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
function sentence(type: EventName, { at, link, isBot, botPattern }: EventRow, detail: Detail, device: Device): string {
  const on = `on ${TIME.format(at)} UTC`;
  const by = isBot === 0 ? deviceText(device) : `, by a bot${botPattern === null ? "" : ` (${botPattern})`}`;
  switch (type) {
    case "sent":
      return detail.implied
        ? `Sent, at the latest ${on}: nobody reported it, but what became of it.`
        : `Sent${detail.address === undefined ? "" : ` to ${detail.address}`} ${on}.`;
    case "delivered":
      return `Accepted by the recipient's mail server ${on}.`;
    case "hard_bounced":
    case "soft_bounced": {
      const words = detail.details ?? detail.status;
      const said = words === undefined ? "" : ` The mail server said: ${words}`;
      return `Refused ${REASONS.get(detail.category) ?? ""} ${on}.${said}`;
    }
    case "opened":
      return `Opened ${on}${by}.`;
    case "clicked":
      return `Clicked ${link ?? "a link"} ${on}${by}.`;
    case "unsubscribed":
      return `${UNSUBSCRIBED.get(detail.cause) ?? "Unsubscribed"} ${on}.`;
    case "subscribed":
      return `Subscribed again ${on}.`;
    case "suppression_removed":
      return `The suppression was removed ${on}${detail.who === undefined ? "" : ` by ${detail.who}`}.`;
  }
}

function deviceText({ device, platform }: Device): string {
  if (device === undefined) return platform === undefined ? "" : `, on ${platform}`;
  return `, on ${device}${platform === undefined ? "" : ` (${platform})`}`;
}
