/** The rules by which bots show among a message's events (docs/bots.md), applied slowly and plainly. */
import type { BotMethod, BotPolicy } from "../../src/bots/bot.ts";
import type { Activity } from "../../src/bots/burst.ts";

const EVER = Number.POSITIVE_INFINITY;

/**
 * Pauses in a run; how many links with how many ms for each, how long after delivery; how many in turn with which
 * pauses, of which the longest is so many times the shortest, how long after delivery; how long before its clicks an
 * open is, and when the scanner may have rendered the message before.
 */
const RULES = [
  { pauseMs: 2_000, number: [2, 1_000, 120], pace: undefined, openMs: 3_000, rendersFirst: true },
  { pauseMs: 12_000, number: undefined, pace: [4, 1_000, 12_000, EVER, 60], openMs: 3_000, rendersFirst: false },
  { pauseMs: 1_500, number: [4, 500, EVER], pace: [5, 200, 900, 1.2, EVER], openMs: 1_000, rendersFirst: false },
] as const;

type Rule = (typeof RULES)[number];

const msOf = ({ second }: Activity) => Math.round(second * 1_000);
const linksOf = (some: readonly Activity[]) => new Set(some.map(({ link }) => link)).size;

/** Whether so many in turn begin with a click, after which such pauses have come. */
function isPaced(
  from: Activity,
  run: readonly Activity[],
  pace: readonly [count: number, least: number, most: number, spread: number],
  pauses: readonly number[] = [],
): boolean {
  const [count, least, most, spread] = pace;
  if (pauses.length > 0 && Math.max(...pauses) > Math.min(...pauses) * spread) return false;
  if (pauses.length === count - 1) return true;
  return run.some((next) => {
    const pause = msOf(next) - msOf(from);
    return next.link !== from.link && pause >= least && pause <= most && isPaced(next, run, pace, [...pauses, pause]);
  });
}

/** Whether it happened in the seconds around one in which the message was sent or delivered. */
function isAround({ second }: Activity, sent: readonly number[], before: number, after: number): boolean {
  if (after === EVER) return true;
  return sent.some((each) => each - before <= Math.floor(second) && Math.floor(second) <= each + after);
}

/** The clicks that hang together with one by pauses no longer than the rule's. */
function runOf<A extends Activity>(click: A, clicks: readonly A[], { pauseMs }: Rule): A[] {
  const run = new Set([click]);
  for (let size = 0; size !== run.size; ) {
    size = run.size;
    for (const other of clicks)
      if ([...run].some((each) => Math.abs(msOf(each) - msOf(other)) <= pauseMs)) run.add(other);
  }
  return [...run];
}

function isScan(run: readonly Activity[], { number, pace }: Rule, sent: readonly number[]): boolean {
  if (number !== undefined) {
    const [least, msPerLink, after] = number;
    const counts = Array.from({ length: least - 1 }, (_, more) => least + more);
    for (const from of run.filter((each) => isAround(each, sent, 60, after)))
      for (const count of counts) {
        const untilMs = msOf(from) + (count - 1) * msPerLink;
        if (linksOf(run.filter((each) => msOf(each) >= msOf(from) && msOf(each) <= untilMs)) >= count) return true;
      }
  }
  if (pace === undefined) return false;
  const [count, least, most, spread, after] = pace;
  if (linksOf(run) < count) return false;
  return run.some((from) => isAround(from, sent, 60, after) && isPaced(from, run, [count, least, most, spread]));
}

/** The method that names each activity that is a bot's and that the edge did not mark. */
export function slowBots<A extends Activity>(
  sent: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): Map<A, BotMethod> {
  const clicks = activities.filter(({ link, method }) => link !== undefined && method !== "userAgent");
  /** The clicks of each rule's runs of which it is true. */
  const scans = (is: (run: readonly A[], rule: Rule) => boolean) =>
    RULES.map((rule) => ({ rule, scanned: clicks.filter((click) => is(runOf(click, clicks, rule), rule)) }));
  const ofManyLinks = scans((run, rule) => isScan(run, rule, sent));
  const ofHoneypot = scans((run) => run.some(({ method }) => method === "honeypot"));

  function isOf(some: ReturnType<typeof scans>, activity: A): boolean {
    return some.some(({ rule, scanned }) => {
      if (activity.link !== undefined) return scanned.includes(activity);
      return scanned.some((click) => {
        const ahead = msOf(click) - msOf(activity);
        const before = rule.rendersFirst && isAround(activity, sent, 60, 12) ? 45_000 : rule.openMs;
        return ahead >= -500 && ahead <= before;
      });
    });
  }

  function isIn(method: BotMethod, activity: A): boolean {
    const { link } = activity;
    const secondOf = (each: A) => Math.floor(each.second);
    if (method === "links") return isOf(ofManyLinks, activity);
    if (method === "honeypot") return isOf(ofHoneypot, activity);
    if (method === "delivery") return isAround(activity, sent, 0, policy.deliverySeconds);
    return clicks.some(
      (other) => other.link !== link && Math.abs(secondOf(other) - secondOf(activity)) <= policy.proximitySeconds,
    );
  }

  const bots = new Map<A, BotMethod>();
  for (const activity of activities) {
    if (activity.method !== undefined) continue;
    for (const handling of ["filter", "mark"] as const) {
      const methods = (["links", "honeypot", "delivery", "proximity"] as const).filter(
        (method) => policy.handling[method] === handling && isIn(method, activity),
      );
      const [first] = methods;
      if (first !== undefined && !bots.has(activity)) bots.set(activity, first);
    }
  }
  return bots;
}
