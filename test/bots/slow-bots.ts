/** The rules by which bots show among a message's events (docs/bots.md), applied slowly and plainly. */
import type { BotMethod, BotPolicy } from "../../src/bots/bot.ts";
import type { Activity } from "../../src/bots/burst.ts";

const EVER = Number.POSITIVE_INFINITY;

/** How many links in how many seconds, how long after delivery. */
const SIGNS = [
  [5, 10, EVER],
  [4, EVER, 60],
  [3, 3, 60],
  [2, 2, 12],
] as const;

/** The method that names each activity that is a bot's and that the edge did not mark. */
export function slowBots<A extends Activity>(
  sent: readonly number[],
  activities: readonly A[],
  policy: BotPolicy,
): Map<A, BotMethod> {
  const clicks = activities.filter(({ link, method }) => link !== undefined && method !== "userAgent");
  const isAround = (second: number, before: number, after: number) =>
    sent.some((each) => each - before <= second && second <= each + after);

  function runOf(click: A): A[] {
    const run = new Set([click]);
    for (let size = 0; size !== run.size; ) {
      size = run.size;
      for (const other of clicks)
        if ([...run].some(({ second }) => Math.abs(second - other.second) < 12)) run.add(other);
    }
    return [...run];
  }

  function hasManyLinks(run: readonly A[]): boolean {
    return SIGNS.some(([count, within, after]) =>
      run.some(({ second: from }) => {
        if (after !== EVER && !isAround(from, 60, after)) return false;
        const some = run.filter(({ second }) => second >= from && second - from <= within);
        return new Set(some.map(({ link }) => link)).size >= count;
      }),
    );
  }

  const ofManyLinks = clicks.filter((click) => hasManyLinks(runOf(click)));
  const ofHoneypot = clicks.filter((click) => runOf(click).some(({ method }) => method === "honeypot"));

  function isOf(scan: readonly A[], activity: A): boolean {
    if (activity.link !== undefined) return scan.includes(activity);
    return scan.some(({ second }) => {
      const ahead = second - activity.second;
      return Math.abs(ahead) <= 4 || (ahead > 0 && ahead <= 45 && isAround(activity.second, 60, 20));
    });
  }

  function isIn(method: BotMethod, activity: A): boolean {
    const { second, link } = activity;
    if (method === "links") return isOf(ofManyLinks, activity);
    if (method === "honeypot") return isOf(ofHoneypot, activity);
    if (method === "delivery") return isAround(second, policy.deliverySeconds, policy.deliverySeconds);
    return clicks.some((other) => other.link !== link && Math.abs(other.second - second) <= policy.proximitySeconds);
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
