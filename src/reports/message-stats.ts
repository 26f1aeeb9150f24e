/**
 * What the log says of one message, an email to a person from a campaign, put together event by event in the order of their places.
 * Sends of the same message count once. Guarantees that what is marked afterwards counts as if it had never been a person's.
 */

import { BOT_PATTERNS, type BotMatch, type BotPolicy } from "../bots/bot.ts";
import { type Activity, botActivitiesAmong, methodOf } from "../bots/burst.ts";
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import {
  type MarkedActivity,
  type Recent,
  readRecent,
  secondOf,
  type UnmarkedActivity,
  writeRecent,
} from "./recent.ts";

/** Bits of `marks`. */
export const FLAG = {
  sent: 1,
  delivered: 2,
  hardBounced: 4,
  softBounced: 8,
  unsubscribed: 16,
  openedByPerson: 32,
  openedByMachine: 64,
  clickedByPerson: 128,
  clickedByMachine: 256,
  /** Its person is a stand-in: the message that was sent is counted under its person. */
  anonymous: 512,
} as const;

/** How often people and machines clicked a link. */
type Clicks = readonly [byPeople: number, byMachines: number];

/** A message as its row has it. */
export interface MessageState {
  /** When it was sent: the first Sent's time, else the earliest event's; ms since 1970 UTC. */
  readonly since: number;
  readonly flags: number;
  /** JSON object: Clicks by the link's id; null without clicks. */
  readonly clicks: string | null;
  /** What recent.ts writes; null without. */
  readonly recent: string | null;
}

/** What of an event counts. */
export interface CountedEvent {
  readonly seq: number;
  readonly type: number;
  /** ms since 1970 UTC. */
  readonly at: number;
  readonly linkId: string | null;
  /** What marked it as a machine's, "" when nobody knows; null: a person's. */
  readonly pattern: string | null;
  /** Of an Opened, enough of its id: what takes its row's place has the same. */
  readonly openedId: string | null;
}

/** An event of a person that turned out to be a machine's. */
export interface FoundMachine {
  readonly activity: UnmarkedActivity;
  readonly bot: BotMatch;
}

/** A message while events are folded into it. */
export class MessageAggregator {
  readonly #before: MessageState | undefined;
  #since: number | undefined;
  #flags: number;
  #clicks: Map<string, Clicks> | undefined;
  #recent: Recent | undefined;

  constructor(person: string, before?: MessageState) {
    this.#before = before;
    this.#since = before?.since;
    this.#flags = before?.flags ?? (isPseudonym(person) ? FLAG.anonymous : 0);
  }

  /** What reports do not count leaves it as it was. */
  add(event: CountedEvent): void {
    const { type, at } = event;
    const mark = markOf(event);
    if (mark === undefined) return;
    const isFirstSent = mark === FLAG.sent && (this.#flags & FLAG.sent) === 0;
    this.#flags |= mark;
    const isEarliest = (this.#flags & FLAG.sent) === 0 && at < (this.#since ?? Number.POSITIVE_INFINITY);
    if (isFirstSent || isEarliest) this.#since = at;
    if (type === EVENT_TYPE_IDS.sent || type === EVENT_TYPE_IDS.delivered)
      this.#recently.told.push(secondOf(at));
    if (type === EVENT_TYPE_IDS.opened) this.#open(event);
    if (type === EVENT_TYPE_IDS.clicked) this.#click(event);
  }

  /** Which of what lately happened is a machine's, although it was a person's until now. It is evidence from now on. */
  findMachines(policy: BotPolicy): FoundMachine[] {
    const recent = this.#recent;
    if (recent === undefined) return [];
    const { told, unmarked, marked } = recent;
    const bots = botActivitiesAmong(told, [...unmarked, ...marked], policy);
    if (bots.size === 0) return [];
    const found = unmarked.flatMap((activity) => {
      const bot = bots.get(activity);
      return bot === undefined ? [] : [{ activity, bot: againOf(activity, marked, policy) ?? bot }];
    });
    recent.unmarked = unmarked.filter((activity) => !bots.has(activity));
    recent.marked = [...marked, ...found.map(({ activity, bot }) => ({ ...activity, method: bot.method }))];
    return found;
  }

  /** As if it had never been there: where it now stands in the log it is met again. */
  takeBack({ seq, link }: UnmarkedActivity): void {
    if (link === undefined) {
      const { opened } = this.#recently;
      for (const [id, row] of opened) if (row.seq === seq) opened.delete(id);
      this.#markOpened();
      return;
    }
    const [byPeople, byMachines] = this.#clicked.get(link) ?? [0, 0];
    if (byPeople + byMachines > 1) this.#clicked.set(link, [byPeople - 1, byMachines]);
    else this.#clicked.delete(link);
    if (![...this.#clicked.values()].some(([people]) => people > 0)) this.#flags &= ~FLAG.clickedByPerson;
  }

  /** The state behind all that was added; undefined when it is the one before, or there is none. */
  get changed(): MessageState | undefined {
    const since = this.#since;
    if (since === undefined) return undefined;
    const before = this.#before;
    const after = {
      since,
      flags: this.#flags,
      clicks: this.#clicks === undefined ? (before?.clicks ?? null) : clicksText(this.#clicks),
      recent: this.#recent === undefined ? recentSince(before, since) : writeRecent(this.#recent, since),
    };
    return before !== undefined && isSame(before, after) ? undefined : after;
  }

  get #clicked(): Map<string, Clicks> {
    this.#clicks ??= clicksIn(this.#before?.clicks ?? null);
    return this.#clicks;
  }

  get #recently(): Recent {
    this.#recent ??= readRecent(this.#before?.recent ?? null, this.#before?.since ?? 0);
    return this.#recent;
  }

  #open(event: CountedEvent): void {
    const { seq, pattern, openedId } = event;
    this.#recently.opened.set(openedId ?? "", { seq, isBot: pattern !== null });
    this.#markOpened();
    this.#happen(event, undefined);
  }

  #click(event: CountedEvent): void {
    const { linkId, pattern } = event;
    if (linkId === null) return;
    const [byPeople, byMachines] = this.#clicked.get(linkId) ?? [0, 0];
    this.#clicked.set(linkId, pattern === null ? [byPeople + 1, byMachines] : [byPeople, byMachines + 1]);
    this.#happen(event, linkId);
  }

