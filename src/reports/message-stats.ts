/**
 * The statistics of one message, an email to a person from a campaign, built event by event in the order of their
 * seqs. Several sends of the same message count once. Guarantees that an event reclassified as a bot's counts as if
 * it had never been a person's.
 */

import { BOT_PATTERNS, type BotMatch, type BotPolicy } from "../bots/bot.ts";
import { type Activity, botActivitiesAmong, methodOf } from "../bots/burst.ts";
import { EVENT_TYPES } from "../events/event.ts";
import type { events, messageStats } from "../events/schema.ts";
import type { Message } from "../tokens/claims.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import {
  type MarkedActivity,
  type RecentEvents,
  readRecent,
  secondOf,
  type UnmarkedActivity,
  writeRecent,
} from "./recent.ts";

/** The bits of `message_stats.flags`. */
export const MESSAGE_FLAGS = {
  sent: 1,
  delivered: 2,
  hardBounced: 4,
  softBounced: 8,
  unsubscribed: 16,
  openedByPerson: 32,
  openedByBot: 64,
  clickedByPerson: 128,
  clickedByBot: 256,
  /** Of a pseudonym (`anon-…`): the message that was sent is counted under its person. */
  anonymous: 512,
  /** Its latest Soft Bounced happened after its latest Delivered. */
  softBouncedLast: 1_024,
  /** Unsubscribed by a complaint. */
  complained: 2_048,
  /** Of a person who was erased or has expired: it stands under a pseudonym that privacy/ made. */
  forgotten: 4_096,
} as const;

/** Clicks on one link. */
interface LinkClicks {
  readonly people: number;
  readonly bots: number;
}

/** A row of `message_stats`. */
export type MessageState = typeof messageStats.$inferSelect;

/** What the statistics need of an event. */
export interface CountedEvent extends Pick<typeof events.$inferSelect, "seq" | "type" | "at" | "linkId"> {
  /** The pattern that marked it as a bot's, "" when none is known; null for a person's. */
  readonly pattern: string | null;
  /** The beginning of an Opened's id, which the row that replaces it has as well; null for other types. */
  readonly openedId: string | null;
  /** Whether it is an Unsubscribed by a complaint. */
  readonly isComplaint: 0 | 1;
}

/** An event that counted as a person's and is a bot's. */
export interface DetectedBot {
  readonly activity: UnmarkedActivity;
  readonly match: BotMatch;
}

/** Adds events to the statistics of one message. */
export class MessageAggregator {
  readonly message: Message;
  readonly #before: MessageState | undefined;
  #since: number | undefined;
  #flags: number;
  #outcomeAt: number | null;
  #clicks: Map<string, LinkClicks> | undefined;
  #recent: RecentEvents | undefined;

  constructor({ email, campaign, person }: Message, before?: MessageState) {
    this.message = { email, campaign, person };
    this.#before = before;
    this.#since = before?.since;
    this.#flags = before?.flags ?? (isPseudonym(person) ? MESSAGE_FLAGS.anonymous : 0);
    this.#outcomeAt = before?.outcomeAt ?? null;
  }

  /** Ignores events that reports do not count. */
  add(event: CountedEvent): void {
    const { type, at } = event;
    const [byPerson, byBot] = FLAGS_OF_TYPES.get(type) ?? [];
    const flag = event.pattern === null ? byPerson : byBot;
    if (flag === undefined) return;
    this.#addTime(at, flag === MESSAGE_FLAGS.sent);
    this.#flags |= flag;
    if (event.isComplaint === 1) this.#flags |= MESSAGE_FLAGS.complained;
    if (flag === MESSAGE_FLAGS.delivered || flag === MESSAGE_FLAGS.softBounced) this.#addOutcome(flag, at);
    if (type === EVENT_TYPES.sent.id || type === EVENT_TYPES.delivered.id)
      this.#recentEvents.sentSeconds.push(secondOf(at));
    if (type === EVENT_TYPES.opened.id) this.#open(event);
    if (type === EVENT_TYPES.clicked.id) this.#click(event);
  }

  /** The recent events that are a bot's although they counted as a person's. They are evidence from now on. */
  detectBots(policy: BotPolicy): DetectedBot[] {
    const recent = this.#recent;
    if (recent === undefined) return [];
    const { sentSeconds, unmarked, marked } = recent;
    const matches = botActivitiesAmong(sentSeconds, [...unmarked, ...marked], policy);
    if (matches.size === 0) return [];
    const detected = unmarked.flatMap((activity) => {
      const match = matches.get(activity);
      return match === undefined ? [] : [{ activity, match: earlierMatchOf(activity, marked, policy) ?? match }];
    });
    recent.unmarked = unmarked.filter((activity) => !matches.has(activity));
    recent.marked = [...marked, ...detected.map(({ activity, match }) => ({ ...activity, method: match.method }))];
    return detected;
  }

