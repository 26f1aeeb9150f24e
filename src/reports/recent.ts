/**
 * The recent events of a message in which bots show: when it was sent and delivered, its clicks, the loads of its
 * pixel, and those of its provider's. Bounded: the last 8 times, 32 clicks, and 16 loads of the provider's pixel.
 * Guarantees that what is kept does not depend on the order of arrival. Clicks that were filtered stay as evidence.
 *
 * Stored as short JSON arrays, seconds counted from the message's time, because reports read past them in every row.
 */
import type { BotMethod } from "../bots/bot.ts";
import { type Activity, methodOf } from "../bots/burst.ts";
import type { PixelLoad } from "../events/pixel-loads.ts";
import { cachedByText } from "../platform/lru-cache.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";

const MAX_SENT_SECONDS = 8;
const MAX_CLICKS = 32;
const MAX_AUTOMATED = 16;
/** So long apart the same program loads two pixels of a message at most. */
const SAME_MOMENT_SECONDS = 2;

/** A click. Evidence about the others; itself decided again each time as long as it has a `seq`. */
export interface RecentClick extends Activity {
  readonly link: string;
  /** Its seq in the log; undefined when the edge has marked it, and when it was filtered. */
  readonly seq: number | undefined;
  /** The method by which aggregation marked it as a bot's. */
  readonly reclassified: BotMethod | undefined;
}

/** A load of the pixel by somebody whom the edge did not mark. */
export interface RecentLoad extends Activity {
  readonly link: undefined;
  readonly method: undefined;
  /** The method by which aggregation marked it as a bot's. */
  readonly reclassified: BotMethod | undefined;
}

/** An Opened in the log, with its loads from this message. */
export interface RecentOpened {
  readonly seq: number;
  /** Who opened the message by the row; "nobody" when it shows another campaign's load, or is filtered. */
  readonly by: OpenedBy;
  readonly loads: readonly RecentLoad[];
}

/** A load of the provider's own pixel, by what the provider calls a bot. */
export interface AutomatedOpen {
  readonly second: number;
  /** A hash of its user agent. */
  readonly agent: string;
}

const OPENED_BY = ["nobody", "person", "bot"] as const;
export type OpenedBy = (typeof OPENED_BY)[number];

export interface RecentEvents {
  /** When it was sent and delivered, in seconds since 1970 UTC. */
  sentSeconds: number[];
  clicks: RecentClick[];
  /** By `openedId`: one, or two where OPENS_PER was changed. */
  readonly opened: Map<string, RecentOpened>;
  automated: AutomatedOpen[];
}

type StoredClick = readonly [
  ...[second: number, link: string, seq?: number, method?: BotMethod | 0, by?: BotMethod | 0, agent?: string],
];
type StoredLoad = readonly [second: number, reclassified?: BotMethod];
type StoredArrays = readonly [
  sentSeconds: readonly number[],
  clicks?: readonly StoredClick[],
  opened?: readonly (readonly [id: string, seq: number, by: number, ...loads: readonly StoredLoad[]])[],
  automated?: readonly (readonly [second: number, agent: string])[],
];

/** @param since the message's time, in ms since 1970 UTC, as it was given to `writeRecent` */
export function readRecent(text: string | null, since: number): RecentEvents {
  const base = secondOf(since);
  const [sentSeconds, clicks = [], opened = [], automated = []] = JSON.parse(text ?? "[[]]") as StoredArrays;
  return {
    sentSeconds: sentSeconds.map((second) => base + second),
    clicks: clicks.map(([afterSeconds, link, seq, method, reclassified, agent]) => ({
      second: toTheMs(base + afterSeconds),
      link,
      seq: seq || undefined,
      method: method || undefined,
      reclassified: reclassified || undefined,
      agent,
    })),
    opened: new Map(
      opened.map(([id, seq, by, ...loads]) => [
        id,
        {
          seq,
          by: OPENED_BY[by] ?? "nobody",
          loads: loads.map(([afterSeconds, reclassified]) => recentLoad(toTheMs(base + afterSeconds), reclassified)),
        },
      ]),
    ),
    automated: automated.map(([afterSeconds, agent]) => ({ second: toTheMs(base + afterSeconds), agent })),
  };
}

