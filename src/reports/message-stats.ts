/**
 * The statistics of one message, an email to a person from a campaign, built event by event in the order of their
 * seqs. Several sends of the same message count once. Guarantees that an event reclassified as a bot's counts as if
 * it had never been a person's.
 */
import { type BotMatch, type BotPolicy, patternIn } from "../bots/bot.ts";
import { botActivitiesAmong, methodOf } from "../bots/burst.ts";
import { NO_ID } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import type { PixelLoad } from "../events/pixel-loads.ts";
import type { messageStats } from "../events/schema.ts";
import type { Message } from "../tokens/claims.ts";
import type { CountedEvent, CountedOpened } from "./counted.ts";
import { readSeqs } from "./event-seqs.ts";
import { botClicksIn, clicksIn, clicksText, type LinkClicks, NO_CLICKS } from "./link-clicks.ts";
import { FLAG_OF_TYPE, isRenamed, OPT_OUT_FLAGS, uncountedFlags } from "./message-flags.ts";
import {
  agentOf,
  automatedOpenAt,
  isAutomated,
  isCompared,
  isEdgeMethod,
  type RecentClick,
  type RecentEvents,
  type RecentLoad,
  readRecent,
  recentLoadOf,
  secondOf,
  writeRecent,
} from "./recent.ts";

/** A row of `message_stats`. */
export type MessageState = typeof messageStats.$inferSelect;

/** A click of a bot that is not marked yet, or is marked by another method than is found now. */
export interface DetectedClick {
  readonly click: RecentClick & { readonly seq: number };
  readonly match: BotMatch;
}

/** The bots of a message. */
export interface DetectedBots {
  readonly clicks: readonly DetectedClick[];
  /** The seqs of Opened rows with such loads. */
  readonly opened: readonly number[];
}

/** Adds events to the statistics of one message. */
export class MessageAggregator {
  readonly message: Message;
  /** The seqs of its events; among them may be some that have left the log. */
  seqs: number[];
  readonly before: MessageState | undefined;
  #since: number | undefined;
  #flags: number;
  #outcomeAt: number | null;
  #clicks: Map<string, LinkClicks> | undefined;
  #recent: RecentEvents | undefined;

  constructor({ email, campaign, person }: Message, before?: MessageState, since = before?.since) {
    this.message = { email, campaign, person };
    this.before = before;
    this.#since = since;
    this.#flags = before?.flags ?? uncountedFlags(person);
    this.#outcomeAt = before?.outcomeAt ?? null;
    this.seqs = readSeqs(before?.seqs ?? null);
  }

