/**
 * Detects bots by comparing a message's opens and clicks with each other and with its delivery. Guarantees that the
 * answer depends only on what happened: neither on the order in which events arrive nor on what was marked before.
 *
 * Clicks are evidence; opens are only judged, because an email is opened once and clicked often. What the edge marked
 * by its user agent is no evidence: the name of a program says nothing about the message's person. Times are clock
 * seconds, because mail servers and providers report no finer ones.
 *
 * The numbers were set by simulation (test/reports/visits.ts), so that double clicks, an open with a click at once,
 * three links within six seconds and a confirmation four seconds after delivery count as a person's.
 */
import { BOT_METHODS, BOT_PATTERNS, type BotMatch, type BotMethod, type BotPolicy } from "./bot.ts";

/** Clicks with shorter pauses belong to one run. */
const RUN_PAUSE_SECONDS = 12;

/** So many different links in so many seconds of a run, the first of them near delivery, make the run a scanner's. */
interface ScanSign {
  readonly links: number;
  readonly withinSeconds: number;
  /** How long after the message was sent or delivered. */
  readonly afterDeliverySeconds: number;
}
const SCAN_SIGNS: readonly ScanSign[] = [
  { links: 5, withinSeconds: 10, afterDeliverySeconds: Number.POSITIVE_INFINITY },
  { links: 4, withinSeconds: Number.POSITIVE_INFINITY, afterDeliverySeconds: 60 },
  { links: 3, withinSeconds: 3, afterDeliverySeconds: 60 },
  { links: 2, withinSeconds: 2, afterDeliverySeconds: 12 },
];
/** Mail servers scan a message before they accept it. */
const BEFORE_DELIVERY_SECONDS = 60;

/** An open this near to a scanner's click is the scanner's. */
const OPEN_BESIDE_SECONDS = 4;
/** So is one so long before its clicks and so soon after delivery: it renders first, and clicks later. */
const OPEN_AHEAD_SECONDS = 45;
const OPEN_AFTER_DELIVERY_SECONDS = 20;

/** An open or a click of a message. */
export interface Activity {
  /** Seconds since 1970 UTC, rounded down. */
  readonly second: number;
  /** The id of the clicked link; undefined for an open. */
  readonly link: string | undefined;
  /** The method by which the edge marked it as a bot's; undefined when it did not. */
  readonly method: BotMethod | undefined;
}

interface Click extends Activity {
  readonly link: string;
}

/** The methods that compare; the first that detects an activity names it, those that are filtered before others. */
const COMPARING = ["links", "honeypot", "delivery", "proximity"] as const satisfies readonly BotMethod[];
type ComparingMethod = (typeof COMPARING)[number];

/**
 * The activities that are a bot's, among those that the edge did not mark. Methods that are off detect nothing.
 * @param sentSeconds the seconds in which the message was sent and delivered
 */
export function botActivitiesAmong<A extends Activity>(
  sentSeconds: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): ReadonlyMap<A, BotMatch> {
  const { handling, deliverySeconds } = policy;
  const found = new Map<A, BotMatch>();
  if (activities.every(({ method }) => method !== undefined)) return found;
  const clicks = activities.filter(isEvidence).sort((one, other) => one.second - other.second);
  const scanned = scannedClicks(sentSeconds, clicks, policy);
  const isScan = (method: BotMethod) => (activity: Activity) =>
    isClick(activity)
      ? scanned.get(activity)?.includes(method) === true
      : [...scanned].some(([click, by]) => by.includes(method) && isOpenOfScan(activity.second, click, sentSeconds));
  const detects: Readonly<Record<ComparingMethod, (activity: Activity) => boolean>> = {
    links: isScan("links"),
    honeypot: isScan("honeypot"),
    delivery: ({ second }) => isAtDelivery(second, sentSeconds, deliverySeconds, deliverySeconds),
    proximity: nearOtherLinks(clicks, policy),
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

/** The clicks of runs that are a scanner's, with what gave the run away. `clicks` in the order of time. */
function scannedClicks(
  sentSeconds: readonly number[],
  clicks: readonly Click[],
  { handling }: BotPolicy,
): ReadonlyMap<Click, readonly BotMethod[]> {
  const scanned = new Map<Click, readonly BotMethod[]>();
  for (const run of runsOf(clicks)) {
    const methods: BotMethod[] = [];
    if (SCAN_SIGNS.some((sign) => hasSign(run, sign, sentSeconds))) methods.push("links");
    if (run.some(({ method }) => method === "honeypot")) methods.push("honeypot");
    const inUse = methods.filter((method) => handling[method] !== "off");
    if (inUse.length > 0) for (const click of run) scanned.set(click, inUse);
  }
  return scanned;
}

function runsOf(clicks: readonly Click[]): readonly (readonly Click[])[] {
  const runs: Click[][] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const click of clicks) {
    if (click.second - latest < RUN_PAUSE_SECONDS) runs.at(-1)?.push(click);
    else runs.push([click]);
    latest = click.second;
  }
  return runs;
}

function hasSign(
  run: readonly Click[],
  { links, withinSeconds, afterDeliverySeconds }: ScanSign,
  sentSeconds: readonly number[],
): boolean {
  const isStart = (first: Click, last: Click) =>
    last.second - first.second <= withinSeconds &&
    isAtDelivery(first.second, sentSeconds, BEFORE_DELIVERY_SECONDS, afterDeliverySeconds);
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

/** Whether a second lies in the time around one in which the message was sent or delivered. */
function isAtDelivery(
  second: number,
  sentSeconds: readonly number[],
  beforeSeconds: number,
  afterSeconds: number,
): boolean {
  if (afterSeconds === Number.POSITIVE_INFINITY) return true;
  return sentSeconds.some((sent) => second - sent >= -beforeSeconds && second - sent <= afterSeconds);
}

/** Whether an open belongs to a scanner's click. */
function isOpenOfScan(second: number, click: Click, sentSeconds: readonly number[]): boolean {
  const aheadSeconds = click.second - second;
  if (Math.abs(aheadSeconds) <= OPEN_BESIDE_SECONDS) return true;
  if (aheadSeconds < 0 || aheadSeconds > OPEN_AHEAD_SECONDS) return false;
  return isAtDelivery(second, sentSeconds, BEFORE_DELIVERY_SECONDS, OPEN_AFTER_DELIVERY_SECONDS);
}

/** Whether a click on another link came so few seconds before or after an activity. */
function nearOtherLinks(clicks: readonly Click[], { proximitySeconds }: BotPolicy): (activity: Activity) => boolean {
  const linksAt = new Map<number, Set<string | undefined>>();
  for (const { second, link } of clicks) linksAt.set(second, (linksAt.get(second) ?? new Set()).add(link));
  return ({ second, link }) => {
    for (let near = second - proximitySeconds; near <= second + proximitySeconds; near++) {
      const links = linksAt.get(near);
      if (links !== undefined && (links.size > 1 || !links.has(link))) return true;
    }
    return false;
  };
}
