/**
 * The recent events of a message in which bursts of bots show: when it was sent and delivered, its opens and its
 * clicks. Bounded: the last 8 times; of opens and clicks those of the last hour with any, at most 32. Guarantees that
 * what is kept does not depend on the order of arrival. Marked activities stay as evidence, even after they have left
 * the log.
 *
 * Stored as short JSON arrays, seconds counted from the message's time, because reports read past them in every row.
 */
import type { BotMethod } from "../bots/bot.ts";
import type { Activity } from "../bots/burst.ts";

const MAX_SENT_SECONDS = 8;
const MAX_ACTIVITIES = 32;
/** Long enough for most late events of a burst. */
const MAX_AGE_SECONDS = 3_600;

/** An activity that counts as a person's and may still be detected as a bot's. */
export interface UnmarkedActivity extends Activity {
  readonly method: undefined;
  readonly seq: number;
}

/** An activity of a bot, whether or not it is still in the log. */
export interface MarkedActivity extends Activity {
  readonly method: BotMethod;
}

/** An Opened in the log. */
export interface OpenedRow {
  readonly seq: number;
  readonly isBot: boolean;
}

export interface RecentEvents {
  /** When it was sent and delivered, in seconds since 1970 UTC. */
  sentSeconds: number[];
  unmarked: UnmarkedActivity[];
  marked: MarkedActivity[];
  /** By `openedId`: one, or two where OPENS_PER was changed. */
  readonly opened: Map<string, OpenedRow>;
}

type StoredArrays = readonly [
  sentSeconds: readonly number[],
  unmarked?: readonly (readonly [second: number, seq: number, link?: string])[],
  marked?: readonly (readonly [second: number, method: BotMethod, link?: string])[],
  opened?: readonly (readonly [id: string, seq: number, isBot: 0 | 1])[],
];

/** @param since the message's time, in ms since 1970 UTC, as it was given to `writeRecent` */
export function readRecent(text: string | null, since: number): RecentEvents {
  const base = secondOf(since);
  const [sentSeconds, unmarked = [], marked = [], opened = []] = JSON.parse(text ?? "[[]]") as StoredArrays;
  return {
    sentSeconds: sentSeconds.map((second) => base + second),
    unmarked: unmarked.map(([second, seq, link]) => ({
      second: base + second,
      seq,
      link,
      method: undefined,
    })),
    marked: marked.map(([second, method, link]) => ({ second: base + second, method, link })),
    opened: new Map(opened.map(([id, seq, isBot]) => [id, { seq, isBot: isBot === 1 }])),
  };
}

export function writeRecent({ sentSeconds, unmarked, marked, opened }: RecentEvents, since: number): string {
  const base = secondOf(since);
  const distinct = marked.length < 2 ? marked : withoutRepeats(marked);
  const kept = lastActivities([...unmarked, ...distinct]);
  const stored = ({ second, link }: Activity, seqOrMethod: number | BotMethod) =>
    link === undefined ? [second - base, seqOrMethod] : [second - base, seqOrMethod, link];
  const lists = [
    latest([...new Set(sentSeconds)], MAX_SENT_SECONDS, (second) => second).map((second) => second - base),
    unmarked.filter((activity) => kept.has(activity)).map((activity) => stored(activity, activity.seq)),
    distinct.filter((activity) => kept.has(activity)).map((activity) => stored(activity, activity.method)),
    [...opened].map(([id, { seq, isBot }]) => [id, seq, Number(isBot)]),
  ];
  while (lists.length > 1 && lists.at(-1)?.length === 0) lists.pop();
  return JSON.stringify(lists);
}

/** Seconds since 1970 UTC, rounded down. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** A reclassified event is aggregated a second time, with its mark. */
function withoutRepeats(marked: readonly MarkedActivity[]): MarkedActivity[] {
  return [...new Map(marked.map((each) => [`${each.second} ${each.method} ${each.link}`, each])).values()];
}

function lastActivities(activities: readonly Activity[]): ReadonlySet<Activity> {
  const first = Math.max(...activities.map(({ second }) => second)) - MAX_AGE_SECONDS;
  const lately = activities.filter(({ second }) => second >= first);
  return new Set(latest(lately, MAX_ACTIVITIES, ({ second }) => second));
}

function latest<T>(all: readonly T[], count: number, secondIn: (each: T) => number): readonly T[] {
  if (all.length <= count) return all;
  return all.toSorted((one, other) => secondIn(one) - secondIn(other)).slice(-count);
}
