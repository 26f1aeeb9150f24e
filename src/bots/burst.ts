/**
 * Detects bots by comparing an activity with the message's other events. Guarantees that the same activities are
 * marked in the end, in whatever order a message's events arrive and however often they are checked in between: an
 * activity stays marked when more events arrive, and a marked activity is evidence for its own method only. Gives up
 * naming the best method: an activity that several methods find keeps the first one.
 *
 * Times are clock seconds, because mail servers and providers report no finer ones. Activities marked by their user
 * agent are no evidence: the name of a program says nothing about the message's person.
 */
import { BOT_METHODS, BOT_PATTERNS, type BotMatch, type BotMethod, type BotPolicy } from "./bot.ts";

/** Activities with pauses shorter than this belong to one burst. */
const BURST_SECONDS = 10;

/** A person does not click so many different links of a message within BURST_SECONDS. */
const MANY_LINKS = 3;

/** An open or a click of a message. */
export interface Activity {
  /** Seconds since 1970 UTC, rounded down. */
  readonly second: number;
  /** The id of the clicked link; undefined for an open. */
  readonly link: string | undefined;
  /** The method that marked it as a bot's; undefined while it counts as a person's. */
  readonly method: BotMethod | undefined;
}

/** Methods that detect a single activity; the first one names it. */
const DETECTING = ["proximity", "delivery", "links"] as const satisfies readonly BotMethod[];

/**
 * Methods that reveal a scanner, to which the rest of the burst belongs as well; the first one names it. Proximity is
 * not among them, because a person may click twice in a second; nor are network and HEAD, because a scanner may check
 * the link that a person is clicking.
 */
const SCANNERS = ["delivery", "links", "honeypot"] as const satisfies readonly BotMethod[];

/**
 * The activities of a message that are a bot's but not yet marked. Methods that are off detect nothing and extend to
 * no burst.
 * @param sentSeconds the seconds in which the message was sent and delivered; activities before them are as near as
 * those after
 */
export function botActivitiesAmong<A extends Activity>(
  sentSeconds: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): ReadonlyMap<A, BotMatch> {
  const found = new Map<A, BotMatch>();
  if (activities.every(({ method }) => method !== undefined)) return found;
  const evidence = activities
    .filter(({ method }) => method !== "userAgent")
    .sort((one, other) => one.second - other.second);
  const methods = methodsOf(sentSeconds, evidence, policy);
  const firstInUse = (order: readonly BotMethod[], detected: ReadonlySet<BotMethod>) =>
    order.find((method) => detected.has(method) && policy.handling[method] !== "off");
  for (const { start, end } of bursts(evidence)) {
    const scanner = firstInUse(SCANNERS, new Set(methods.slice(start, end).flatMap((each) => [...each])));
    for (let index = start; index < end; index++) {
      const activity = evidence[index];
      if (activity === undefined || activity.method !== undefined) continue;
      const method = firstInUse(DETECTING, methods[index] ?? new Set()) ?? scanner;
      if (method !== undefined) found.set(activity, { method, pattern: BOT_PATTERNS[method] });
    }
  }
  return found;
}

/** For each activity, in the order of time, the methods that marked it or detect it by its neighbours. */
function methodsOf(
  sentSeconds: readonly number[],
  evidence: readonly Activity[],
  { proximitySeconds, deliverySeconds }: BotPolicy,
): readonly ReadonlySet<BotMethod>[] {
  const methods = evidence.map(({ method }) => new Set(method === undefined ? [] : [method]));
  for (const [index, { second }] of evidence.entries()) {
    const next = evidence[index + 1];
    if (next !== undefined && next.second - second <= proximitySeconds) {
      methods[index]?.add("proximity");
      methods[index + 1]?.add("proximity");
    }
    if (sentSeconds.some((each) => Math.abs(each - second) <= deliverySeconds)) methods[index]?.add("delivery");
  }
  for (const index of manyLinks(evidence)) methods[index]?.add("links");
  return methods;
}

/** The bursts as ranges of indices, `end` not included. */
function* bursts(evidence: readonly Activity[]): Iterable<{ readonly start: number; readonly end: number }> {
  let start = 0;
  for (const [index, { second }] of evidence.entries()) {
    const next = evidence[index + 1];
    if (next !== undefined && next.second - second < BURST_SECONDS) continue;
    yield { start, end: index + 1 };
    start = index + 1;
  }
}

/** The method that a logged pattern belongs to. A pattern of another form is the name of a user agent. */
export function methodOf(pattern: string): BotMethod {
  return BOT_METHODS.find((method) => pattern.startsWith(BOT_PATTERNS[method])) ?? "userAgent";
}

/** The indices of all activities within BURST_SECONDS in which MANY_LINKS different links were clicked. */
function* manyLinks(evidence: readonly Activity[]): Iterable<number> {
  if (evidence.length < MANY_LINKS) return;
  const clicks = new Map<string, number>();
  const count = ({ link }: Activity, more: 1 | -1) => {
    if (link === undefined) return;
    const now = (clicks.get(link) ?? 0) + more;
    if (now === 0) clicks.delete(link);
    else clicks.set(link, now);
  };
  let first = 0;
  let next = 0;
  for (const [last, activity] of evidence.entries()) {
    count(activity, 1);
    for (let earliest = evidence[first]; earliest !== undefined; earliest = evidence[++first]) {
      if (activity.second - earliest.second < BURST_SECONDS) break;
      count(earliest, -1);
    }
    if (clicks.size < MANY_LINKS) continue;
    for (next = Math.max(next, first); next <= last; next++) yield next;
  }
}