export function writeRecent({ sentSeconds, clicks, opened, automated }: RecentEvents, since: number): string {
  const base = secondOf(since);
  const lists = [
    latest([...new Set(sentSeconds)], MAX_SENT_SECONDS, (second) => second).map((second) => second - base),
    latest(withoutRepeats(clicks), MAX_CLICKS, ({ second }) => second).map(({ second, ...click }) =>
      trimmed([toTheMs(second - base), click.link, click.seq, click.method, click.reclassified, click.agent]),
    ),
    [...opened].map(([id, { seq, by, loads }]) => [
      id,
      seq,
      OPENED_BY.indexOf(by),
      ...loads.map(({ second, reclassified }) => trimmed([toTheMs(second - base), reclassified])),
    ]),
    latest(automated, MAX_AUTOMATED, ({ second }) => second).map(({ second, agent }) => [
      toTheMs(second - base),
      agent,
    ]),
  ];
  while (lists.length > 1 && lists.at(-1)?.length === 0) lists.pop();
  return JSON.stringify(lists);
}

function recentLoad(second: number, reclassified: BotMethod | undefined, agent?: string): RecentLoad {
  return { second, link: undefined, method: undefined, reclassified, agent };
}

/** Whether the edge marks events by this method. A click that shares a run with one on the honeypot is compared. */
export function isEdgeMethod(method: BotMethod, link: string): boolean {
  if (method === "honeypot") return link === HONEYPOT_LINK_ID;
  return method === "userAgent" || method === "network" || method === "head";
}

/** Neither marked by the edge nor filtered. */
export function isCompared({ bot, reclassified }: PixelLoad): boolean {
  return bot === undefined && reclassified !== null;
}

export function recentLoadOf({ at, reclassified, userAgent }: PixelLoad): RecentLoad {
  const method = typeof reclassified === "string" ? methodOf(reclassified) : undefined;
  return recentLoad(at / 1_000, method, agentOf(userAgent));
}

export function automatedOpenAt(at: number, userAgent: string): AutomatedOpen {
  return { second: at / 1_000, agent: hashOf(userAgent) };
}

/** Whether it is a load of the pixel at which a bot loaded the provider's, too. */
export function isAutomated(activity: RecentClick | RecentLoad, automated: readonly AutomatedOpen[]): boolean {
  if (activity.link !== undefined) return false;
  const { second, agent } = activity;
  return automated.some(
    (each) =>
      Math.abs(toTheMs(second - each.second)) <= SAME_MOMENT_SECONDS && (agent === undefined || agent === each.agent),
  );
}

/** Most user agents repeat. */
const hashOf = cachedByText(2_000, (userAgent) => sha256Hex(userAgent).slice(0, 8));

/** A hash of a user agent; undefined where a row has not been read for it, or has none. */
export function agentOf(userAgent: string | null): string | undefined {
  return userAgent === null ? undefined : hashOf(userAgent);
}

/** Seconds since 1970 UTC, rounded down. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Without what binary fractions add. */
function toTheMs(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}

/** 0 for what is undefined in between. */
function trimmed(values: readonly (string | number | undefined)[]): readonly (string | number)[] {
  const last = values.findLastIndex((value) => value !== undefined);
  return values.slice(0, last + 1).map((value) => value ?? 0);
}

/** Marked clicks on the same link in the same millisecond are the same evidence. */
function withoutRepeats(clicks: readonly RecentClick[]): readonly RecentClick[] {
  const keyOf = (click: RecentClick) =>
    click.seq ?? `${click.second} ${click.method} ${click.reclassified} ${click.link}`;
  return clicks.length < 2 ? clicks : [...new Map(clicks.map((click) => [keyOf(click), click])).values()];
}

function latest<T>(all: readonly T[], count: number, secondIn: (each: T) => number): readonly T[] {
  if (all.length <= count) return all;
  return all.toSorted((one, other) => secondIn(one) - secondIn(other)).slice(-count);
}
