/**
 * Detects bots by comparing a message's opens and clicks with each other and with its delivery. Guarantees that the
 * answer depends only on what happened: neither on the order in which events arrive nor on what was marked before.
 *
 * Clicks are evidence; opens are only classified, because an email is opened once and clicked often. What the edge
 * marked by its user agent is no evidence: the name of a program says nothing about the message's person. More evidence
 * only adds marks. Sends and deliveries are compared in seconds of the clock, because providers report no finer times.
 */
import { BOT_METHODS, BOT_PATTERNS, type BotMatch, type BotMethod, type BotPolicy } from "./bot.ts";
import { type NumberSign, type RhythmSign, SCAN_RULES, type ScanRule, WHENEVER } from "./scan-rules.ts";

/** So many clicks of a run are compared for their rhythm: one after the other takes long, and many show other signs. */
const MAX_RHYTHM_CLICKS = 64;

/** Mail servers scan a message before they accept it. */
const BEFORE_DELIVERY_SECONDS = 60;

/** By so much images may come after links that were requested at the same time. */
const OPEN_AFTER_MS = 500;
/** An open so long before a scanner's clicks, and so soon after delivery, is the scanner's that renders first. */
const OPEN_AHEAD_MS = 45_000;
const OPEN_AFTER_DELIVERY_SECONDS = 10;

/** An open or a click of a message. */
export interface Activity {
  /** Seconds since 1970 UTC, to the millisecond: 1700000000.123. */
  readonly second: number;
  /** The id of the clicked link; undefined for an open. */
  readonly link: string | undefined;
  /** The method by which the edge marked it as a bot's; undefined when it did not. */
  readonly method: BotMethod | undefined;
  /** A hash of its user agent; undefined when it is not known. */
  readonly agent?: string | undefined;
}

interface Click extends Activity {
  readonly link: string;
}

/**
 * The methods that compare; the first that detects an activity names it, those that are filtered before others. What
 * they detect was logged as a person's before.
 */
export const COMPARING = [
  "links",
  "honeypot",
  "delivery",
  "proximity",
  "provider",
] as const satisfies readonly BotMethod[];
type ComparingMethod = (typeof COMPARING)[number];

/**
 * The activities that are a bot's, among those that the edge did not mark. Methods that are off detect nothing.
 * @param sentSeconds the seconds in which the message was sent and delivered
 * @param isAutomated whether the email's provider calls the program a bot that loaded the pixel then
 */
export function botActivitiesAmong<A extends Activity>(
  sentSeconds: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
  isAutomated: (open: A) => boolean = () => false,
): ReadonlyMap<A, BotMatch> {
  const { handling, deliverySeconds } = policy;
  const found = new Map<A, BotMatch>();
  if (activities.every(({ method }) => method !== undefined)) return found;
  const clicks = activities.filter(isEvidence).sort((one, other) => msOf(one) - msOf(other));
  const scans = scansAmong(sentSeconds, clicks, policy);
  const isOfScan = (method: BotMethod) => {
    const some = scans.filter((scan) => scan.method === method);
    const scanned = new Set<Activity>(some.flatMap((scan) => scan.clicks));
    return (activity: Activity) =>
      isClick(activity) ? scanned.has(activity) : some.some((scan) => isOpenOf(scan, activity, sentSeconds));
  };
  const detects: Readonly<Record<ComparingMethod, (activity: A) => boolean>> = {
    links: isOfScan("links"),
    honeypot: isOfScan("honeypot"),
    // Not before: who clicks in an old mail to have it sent again is a person.
    delivery: (activity) => isAtDelivery(activity, sentSeconds, 0, deliverySeconds),
    proximity: nearOtherLinks(clicks, policy),
    provider: (activity) => !isClick(activity) && isAutomated(activity),
  };
  const methods = COMPARING.filter((method) => handling[method] !== "off").sort(
    (one, other) => Number(handling[other] === "filter") - Number(handling[one] === "filter"),
  );
  for (const activity of activities) {
    if (activity.method !== undefined) continue;
    const method = methods.find((each) => detects[each](activity));
    if (method !== undefined) found.set(activity, { method, pattern: BOT_PATTERNS[method] });
  }
  return found;
}

