/**
 * What lately happened to a message, as far as bursts of machines show in it: when it was sent and delivered, what was opened and clicked.
 * Bounded: of the times the last 8; of what was opened and clicked that of the last hour in which anything was, and of that the last 32.
 * Guarantees that what is kept does not depend on the order in which it came. What was marked stays as evidence, even when it has left
 * the log.
 *
 * Kept as JSON, short because it stands in rows that reports read over: seconds count from the message's own.
 */
import type { BotMethod } from "../bots/bot.ts";
import type { Activity } from "../bots/burst.ts";

const TIMES_KEPT = 8;
const ACTIVITIES_KEPT = 32;
/** Until nothing of a burst is late any more, as a rule; kept for longer only while nothing else happens. */
const SECONDS_KEPT = 3_600;

/** One that may still be marked. */
export interface UnmarkedActivity extends Activity {
  readonly method: undefined;
  readonly seq: number;
}

/** One that was, wherever it is now. */
export interface MarkedActivity extends Activity {
  readonly method: BotMethod;
}

/** A row of the log that says that the message was opened. */
export interface OpenedRow {
  readonly seq: number;
  readonly isBot: boolean;
}

export interface Recent {
  /** The seconds in which it was sent and delivered, since 1970 UTC. */
  told: number[];
  unmarked: UnmarkedActivity[];
  marked: MarkedActivity[];
  /** By the row's id: one, or two where OPENS_PER was changed. */
  readonly opened: Map<string, OpenedRow>;
}

type Written = readonly [
  told: readonly number[],
  unmarked?: readonly (readonly [second: number, seq: number, link?: string])[],
  marked?: readonly (readonly [second: number, method: BotMethod, link?: string])[],
  opened?: readonly (readonly [id: string, seq: number, isBot: 0 | 1])[],
];

/** What `writeRecent` has written for a message of that time. */
export function readRecent(text: string | null, since: number): Recent {
  const base = secondOf(since);
  const [told, unmarked = [], marked = [], opened = []] = JSON.parse(text ?? "[[]]") as Written;
  return {
    told: told.map((second) => base + second),
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

export function writeRecent({ told, unmarked, marked, opened }: Recent, since: number): string {
  const base = secondOf(since);
  const single = marked.length < 2 ? marked : withoutRepeats(marked);
  const kept = lastActivities([...unmarked, ...single]);
  const written = ({ second, link }: Activity, what: number | string) =>
    link === undefined ? [second - base, what] : [second - base, what, link];
  const lists = [
    latest([...new Set(told)], TIMES_KEPT, (second) => second).map((second) => second - base),
    unmarked.filter((activity) => kept.has(activity)).map((activity) => written(activity, activity.seq)),
    single.filter((activity) => kept.has(activity)).map((activity) => written(activity, activity.method)),
    [...opened].map(([id, { seq, isBot }]) => [id, seq, Number(isBot)]),
  ];
  while (lists.length > 1 && lists.at(-1)?.length === 0) lists.pop();
  return JSON.stringify(lists);
}

/** The seconds of the clock of a time in ms. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** An event that is marked afterwards comes by a second time, with its mark. */
function withoutRepeats(marked: readonly MarkedActivity[]): MarkedActivity[] {
  return [...new Map(marked.map((each) => [`${each.second} ${each.method} ${each.link}`, each])).values()];
}

function lastActivities(activities: readonly Activity[]): ReadonlySet<Activity> {
  const first = Math.max(...activities.map(({ second }) => second)) - SECONDS_KEPT;
  const lately = activities.filter(({ second }) => second >= first);
  return new Set(latest(lately, ACTIVITIES_KEPT, ({ second }) => second));
}

function latest<T>(all: readonly T[], count: number, secondIn: (each: T) => number): readonly T[] {
  if (all.length <= count) return all;
  return all.toSorted((one, other) => secondIn(one) - secondIn(other)).slice(-count);
}
