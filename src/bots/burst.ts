/**
 * Machines that only show among what else happens to a message. Guarantees that more evidence never takes a mark back, and that a mark
 * is evidence of nothing that its own reasons were not: so whatever order the events of a message come in, and however often they are
 * asked about on the way, the same of them are marked in the end. Gives up which of several methods names one that was found already.
 *
 * Times are seconds of the clock, since mail servers and providers tell no finer ones. A user agent's name says nothing of the message's
 * person: what is marked by it is no evidence.
 */
import { BOT_METHODS, BOT_PATTERNS, type Bot, type BotMethod, type BotPolicy } from "./bot.ts";

/** What lies less than this apart is one burst, where a scanner is in it. */
const BURST_SECONDS = 10;

/** Nobody clicks so many different links of a message within a burst's time. */
const MANY_LINKS = 3;

/** An open or a click of a message. */
export interface Activity {
  /** Seconds since 1970 UTC, cut. */
  readonly second: number;
  /** The id of the link that was clicked; undefined: an open. */
  readonly link: string | undefined;
  /** What marked it already; undefined: nothing. */
  readonly method: BotMethod | undefined;
}

/** What finds an activity by itself, first named first. */
const FINDING = ["proximity", "delivery", "links"] as const satisfies readonly BotMethod[];

/**
 * What was caught at one of these draws the rest of its burst along, first named first. Two clicks in a second need no scanner; and one
 * that is known by its network or its HEAD may have looked at the link at the moment when a person clicked it.
 */
const SCANNERS = ["delivery", "links", "honeypot"] as const satisfies readonly BotMethod[];

/** Each method's bit in a set of them. */
const BITS = Object.fromEntries(BOT_METHODS.map((method, index) => [method, 1 << index])) as Readonly<
  Record<BotMethod, number>
>;

/**
 * Which activities without a mark are a machine's. `told` are the seconds in which the message was sent and delivered: activities before
 * are as near to them as those behind, and 0 seconds are the same second. When several methods find one, the first of proximity, delivery
 * and links names it; what is only near to one that was caught is named by the first of delivery, links and honeypot in its burst. A method that is off finds nothing and draws nothing along.
 */
export function machinesAmong<A extends Activity>(
  told: readonly number[],
  activities: readonly A[],
  { handling, proximitySeconds, deliverySeconds }: BotPolicy,
): ReadonlyMap<A, Bot> {
  const found = new Map<A, Bot>();
  if (activities.every(({ method }) => method !== undefined)) return found;
  const evidence = activities
    .filter(({ method }) => method !== "userAgent")
    .sort((one, other) => one.second - other.second);
  const caught = evidence.map(({ method }) => (method === undefined ? 0 : BITS[method]));
  const catchAt = (index: number, method: BotMethod) => {
    caught[index] = (caught[index] ?? 0) | BITS[method];
  };
  for (const [index, { second }] of evidence.entries()) {
    const next = evidence[index + 1];
    if (next !== undefined && next.second - second <= proximitySeconds) {
      catchAt(index, "proximity");
      catchAt(index + 1, "proximity");
    }
    if (told.some((each) => Math.abs(each - second) <= deliverySeconds)) catchAt(index, "delivery");
  }
  for (const index of manyLinks(evidence)) catchAt(index, "links");
  const first = (methods: readonly BotMethod[], bits: number) =>
    methods.find((method) => (bits & BITS[method]) !== 0 && handling[method] !== "off");
  let burst = 0;
  let from = 0;
  for (const [index, { second }] of evidence.entries()) {
    burst |= caught[index] ?? 0;
    const next = evidence[index + 1];
    if (next !== undefined && next.second - second < BURST_SECONDS) continue;
    const scanner = first(SCANNERS, burst);
    for (; from <= index; from++) {
      const activity = evidence[from];
      if (activity === undefined || activity.method !== undefined) continue;
      const method = first(FINDING, caught[from] ?? 0) ?? scanner;
      if (method !== undefined) found.set(activity, { method, pattern: BOT_PATTERNS[method] });
    }
    burst = 0;
  }
  return found;
}

/** The method behind a pattern of the log; what none of ours begins is somebody's name. */
export function methodOf(pattern: string): BotMethod {
  return BOT_METHODS.find((method) => pattern.startsWith(BOT_PATTERNS[method])) ?? "userAgent";
}

/** All within the time of a burst in which there are many different links. */
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