/** The method that a logged pattern belongs to. A pattern of another form is the name of a user agent. */
export function methodOf(pattern: string): BotMethod {
  return BOT_METHODS.find((method) => pattern.startsWith(BOT_PATTERNS[method])) ?? "userAgent";
}

function isClick<A extends Activity>(activity: A): activity is A & Click {
  return activity.link !== undefined;
}

function isEvidence<A extends Activity>(activity: A): activity is A & Click {
  return isClick(activity) && activity.method !== "userAgent";
}

function msOf({ second }: Activity): number {
  return Math.round(second * 1_000);
}

/** Clicks of a scanner. */
interface Scan {
  readonly clicks: readonly Click[];
  readonly method: BotMethod;
  readonly rule: ScanRule;
}

/** `clicks` in the order of time. */
function scansAmong(sentSeconds: readonly number[], clicks: readonly Click[], { handling }: BotPolicy): Scan[] {
  return SCAN_RULES.flatMap((rule) =>
    runsOf(clicks, rule.pauseMs).flatMap((run) => {
      const scans: Scan[] = [
        { clicks: scannedIn(run, rule, sentSeconds), method: "links", rule },
        { clicks: run.some(({ method }) => method === "honeypot") ? run : [], method: "honeypot", rule },
      ];
      return scans.filter(({ clicks: some, method }) => some.length > 0 && handling[method] !== "off");
    }),
  );
}

/** The clicks of a run that are a scanner's by a rule. */
function scannedIn(run: readonly Click[], { numbers, rhythm, takes }: ScanRule, sentSeconds: readonly number[]) {
  if (numbers.some((number) => hasNumber(run, number, sentSeconds))) return run;
  const rhythmic =
    rhythm === undefined ? [] : pausesOf(run, rhythm).flatMap((each) => rhythmicIn(run, each, sentSeconds));
  return takes === "row" || rhythmic.length === 0 ? rhythmic : run;
}

function runsOf(clicks: readonly Click[], pauseMs: number): readonly (readonly Click[])[] {
  const runs: Click[][] = [];
  let latestAtMs = Number.NEGATIVE_INFINITY;
  for (const click of clicks) {
    if (msOf(click) - latestAtMs <= pauseMs) runs.at(-1)?.push(click);
    else runs.push([click]);
    latestAtMs = msOf(click);
  }
  return runs;
}

/** Whether so many links come so fast. A row of twice as many has a part of fewer that come as fast. */
function hasNumber(run: readonly Click[], sign: NumberSign, sentSeconds: readonly number[]): boolean {
  const { links, msPerLink, afterDeliverySeconds } = sign;
  for (let count = links; count <= 2 * links - 2; count++)
    if (hasLinksWithin(run, count, (count - 1) * msPerLink, afterDeliverySeconds, sentSeconds)) return true;
  return false;
}

function hasLinksWithin(
  run: readonly Click[],
  links: number,
  withinMs: number,
  afterDeliverySeconds: number,
  sentSeconds: readonly number[],
): boolean {
  const isStart = (first: Click, last: Click) =>
    msOf(last) - msOf(first) <= withinMs &&
    isAtDelivery(first, sentSeconds, BEFORE_DELIVERY_SECONDS, afterDeliverySeconds);
  const clicksOn = new Map<string, number>();
  const count = ({ link }: Click, more: 1 | -1) => {
    const now = (clicksOn.get(link) ?? 0) + more;
    if (now === 0) clicksOn.delete(link);
    else clicksOn.set(link, now);
  };
  let start = 0;
  for (const [end, last] of run.entries()) {
    count(last, 1);
    for (let first = run[start]; first !== undefined && start <= end && !isStart(first, last); first = run[++start])
      count(first, -1);
    if (clicksOn.size >= links) return true;
  }
  return false;
}

/** The rhythm itself, or one for each pause that may be the shortest of an even one. */
function pausesOf(run: readonly Click[], rhythm: RhythmSign): readonly RhythmSign[] {
  const { leastPauseMs, mostPauseMs, spread } = rhythm;
  if (spread === Number.POSITIVE_INFINITY) return [rhythm];
  if (new Set(run.map(({ link }) => link)).size < rhythm.links) return [];
  const shortest = new Set<number>();
  const times = run.slice(0, MAX_RHYTHM_CLICKS).map(msOf);
  for (const [index, atMs] of times.entries())
    for (const laterMs of times.slice(index + 1)) {
      const pauseMs = laterMs - atMs;
      if (pauseMs > mostPauseMs) break;
      if (pauseMs >= leastPauseMs) shortest.add(pauseMs);
    }
  return [...shortest].map((pauseMs) => ({
    ...rhythm,
    leastPauseMs: pauseMs,
    mostPauseMs: Math.min(pauseMs * spread, mostPauseMs),
  }));
}