  /** Reverts an event of a person that is a bot's. It is added again at its new seq, unless it leaves the log. */
  revert({ seq, link }: UnmarkedActivity): void {
    if (link === undefined) {
      const { opened } = this.#recentEvents;
      for (const [id, row] of opened) if (row.seq === seq) opened.delete(id);
      this.#flagOpened();
      return;
    }
    const { people, bots } = this.#linkClicks.get(link) ?? NO_CLICKS;
    if (people + bots > 1) this.#linkClicks.set(link, { people: people - 1, bots });
    else this.#linkClicks.delete(link);
    if (![...this.#linkClicks.values()].some((clicks) => clicks.people > 0))
      this.#flags &= ~MESSAGE_FLAGS.clickedByPerson;
  }

  /** The new state; undefined when nothing has changed, and when no event counts. */
  get changed(): MessageState | undefined {
    const since = this.#since;
    if (since === undefined) return undefined;
    const before = this.#before;
    // The seconds of recent events count from the message's time.
    const hasSameRecent = this.#recent === undefined && (!before?.recent || before.since === since);
    const after = {
      ...this.message,
      since,
      flags: this.#flags,
      outcomeAt: this.#outcomeAt,
      clicks: this.#clicks === undefined ? (before?.clicks ?? null) : clicksText(this.#clicks),
      recent: hasSameRecent ? (before?.recent ?? null) : writeRecent(this.#recentEvents, since),
    };
    const isChanged =
      after.since !== before?.since ||
      after.flags !== before.flags ||
      after.outcomeAt !== before.outcomeAt ||
      after.clicks !== before.clicks ||
      after.recent !== before.recent;
    return isChanged ? after : undefined;
  }

  #addTime(at: number, isSent: boolean): void {
    const wasSent = (this.#flags & MESSAGE_FLAGS.sent) !== 0;
    if (wasSent && !isSent) return;
    this.#since = wasSent === isSent ? Math.min(at, this.#since ?? at) : at;
  }

  /** The later of Delivered and Soft Bounced decides, and of two at the same time Delivered. */
  #addOutcome(flag: number, at: number): void {
    const latest = this.#outcomeAt ?? Number.NEGATIVE_INFINITY;
    this.#outcomeAt = Math.max(at, latest);
    if (flag === MESSAGE_FLAGS.delivered && at >= latest) this.#flags &= ~MESSAGE_FLAGS.softBouncedLast;
    if (flag === MESSAGE_FLAGS.softBounced && at > latest) this.#flags |= MESSAGE_FLAGS.softBouncedLast;
  }

  get #linkClicks(): Map<string, LinkClicks> {
    this.#clicks ??= clicksIn(this.#before?.clicks ?? null);
    return this.#clicks;
  }

  get #recentEvents(): RecentEvents {
    this.#recent ??= readRecent(this.#before?.recent ?? null, this.#before?.since ?? 0);
    return this.#recent;
  }

  #open(event: CountedEvent): void {
    const { seq, pattern, openedId } = event;
    this.#recentEvents.opened.set(openedId ?? "", { seq, isBot: pattern !== null });
    this.#flagOpened();
    this.#addActivity(event, undefined);
  }

  #click(event: CountedEvent): void {
    const { linkId, pattern } = event;
    if (linkId === null) return;
    const { people, bots } = this.#linkClicks.get(linkId) ?? NO_CLICKS;
    this.#linkClicks.set(linkId, pattern === null ? { people: people + 1, bots } : { people, bots: bots + 1 });
    this.#addActivity(event, linkId);
  }

  #addActivity({ seq, at, pattern }: CountedEvent, link: string | undefined): void {
    const second = secondOf(at);
    const method = pattern === null ? undefined : methodOf(pattern);
    if (method === undefined) this.#recentEvents.unmarked.push({ seq, second, link, method });
    // A match by user agent is no evidence.
    else if (method !== "userAgent") this.#recentEvents.marked.push({ second, link, method });
  }

  #flagOpened(): void {
    this.#flags &= ~(MESSAGE_FLAGS.openedByPerson | MESSAGE_FLAGS.openedByBot);
    for (const { isBot } of this.#recentEvents.opened.values())
      this.#flags |= isBot ? MESSAGE_FLAGS.openedByBot : MESSAGE_FLAGS.openedByPerson;
  }
}

const NO_CLICKS: LinkClicks = { people: 0, bots: 0 };

/**
 * The match by which the same activity left the log before the queue delivered it again: it is not its own neighbour.
 */
function earlierMatchOf(
  { second, link }: Activity,
  marked: readonly MarkedActivity[],
  { handling }: BotPolicy,
): BotMatch | undefined {
  const earlier = marked.find(
    (each) => each.second === second && each.link === link && handling[each.method] === "filter",
  );
  return earlier && { method: earlier.method, pattern: BOT_PATTERNS[earlier.method] };
}

const { sent, delivered, hardBounced, softBounced, unsubscribed, opened, clicked } = EVENT_TYPES;

/** The flag that an event of each type sets, by a person and by a bot. Reports do not count the other types. */
const FLAGS_OF_TYPES: ReadonlyMap<number, readonly [byPerson: number, byBot: number]> = new Map([
  [sent.id, [MESSAGE_FLAGS.sent, MESSAGE_FLAGS.sent]],
  [delivered.id, [MESSAGE_FLAGS.delivered, MESSAGE_FLAGS.delivered]],
  [hardBounced.id, [MESSAGE_FLAGS.hardBounced, MESSAGE_FLAGS.hardBounced]],
  [softBounced.id, [MESSAGE_FLAGS.softBounced, MESSAGE_FLAGS.softBounced]],
  [unsubscribed.id, [MESSAGE_FLAGS.unsubscribed, MESSAGE_FLAGS.unsubscribed]],
  [opened.id, [MESSAGE_FLAGS.openedByPerson, MESSAGE_FLAGS.openedByBot]],
  [clicked.id, [MESSAGE_FLAGS.clickedByPerson, MESSAGE_FLAGS.clickedByBot]],
]);

/** A Map, because a link may be called "__proto__". */
function clicksIn(text: string | null): Map<string, LinkClicks> {
  return new Map(Object.entries(JSON.parse(text ?? "{}") as Record<string, LinkClicks>));
}

function clicksText(clicks: ReadonlyMap<string, LinkClicks>): string | null {
  return clicks.size === 0 ? null : JSON.stringify(Object.fromEntries(clicks));
}
