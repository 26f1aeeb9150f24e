/**
 * What lately happened to a message, as far as bursts of machines show in it: when it was sent and delivered, what was opened and clicked.
 * Bounded: of the times the last 8, of what was opened and clicked the last 32. Guarantees that what is kept does not depend on the order
 * in which it came. What was marked stays as evidence, even when it has left the log.
 *
 * Kept as JSON, with times as ms since the message's own: it stands in a row that reports read over.
 */
import type { BotMethod } from "../visitors/bot.ts";
import type { Activity } from "../visitors/burst.ts";

const TIMES_KEPT = 8;
const ACTIVITIES_KEPT = 32;

/** One that may still be marked. */
export interface UnmarkedActivity extends Activity {
  readonly method: undefined;
  readonly place: number;
  readonly link: string | undefined;
}

/** One that was, wherever it is now. */
export interface MarkedActivity extends Activity {
  readonly method: BotMethod;
}

/** A row of the log that says that it was opened; there is one, or two where OPENS_PER was changed. */
export interface OpenedRow {
  readonly place: number;
  readonly isBot: boolean;
}

export interface Recent {
  /** When it was sent and delivered, ms since 1970 UTC. */
  toldMs: number[];
  unmarked: UnmarkedActivity[];
  marked: MarkedActivity[];
  /** By the beginning of the row's id. */
  readonly opened: Map<string, OpenedRow>;
}

type Written = readonly [
  told: readonly number[],
  unmarked?: readonly (readonly [place: number, at: number, link?: string])[],
  marked?: readonly (readonly [method: BotMethod, at: number, link?: string])[],
  opened?: readonly (readonly [id: string, place: number, isBot: 0 | 1])[],
];

/** What `writeRecent` has written for a message of that time. */
export function readRecent(text: string | null, sinceMs: number): Recent {
  const [told, unmarked = [], marked = [], opened = []] = (
    text === null ? [[]] : JSON.parse(text)
  ) as Written;
  return {
    toldMs: told.map((at) => sinceMs + at),
    unmarked: unmarked.map(([place, at, link]) => ({ place, atMs: sinceMs + at, link, method: undefined })),
    marked: marked.map(([method, at, link]) => ({ method, atMs: sinceMs + at, link })),
    opened: new Map(opened.map(([id, place, isBot]) => [id, { place, isBot: isBot === 1 }])),
  };
}

export function writeRecent({ toldMs, unmarked, marked, opened }: Recent, sinceMs: number): string {
  const last = latest([...unmarked, ...withoutRepeats(marked)], ({ atMs }) => atMs, ACTIVITIES_KEPT);
  const kept = new Set<Activity>(last);
  const lists = [
    latest([...new Set(toldMs)], (atMs) => atMs, TIMES_KEPT).map((atMs) => atMs - sinceMs),
    unmarked
      .filter((each) => kept.has(each))
      .map(({ place, atMs, link }) => [place, atMs - sinceMs, ...linkIn(link)]),
    marked
      .filter((each) => kept.has(each))
      .map(({ method, atMs, link }) => [method, atMs - sinceMs, ...linkIn(link)]),
    [...opened].map(([id, { place, isBot }]) => [id, place, Number(isBot)]),
  ];
  while (lists.length > 1 && lists.at(-1)?.length === 0) lists.pop();
  return JSON.stringify(lists);
}

function linkIn(link: string | undefined): readonly string[] {
  return link === undefined ? [] : [link];
}

/** An event that is marked afterwards comes by a second time, with its mark. */
function withoutRepeats(marked: readonly MarkedActivity[]): MarkedActivity[] {
  return [...new Map(marked.map((each) => [`${each.atMs} ${each.method} ${each.link}`, each])).values()];
}

function latest<T>(all: readonly T[], atOf: (each: T) => number, count: number): readonly T[] {
  return all.length <= count ? all : all.toSorted((one, other) => atOf(one) - atOf(other)).slice(-count);
}