/** The clicks of rows in the rhythm. */
function rhythmicIn(run: readonly Click[], sign: RhythmSign, sentSeconds: readonly number[]): readonly Click[] {
  const { links, afterDeliverySeconds } = sign;
  if (new Set(run.map(({ link }) => link)).size < links) return [];
  const some = run.slice(0, MAX_RHYTHM_CLICKS);
  const isStart = (click: Click) => isAtDelivery(click, sentSeconds, BEFORE_DELIVERY_SECONDS, afterDeliverySeconds);
  const before = rowLengths(some, sign, isStart);
  const behind = rowLengths(some.toReversed(), sign, () => true).toReversed();
  return some.filter((_, at) => (before[at] ?? 0) > 0 && (before[at] ?? 0) + (behind[at] ?? 0) > links);
}

/** How long the longest row in that rhythm is that ends with each click, in either order of time; 0: none. */
function rowLengths(
  clicks: readonly Click[],
  { leastPauseMs, mostPauseMs }: RhythmSign,
  isStart: (click: Click) => boolean,
): readonly number[] {
  const lengths: number[] = [];
  for (const [index, click] of clicks.entries()) {
    let length = isStart(click) ? 1 : 0;
    for (let at = index - 1; at >= 0; at--) {
      const other = clicks[at];
      const otherLength = lengths[at] ?? 0;
      const pauseMs = other === undefined ? Number.POSITIVE_INFINITY : Math.abs(msOf(click) - msOf(other));
      if (pauseMs > mostPauseMs) break;
      if (pauseMs >= leastPauseMs && other?.link !== click.link && otherLength > 0)
        length = Math.max(length, otherLength + 1);
    }
    lengths.push(length);
  }
  return lengths;
}

/** Whether it happened in the seconds around one in which the message was sent or delivered. */
function isAtDelivery(
  activity: Activity,
  sentSeconds: readonly number[],
  beforeSeconds: number,
  afterSeconds: number,
): boolean {
  if (afterSeconds === WHENEVER) return true;
  const second = clockSecondOf(activity);
  return sentSeconds.some((sent) => second - sent >= -beforeSeconds && second - sent <= afterSeconds);
}

function clockSecondOf({ second }: Activity): number {
  return Math.floor(second);
}

function isOpenOf({ clicks, rule }: Scan, open: Activity, sentSeconds: readonly number[]): boolean {
  const isAhead =
    rule.rendersFirst && isAtDelivery(open, sentSeconds, BEFORE_DELIVERY_SECONDS, OPEN_AFTER_DELIVERY_SECONDS);
  const beforeMs = isAhead ? OPEN_AHEAD_MS : rule.openBeforeMs;
  const isBeside = clicks.some((click) => {
    const aheadMs = msOf(click) - msOf(open);
    return aheadMs >= -OPEN_AFTER_MS && aheadMs <= beforeMs;
  });
  return isBeside && clicks.some((click) => isSameProgram(click, open));
}

/** Whether one program may have made both: a person's image loads at a scanner's clicks in another. */
function isSameProgram({ agent: one }: Activity, { agent: other }: Activity): boolean {
  return one === undefined || other === undefined || one === other;
}

/** Whether a click on another link came so few seconds of the clock before or after an activity. */
function nearOtherLinks(clicks: readonly Click[], { proximitySeconds }: BotPolicy): (activity: Activity) => boolean {
  const linksAt = new Map<number, Set<string | undefined>>();
  for (const click of clicks) {
    const second = clockSecondOf(click);
    linksAt.set(second, (linksAt.get(second) ?? new Set()).add(click.link));
  }
  return (activity) => {
    const second = clockSecondOf(activity);
    for (let near = second - proximitySeconds; near <= second + proximitySeconds; near++) {
      const links = linksAt.get(near);
      if (links !== undefined && (links.size > 1 || !links.has(activity.link))) return true;
    }
    return false;
  };
}