  /** Lists an event whose row names this message, also one that reports do not count. */
  list({ seq, at }: Pick<CountedEvent, "seq" | "at">): void {
    this.seqs.push(seq);
    if (this.#isUncounted) this.#since = Math.min(at, this.#since ?? at);
  }

  add(event: CountedEvent): void {
    const { type, at, remaining } = event;
    if (remaining !== null) this.#retract(remaining);
    const flag = FLAG_OF_TYPE.get(type);
    // The outcome that implies a Sent is an event of its own; what is about no mail counts for none.
    if (flag === undefined || event.isImplied === 1 || this.message.email === NO_ID) return;
    this.#addTime(at, flag === MESSAGE_FLAGS.sent);
    this.#flags |= flag;
    if (event.isComplaint === 1) this.#flags |= MESSAGE_FLAGS.complained;
    if (event.isBlocked === 1) this.#flags |= MESSAGE_FLAGS.blocked;
    if (flag === MESSAGE_FLAGS.delivered || flag === MESSAGE_FLAGS.softBounced) this.addOutcome(flag, at);
    if (flag === MESSAGE_FLAGS.sent || flag === MESSAGE_FLAGS.delivered)
      this.#recentEvents.sentSeconds.push(secondOf(at));
  }

  addAutomatedOpen(at: number, userAgent: string): void {
    this.#recentEvents.automated.push(automatedOpenAt(at, userAgent));
  }

  clearOutcomes(): void {
    this.#outcomeAt = null;
    this.#flags &= ~MESSAGE_FLAGS.softBouncedLast;
  }

  addClick({ seq, at, linkId, pattern, agent }: CountedEvent & { readonly linkId: string }): void {
    this.#addTime(at, false);
    this.#countClick(linkId, pattern === null ? { people: 1, bots: 0 } : { people: 0, bots: 1 });
    const marked = pattern === null ? undefined : methodOf(pattern);
    const isByEdge = marked !== undefined && isEdgeMethod(marked, linkId);
    const method = isByEdge ? marked : undefined;
    // A match by user agent is no evidence.
    if (method === "userAgent") return;
    this.#recentEvents.clicks.push({
      second: at / 1_000,
      link: linkId,
      seq: isByEdge ? undefined : seq,
      method,
      reclassified: isByEdge ? undefined : marked,
      agent: agentOf(agent),
    });
  }

  /** Adds an Opened, or its row in place of the one before. */
  addOpened({ openedId, seq, by, loads, deciding }: CountedOpened): void {
    for (const { at } of loads) this.#addTime(at, false);
    const before = this.#recentEvents.opened.get(openedId)?.seq;
    if (before !== seq) this.#unlist([before]);
    this.#recentEvents.opened.set(openedId, { seq, by, loads: deciding.filter(isCompared).map(recentLoadOf) });
    this.#flagOpened();
  }

  removeOpened(openedId: string): void {
    this.#unlist([this.#recentEvents.opened.get(openedId)?.seq]);
    this.#recentEvents.opened.delete(openedId);
    this.#flagOpened();
  }

  detectBots(policy: BotPolicy): DetectedBots {
    if (this.#recent === undefined) return { clicks: [], opened: [] };
    const opened = [...this.#recent.opened.values()];
    const loads = opened.flatMap((each) => each.loads);
    const matches = this.#matchesAmong(loads, policy);
    const clicks = this.#recent.clicks.flatMap((click) => {
      const match = matches.get(click);
      if (match === undefined || click.seq === undefined || match.method === click.reclassified) return [];
      return [{ click: { ...click, seq: click.seq }, match }];
    });
    const isToChange = (load: RecentLoad) => matches.has(load) && matches.get(load)?.method !== load.reclassified;
    return { clicks, opened: opened.filter((each) => each.loads.some(isToChange)).map(({ seq }) => seq) };
  }

  /** An Opened's loads from this message, those of bots reclassified. */
  reclassified(loads: readonly PixelLoad[], policy: BotPolicy): readonly PixelLoad[] {
    const recentLoads = new Map(
      loads.filter(isCompared).map((load) => {
        return [load, recentLoadOf({ ...load, userAgent: load.userAgent ?? "" })] as const;
      }),
    );
    const matches = this.#matchesAmong([...recentLoads.values()], policy);
    return loads.map((load) => {
      const recent = recentLoads.get(load);
      const match = recent && matches.get(recent);
      return match === undefined ? load : { ...load, reclassified: patternIn(policy, match) };
    });
  }

  /** Reverts detected clicks. They are added again at their new seqs, unless they are filtered. */
  revertClicks(detected: readonly DetectedClick[], { handling }: BotPolicy): void {
    if (detected.length === 0) return;
    for (const { click } of detected)
      this.#countClick(
        click.link,
        click.reclassified === undefined ? { people: -1, bots: 0 } : { people: 0, bots: -1 },
      );
    const seqs = new Set(detected.map(({ click }) => click.seq));
    const others = this.#recentEvents.clicks.filter(({ seq }) => seq === undefined || !seqs.has(seq));
    const filtered = detected
      .filter(({ match }) => handling[match.method] === "filter")
      .map(({ click, match }) => ({ ...click, seq: undefined, reclassified: match.method }));
    this.#recentEvents.clicks = [...others, ...filtered];
    const moved = detected.filter(({ match }) => handling[match.method] !== "filter");
    this.#unlist(moved.map(({ click }) => click.seq));
  }

  /** The new state; undefined when nothing has changed. */
  get changed(): MessageState | undefined {
    const since = this.#since;
    if (since === undefined) return undefined;
    const before = this.before;
    if (this.#clicks !== undefined) this.#flagClicked();
    // The seconds of recent events count from the message's time.
    const hasSameRecent = this.#recent === undefined && (!before?.recent || before.since === since);
    const after = {
      ...this.message,
      since,
      flags: this.#flags,
      outcomeAt: this.#outcomeAt,
      clicks: this.#clicks === undefined ? (before?.clicks ?? null) : clicksText(this.#clicks),
      botClicks: this.#clicks === undefined ? (before?.botClicks ?? 0) : botClicksIn(this.#clicks),
      seqs: JSON.stringify(this.seqs),
      recent: hasSameRecent ? (before?.recent ?? null) : writeRecent(this.#recentEvents, since),
    };
    const isChanged =
      after.since !== before?.since ||
      after.flags !== before.flags ||
      after.outcomeAt !== before.outcomeAt ||
      after.clicks !== before.clicks ||
      after.seqs !== before.seqs ||
      after.recent !== before.recent;
    return isChanged ? after : undefined;
  }

  get #linkClicks(): Map<string, LinkClicks> {
    this.#clicks ??= clicksIn(this.before?.clicks ?? null);
    return this.#clicks;
  }

  get #recentEvents(): RecentEvents {
    this.#recent ??= readRecent(this.before?.recent ?? null, this.before?.since ?? 0);
    return this.#recent;
  }

  #matchesAmong(loads: readonly RecentLoad[], policy: BotPolicy): ReadonlyMap<RecentClick | RecentLoad, BotMatch> {
    const { sentSeconds, clicks, automated } = this.#recentEvents;
    const all: readonly (RecentClick | RecentLoad)[] = [...clicks, ...loads];
    return botActivitiesAmong(sentSeconds, all, policy, (each) => isAutomated(each, automated));
  }

  /** The seqs that its events have left. */
  #unlist(left: readonly (number | undefined)[]): void {
    const seqs = new Set(left);
    this.seqs = this.seqs.filter((seq) => !seqs.has(seq));
  }

  get #isUncounted(): boolean {
    return (this.#flags & MESSAGE_FLAGS.uncounted) !== 0;
  }

  /** Takes back an Unsubscribed: as if nothing of the message had ever counted, when that was all. */
  #retract(remaining: number): void {
    this.#flags = (this.#flags & ~OPT_OUT_FLAGS) | remaining;
    const { clicks, recent } = this.before ?? {};
    const isEmpty = this.#flags === 0 && this.#outcomeAt === null;
    if (isEmpty && !(this.#clicks ?? clicks ?? this.#recent ?? recent))
      this.#flags = uncountedFlags(this.message.person);
  }

  #addTime(at: number, isSent: boolean): void {
    if (this.#isUncounted) this.#since = undefined;
    this.#flags &= ~MESSAGE_FLAGS.uncounted;
    const wasSent = (this.#flags & MESSAGE_FLAGS.sent) !== 0;
    if (wasSent && !isSent) return;
    this.#since = wasSent === isSent ? Math.min(at, this.#since ?? at) : at;
  }

  /** The later of Delivered and Soft Bounced decides, and of two at the same time Delivered. */
  addOutcome(flag: number, at: number): void {
    const latest = this.#outcomeAt ?? Number.NEGATIVE_INFINITY;
    this.#outcomeAt = Math.max(at, latest);
    if (flag === MESSAGE_FLAGS.delivered && at >= latest) this.#flags &= ~MESSAGE_FLAGS.softBouncedLast;
    if (flag === MESSAGE_FLAGS.softBounced && at > latest) this.#flags |= MESSAGE_FLAGS.softBouncedLast;
  }

  #countClick(link: string, more: LinkClicks): void {
    const { people, bots } = this.#linkClicks.get(link) ?? NO_CLICKS;
    const now = { people: people + more.people, bots: bots + more.bots };
    if (now.people + now.bots > 0) this.#linkClicks.set(link, now);
    else this.#linkClicks.delete(link);
  }

  #flagClicked(): void {
    const all = [...this.#linkClicks.values()];
    const isByPerson = all.some(({ people }) => people > 0);
    const isByBot = all.some(({ bots }) => bots > 0);
    this.#setFlag(MESSAGE_FLAGS.clickedByPerson, isByPerson);
    this.#setFlag(MESSAGE_FLAGS.clickedByBot, isByBot);
  }

  #flagOpened(): void {
    // Messages that privacy/ has renamed keep the flags of their opens, and not the opens.
    const opened = [...this.#recentEvents.opened.values()];
    for (const [by, flag] of OPENED_BY) {
      const isOpened = opened.some((each) => each.by === by);
      if (isOpened || !isRenamed(this.message.person)) this.#setFlag(flag, isOpened);
    }
  }

  #setFlag(flag: number, isSet: boolean): void {
    this.#flags = isSet ? this.#flags | flag : this.#flags & ~flag;
  }
}

const OPENED_BY = [
  ["person", MESSAGE_FLAGS.openedByPerson],
  ["bot", MESSAGE_FLAGS.openedByBot],
] as const;
