/** The rules by which bots show among a message's events (docs/bots.md), applied slowly and plainly. */
import type { BotMethod, BotPolicy } from "../../src/bots/bot.ts";
import type { Activity } from "../../src/bots/burst.ts";

const EVER = Number.POSITIVE_INFINITY;

/** How many links, how many ms for each, and how many seconds after delivery. */
type Numbers = readonly (readonly [links: number, ms: number, after: number])[];
/** How many in turn, with which pauses, the longest so many times the shortest, and how many seconds after delivery. */
type Rhythm = readonly [count: number, leastMs: number, mostMs: number, spread: number, after: number];

interface Rule {
  /** Pauses in a run. */
  readonly pauseMs: number;
  readonly numbers: Numbers;
  readonly rhythm?: Rhythm;
  /** Whether only what is in the rhythm is marked. */
  readonly isRowOnly?: boolean;
  /** How long before its clicks an open is, and whether the scanner may have rendered the message before. */
  readonly openMs: number;
  readonly rendersFirst?: boolean;
}

const AT_ONCE: Numbers = [
  [2, 1_000, 3],
  [4, 450, 600],
  [5, 1_000, 120],
  [5, 700, 600],
];
const FAST: Numbers = [[4, 450, EVER]];
const RULES: readonly Rule[] = [
  { pauseMs: 2_000, numbers: AT_ONCE, openMs: 3_000, rendersFirst: true },
  { pauseMs: 12_000, numbers: [], rhythm: [6, 1_000, 12_000, EVER, 45], openMs: 3_000 },
  { pauseMs: 700, numbers: FAST, openMs: 1_000 },
  { pauseMs: 12_000, numbers: [], rhythm: [6, 200, 12_000, 1.2, EVER], isRowOnly: true, openMs: 1_000 },
  { pauseMs: 12_000, numbers: [], rhythm: [5, 1_000, 12_000, 1.3, 600], isRowOnly: true, openMs: 1_000 },
];

const msOf = ({ second }: Activity) => Math.round(second * 1_000);
const linksOf = (some: readonly Activity[]) => new Set(some.map(({ link }) => link)).size;

/** The rows of so many in turn that begin with a click, after which such pauses have come. */
function* rowsFrom<A extends Activity>(
  row: readonly A[],
  run: readonly A[],
  rhythm: Rhythm,
  pauses: readonly number[] = [],
): Generator<readonly A[]> {
  const [count, least, most, spread] = rhythm;
  if (pauses.length > 0 && Math.max(...pauses) > Math.min(...pauses) * spread) return;
  if (row.length === count) {
    yield row;
    return;
  }
  const last = row.at(-1);
  if (last === undefined) return;
  for (const next of run) {
    const pause = msOf(next) - msOf(last);
    if (next.link !== last.link && pause >= least && pause <= most)
      yield* rowsFrom([...row, next], run, rhythm, [...pauses, pause]);
  }
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

/** The clicks of a run that are a scanner's. */
function scannedOf<A extends Activity>(
  run: readonly A[],
  { numbers, rhythm, isRowOnly }: Rule,
  sent: readonly number[],
) {
  for (const [least, msPerLink, after] of numbers) {
    const counts = Array.from({ length: least - 1 }, (_, more) => least + more);
    for (const from of run.filter((each) => isAround(each, sent, 60, after)))
      for (const count of counts) {
        const untilMs = msOf(from) + (count - 1) * msPerLink;
        if (linksOf(run.filter((each) => msOf(each) >= msOf(from) && msOf(each) <= untilMs)) >= count) return run;
      }
  }
  if (rhythm === undefined || linksOf(run) < rhythm[0]) return [];
  const starts = run.filter((from) => isAround(from, sent, 60, rhythm[4]));
  const rows = starts.flatMap((from) => [...rowsFrom([from], run, rhythm)]);
  return isRowOnly === true || rows.length === 0 ? rows.flat() : run;
}

/** The method that names each activity that is a bot's and that the edge did not mark. */
export function slowBots<A extends Activity>(
  sent: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): Map<A, BotMethod> {
  const clicks = activities.filter(({ link, method }) => link !== undefined && method !== "userAgent");
  /** By rule, the clicks that are a scanner's, each with all that were its run's. */
  const scans = (scannedIn: (run: readonly A[], rule: Rule) => readonly A[]) =>
    RULES.map((rule) => {
      const ofRun = clicks.map((click) => ({ click, scanned: scannedIn(runOf(click, clicks, rule), rule) }));
      return { rule, found: ofRun.filter(({ click, scanned }) => scanned.includes(click)) };
    });
  const ofManyLinks = scans((run, rule) => scannedOf(run, rule, sent));
  const ofHoneypot = scans((run) => (run.some(({ method }) => method === "honeypot") ? run : []));

  function isOf(some: ReturnType<typeof scans>, activity: A): boolean {
    const isProgramOf = ({ agent }: Activity) =>
      agent === undefined || activity.agent === undefined || agent === activity.agent;
    return some.some(({ rule, found }) => {
      if (activity.link !== undefined) return found.some(({ click }) => click === activity);
      return found.some(({ click, scanned }) => {
        const ahead = msOf(click) - msOf(activity);
        const before = rule.rendersFirst === true && isAround(activity, sent, 60, 10) ? 45_000 : rule.openMs;
        return ahead >= -500 && ahead <= before && scanned.some(isProgramOf);
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
