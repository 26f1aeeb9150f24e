/**
 * Machines that only show among what else happens to a message. Guarantees that more evidence never takes a mark back, and that a mark
 * is evidence of nothing that its own reasons were not: so whatever order the events of a message come in, and however often they are
 * asked about on the way, the same of them are marked in the end. Gives up which of several methods names one that was found already.
 *
 * A user agent's name says nothing of the message's person: what is marked by it is no evidence.
 */
import { BOT_METHODS, BOT_PATTERNS, type Bot, type BotMethod, type BotPolicy } from "./bot.ts";

/** What lies less than this apart is one burst, where a scanner is in it. */
export const BURST_MS = 10_000;

/** Nobody opens so many different links of a message within a burst's time. */
const MANY_LINKS = 3;

const SECOND_MS = 1_000;

/** An open or a click of a message. */
export interface Activity {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** The id of the link that was clicked; undefined: an open. */
  readonly link: string | undefined;
  /** What marked it already; undefined: nothing. */
  readonly method: BotMethod | undefined;
}

/** Found first, and asked first. What was caught at one of them draws the rest of its burst along; proximity does not. */
const SCANNERS = ["delivery", "links", "trap", "head", "network"] as const satisfies readonly BotMethod[];

/**
 * Which activities without a mark are a machine's. `toldMs` are the times at which the message was sent and delivered. When several
 * methods find one, the first of proximity, delivery and links names it; what is only near to one of those that were caught is named
 * by the first of delivery, links, trap, head and network among its burst.
 */
export function machinesAmong<A extends Activity>(
  toldMs: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): Map<A, Bot> {
  const found = new Map<A, Bot>();
  if (activities.every(({ method }) => method !== undefined)) return found;
  const isAsked = (method: BotMethod) => policy.handling[method] !== "off";
  const evidence = activities
    .filter(({ method }) => method !== "userAgent")
    .sort((one, other) => one.atMs - other.atMs);
  const caught: ReadonlySet<BotMethod>[] = evidence.map(({ method }) => new Set(method && [method]));
  const catches = (method: BotMethod, indices: Iterable<number>) => {
    if (isAsked(method)) for (const index of indices) caught[index] = new Set(caught[index]).add(method);
  };
  catches("proximity", near(evidence, policy.proximitySeconds));
  catches("delivery", nearTo(toldMs, evidence, policy.deliverySeconds));
  catches("links", manyLinks(evidence));
  for (const { from, to } of bursts(evidence)) {
    const scanner = SCANNERS.find(
      (method) => isAsked(method) && caught.slice(from, to).some((methods) => methods.has(method)),
    );
    for (const [index, activity] of evidence.slice(from, to).entries()) {
      if (activity.method !== undefined) continue;
      const own = caught[from + index];
      const method = (["proximity", "delivery", "links"] as const).find((each) => own?.has(each)) ?? scanner;
      if (method !== undefined) found.set(activity, { method, pattern: BOT_PATTERNS[method] });
    }
  }
  return found;
}

/** The method behind a pattern of the log; what none of ours begins is somebody's name. */
export function methodOf(pattern: string | null): BotMethod {
  return BOT_METHODS.find((method) => pattern?.startsWith(BOT_PATTERNS[method])) ?? "userAgent";
}

function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS);
}

/** Two whose seconds differ by at most so many: both. */
function* near(evidence: readonly Activity[], seconds: number): Iterable<number> {
  for (const [index, { atMs }] of evidence.entries()) {
    const next = evidence[index + 1];
    if (next !== undefined && secondOf(next.atMs) - secondOf(atMs) <= seconds) {
      yield index;
      yield index + 1;
    }
  }
}

/** In seconds of the clock as well, since mail servers and providers tell no finer ones: 0 is the same second. */
function* nearTo(
  toldMs: readonly number[],
  evidence: readonly Activity[],
  seconds: number,
): Iterable<number> {
  for (const [index, { atMs }] of evidence.entries())
    if (toldMs.some((told) => Math.abs(secondOf(told) - secondOf(atMs)) <= seconds)) yield index;
}

/** All within the time of a burst in which there are many different links. */
function* manyLinks(evidence: readonly Activity[]): Iterable<number> {
  const clicks = new Map<string, number>();
  const add = ({ link }: Activity, count: 1 | -1) => {
    if (link === undefined) return;
    const now = (clicks.get(link) ?? 0) + count;
    if (now === 0) clicks.delete(link);
    else clicks.set(link, now);
  };
  let first = 0;
  let yielded = 0;
  for (const [last, activity] of evidence.entries()) {
    add(activity, 1);
    for (let earliest = evidence[first]; earliest !== undefined; earliest = evidence[++first]) {
      if (activity.atMs - earliest.atMs < BURST_MS) break;
      add(earliest, -1);
    }
    if (clicks.size < MANY_LINKS) continue;
    for (yielded = Math.max(yielded, first); yielded <= last; yielded++) yield yielded;
  }
}

/** Stretches whose neighbours are less than a burst's time apart. */
function* bursts(evidence: readonly Activity[]): Iterable<{ readonly from: number; readonly to: number }> {
  let from = 0;
  for (const [index, { atMs }] of evidence.entries()) {
    const next = evidence[index + 1];
    if (next !== undefined && next.atMs - atMs < BURST_MS) continue;
    yield { from, to: index + 1 };
    from = index + 1;
  }
}