  #happen({ seq, at, pattern }: CountedEvent, link: string | undefined): void {
    const second = secondOf(at);
    const method = pattern === null ? undefined : methodOf(pattern);
    if (method === undefined) this.#recently.unmarked.push({ seq, second, link, method });
    // Evidence of nothing.
    else if (method !== "userAgent") this.#recently.marked.push({ second, link, method });
  }

  #markOpened(): void {
    this.#flags &= ~(FLAG.openedByPerson | FLAG.openedByMachine);
    for (const { isBot } of this.#recently.opened.values())
      this.#flags |= isBot ? FLAG.openedByMachine : FLAG.openedByPerson;
  }
}

/** Of what has left the log and is brought again by the queue, what it left by: it is no neighbour of itself. */
function againOf(
  { second, link }: Activity,
  marked: readonly MarkedActivity[],
  { handling }: BotPolicy,
): BotMatch | undefined {
  const left = marked.find(
    (each) => each.second === second && each.link === link && handling[each.method] === "filter",
  );
  return left && { method: left.method, pattern: BOT_PATTERNS[left.method] };
}

/** The bit that an event sets; undefined for what does not count. */
function markOf({ type, pattern }: CountedEvent): number | undefined {
  switch (type) {
    case EVENT_TYPE_IDS.sent:
      return FLAG.sent;
    case EVENT_TYPE_IDS.delivered:
      return FLAG.delivered;
    case EVENT_TYPE_IDS.hardBounced:
      return FLAG.hardBounced;
    case EVENT_TYPE_IDS.softBounced:
      return FLAG.softBounced;
    case EVENT_TYPE_IDS.unsubscribed:
      return FLAG.unsubscribed;
    case EVENT_TYPE_IDS.opened:
      return pattern === null ? FLAG.openedByPerson : FLAG.openedByMachine;
    case EVENT_TYPE_IDS.clicked:
      return pattern === null ? FLAG.clickedByPerson : FLAG.clickedByMachine;
    default:
      return undefined;
  }
}

/** In a Map, because a link may be called "__proto__", and every object has something by that name. */
function clicksIn(text: string | null): Map<string, Clicks> {
  const clicks = new Map<string, Clicks>();
  if (text === null) return clicks;
  const byLink = JSON.parse(text) as Record<string, Clicks>;
  for (const link in byLink) clicks.set(link, byLink[link] ?? [0, 0]);
  return clicks;
}

function clicksText(clicks: ReadonlyMap<string, Clicks>): string | null {
  return clicks.size === 0 ? null : JSON.stringify(Object.fromEntries(clicks));
}

/** Its times count from the message's, which may have become an earlier one. */
function recentSince(before: MessageState | undefined, since: number): string | null {
  if (before === undefined || before.recent === null || before.since === since) return before?.recent ?? null;
  return writeRecent(readRecent(before.recent, before.since), since);
}

function isSame(one: MessageState, other: MessageState): boolean {
  return (
    one.since === other.since &&
    one.flags === other.flags &&
    one.clicks === other.clicks &&
    one.recent === other.recent
  );
}
