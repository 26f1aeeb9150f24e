/** An event as `/v1` shows it: what the log holds, in one form for each type, and the token to send a retry with. */
import * as v from "valibot";
import { deviceOf } from "../bots/device.ts";
import { EVENT_TYPES, type EventType, FILTERED_TYPE_ID, NO_ID } from "../events/event.ts";
import { holds } from "../http/holds.ts";
import {
  AddressAnswer,
  IdAnswer,
  idAnswer,
  Label,
  SignedAnswer,
  TimeAnswer,
  WrittenPersonId,
} from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { isCalendarTime } from "../platform/timestamp.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signToken } from "../tokens/sign.ts";

/**
 * The types by which `/v1` names events. Those that POST /v1/events takes have the same names, except that a
 * "complained" is stored as an "unsubscribed" whose cause is "complaint".
 */
export const FEED_TYPES = {
  sent: EVENT_TYPES.sent.id,
  delivered: EVENT_TYPES.delivered.id,
  hard_bounced: EVENT_TYPES.hardBounced.id,
  soft_bounced: EVENT_TYPES.softBounced.id,
  opened: EVENT_TYPES.opened.id,
  clicked: EVENT_TYPES.clicked.id,
  unsubscribed: EVENT_TYPES.unsubscribed.id,
  subscribed: EVENT_TYPES.subscribed.id,
  suppression_removed: EVENT_TYPES.suppressionRemoved.id,
  retry: EVENT_TYPES.retry.id,
} as const satisfies Record<string, (typeof EVENT_TYPES)[EventType]["id"]>;

const COMMON = {
  /** The same when the event comes again, with a higher seq. */
  id: v.pipe(v.string(), holds("event")),
  /** The event's position in the order of recording. */
  seq: v.number(),
  at: TimeAnswer,
  /** Missing when the event is about no mail in particular; `campaign`, too. */
  email: v.optional(IdAnswer),
  person: v.object({ id: WrittenPersonId }),
  campaign: v.optional(IdAnswer),
  message: v.optional(
    v.pipe(
      SignedAnswer,
      v.description(
        "Leads to the message: `/v1/messages/{message}`. Of a retry the token to send it with; for callers who see " +
          "no whole addresses of every event, and no token.",
      ),
    ),
  ),
  send: v.optional(v.pipe(v.string(), holds("id"))),
  address: v.optional(AddressAnswer),
  reportedAt: v.optional(
    v.pipe(
      v.string(),
      v.description(
        "The time that was reported, where it was not believed: then `at` is when the report arrived. Like `at`; " +
          "where no calendar has that time, its milliseconds since 1970.",
      ),
    ),
  ),
};

const Bounce = v.object({
  category: v.picklist([1, 2, 3, 4, 9]),
  subcategory: v.optional(v.string()),
  status: v.optional(v.string()),
  details: v.optional(v.string()),
});

const Visitor = v.object({
  isBot: v.boolean(),
  botPattern: v.optional(Label),
  userAgent: v.optional(Label),
  platform: v.optional(Label),
  device: v.optional(Label),
  isMobile: v.optional(v.boolean()),
});

/** The request that changed a subscription. */
export const RequestAnswer = v.object({
  userAgent: v.optional(Label),
  clientIp: v.optional(v.string()),
  referrer: v.optional(v.string()),
  query: v.optional(v.string()),
  formFields: v.optional(v.record(v.string(), v.string())),
});

export const EventAnswer = v.pipe(
  v.variant("type", [
    v.object({ type: v.literal("sent"), ...COMMON, implied: v.optional(v.boolean()) }),
    v.object({ type: v.literal("delivered"), ...COMMON }),
    v.object({ type: v.literal("hard_bounced"), ...COMMON, bounce: Bounce }),
    v.object({ type: v.literal("soft_bounced"), ...COMMON, bounce: Bounce }),
    v.object({ type: v.literal("opened"), ...COMMON, visitor: Visitor }),
    v.object({
      type: v.literal("clicked"),
      ...COMMON,
      link: v.object({
        id: v.pipe(v.string(), holds("id")),
        url: v.optional(v.string()),
        name: v.optional(Label),
      }),
      visitor: Visitor,
    }),
    v.object({
      type: v.literal("unsubscribed"),
      ...COMMON,
      cause: v.picklist(["form", "one_click", "complaint", "provider", "sender"]),
      request: v.optional(RequestAnswer),
    }),
    v.object({
      type: v.literal("subscribed"),
      ...COMMON,
      cause: v.picklist(["form", "sender"]),
      request: v.optional(RequestAnswer),
      /** Who lifted an opt-out. */
      who: v.optional(v.string()),
      why: v.optional(v.string()),
    }),
    v.object({
      type: v.literal("suppression_removed"),
      ...COMMON,
      /** Missing when an address is removed and it is not known whose. */
      person: v.optional(COMMON.person),
      reason: v.optional(v.string()),
      who: v.optional(v.string()),
      why: v.optional(v.string()),
    }),
    v.object({
      /** A soft-bounced send is due again. */
      type: v.literal("retry"),
      ...COMMON,
      /** The first attempt was 1. */
      attempt: v.number(),
      firstAttemptAt: TimeAnswer,
      /** The soft bounce that started the schedule. */
      bounce: Bounce,
    }),
    v.object({
      type: v.literal("retracted"),
      ...COMMON,
      /** The type of the event with this id, which counts no more. */
      was: v.picklist(["opened", "clicked", "unsubscribed", "subscribed"]),
    }),
  ]),
  v.title("Event"),
);

/** A row of `events`, and the names of what it is about; `SELECT_EVENT` of feed-page.ts selects it. */
export interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly type: number;
  /** ms since 1970 UTC. */
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send: string | null;
  readonly linkId: string | null;
  readonly link: string | null;
  readonly userAgent: string | null;
  readonly isBot: number;
  readonly botPattern: string | null;
  /** JSON object. */
  readonly detail: string | null;
  readonly emailName: string | null;
  readonly campaignName: string | null;
  readonly linkName: string | null;
  readonly recordedAt: number;
}

type Answer = Record<string, unknown>;

/** The event of a row, as `EventAnswer` says. Fields without a value are left out. */
export function eventAnswer(row: EventRow, keys: TokenKeys): Answer {
  const { detail, send } = row;
  const details = detail === null ? NO_DETAILS : (JSON.parse(detail) as Details);
  const answer: Answer = { type: NAMES.get(row.type), id: details.of ?? row.id, seq: row.seq, at: isoTime(row.at) };
  if (row.email !== NO_ID) answer.email = idAnswer(row.email, row.emailName);
  if (row.person !== NO_ID) answer.person = idAnswer(row.person);
  if (row.campaign !== NO_ID) answer.campaign = idAnswer(row.campaign, row.campaignName);
  if (send !== null) answer.send = send;
  if (details.address != null) answer.address = details.address;
  if (details.reportedAt != null) answer.reportedAt = reportedTime(details.reportedAt);
  if (row.type === FEED_TYPES.retry) addRetry(answer, row, details, keys);
  else addOwnFields(answer, row, details);
  return answer;
}

/** Somebody may have reported a number that is no time. */
function reportedTime(ms: number): string {
  return isCalendarTime(ms) ? isoTime(ms) : String(ms);
}

export interface Details extends Readonly<Record<string, unknown>> {
  readonly address?: string | null;
  readonly reportedAt?: number | null;
  /** The type of a retracted event; `of` is its id where that is not the row's. */
  readonly retracted?: number;
  readonly of?: string;
}

const NO_DETAILS: Details = {};
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(FEED_TYPES).map(([name, id]) => [id, name] as const),
  [FILTERED_TYPE_ID, "retracted"],
]);

/** What only some types have. */
function addOwnFields(answer: Answer, row: EventRow, details: Details): void {
  switch (row.type) {
    case FEED_TYPES.sent:
      if (details.implied != null) answer.implied = true;
      break;
    case FEED_TYPES.hard_bounced:
    case FEED_TYPES.soft_bounced:
      answer.bounce = bounceAnswer(details);
      break;
    case FEED_TYPES.clicked:
      answer.link = linkAnswer(row);
      answer.visitor = visitorAnswer(row);
      break;
    case FEED_TYPES.opened:
      answer.visitor = visitorAnswer(row);
      break;
    case FEED_TYPES.unsubscribed:
    case FEED_TYPES.subscribed:
      addDecision(answer, row, details);
      break;
    case FILTERED_TYPE_ID:
      answer.was = NAMES.get(details.retracted ?? FILTERED_TYPE_ID);
      break;
    case FEED_TYPES.suppression_removed:
      Object.assign(answer, filled({ reason: details.reason, who: details.who, why: details.why }));
      break;
  }
}

function addRetry(
  answer: Answer,
  { email, person, campaign, send }: EventRow,
  { attempt, firstAttemptAt, ...bounce }: Details,
  keys: TokenKeys,
): void {
  answer.attempt = attempt;
  answer.firstAttemptAt = isoTime(Number(firstAttemptAt));
  answer.bounce = bounceAnswer(bounce);
  if (send !== null) answer.message = signToken(keys, "message", { email, person, campaign, send });
}

function bounceAnswer({ category, subcategory, status, details }: Details): Answer {
  return filled({ category, subcategory, status, details });
}

// Most rows have these, so their fields are assigned one by one: a page of them takes half as long.

function linkAnswer({ linkId, link, linkName }: EventRow): Answer {
  const answer: Answer = { id: linkId };
  if (link !== null) answer.url = link;
  if (linkName !== null) answer.name = linkName;
  return answer;
}

function visitorAnswer({ isBot, botPattern, userAgent }: EventRow): Answer {
  const visitor: Answer = { isBot: isBot !== 0 };
  if (botPattern !== null) visitor.botPattern = botPattern;
  if (userAgent === null || userAgent === "") return visitor;
  const { platform, device, isMobile } = deviceOf(userAgent);
  visitor.userAgent = userAgent;
  if (platform !== undefined) visitor.platform = platform;
  if (device !== undefined) visitor.device = device;
  if (isMobile !== undefined) visitor.isMobile = isMobile;
  return visitor;
}

export function addDecision(answer: Answer, { userAgent }: EventRow, details: Details): void {
  answer.cause = details.cause ?? details.by;
  const { clientIp, referrer, query, formFields, who, why } = details;
  if (who != null) answer.who = who;
  if (why != null) answer.why = why;
  // Reported by others, there was no request; of an erased person it is gone.
  if (formFields != null) answer.request = filled({ userAgent, clientIp, referrer, query, formFields });
}

function filled(values: Answer): Answer {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null && value !== ""));
}
