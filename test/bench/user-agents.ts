/**
 * How many user agents of published lists (test/bots) are marked as bots, on the pixel or the link, whichever is worse;
 * and what the classification costs for a user agent seen for the first time, and for one seen before.
 */
import { automatedAgentOf } from "../../src/bots/user-agent.ts";
import { markedOf, USER_AGENTS } from "../bots/user-agents.ts";
import { type Bench, type Figure, median } from "./bench.ts";

const ROUNDS = 15;
const ROUTES = ["open", "click"] as const;
const PERCENT = 100;
const US_A_MS = 1_000;

export const userAgents: Bench = {
  name: "user-agents",
  about: "bots and people classified by their user agents, of published lists",
  async run(say) {
    const all = Object.values(USER_AGENTS).flat();
    const firstUs = median(rounds(say, () => timedUs(all, automatedAgentOf)));
    const againUs = median(rounds(say, () => timedUs(USER_AGENTS.browsers, (one) => markedOf([one], "click"))));
    const proxiesOnPixel = markedOf(USER_AGENTS.pictureProxies, "open").length;
    const proxiesOnLink = markedOf(USER_AGENTS.pictureProxies, "click").length;
    return [
      share("crawlers and scanners with a name, marked", USER_AGENTS.crawlers, Math.min, { atLeast: 99 }),
      share("browsers, marked", USER_AGENTS.browsers, Math.max, { atMost: 0.1 }),
      share("mail clients, marked", USER_AGENTS.mailClients, Math.max, { atMost: 0.1 }),
      percent("mailbox providers' proxies, marked on the pixel", proxiesOnPixel, { exactly: 0 }),
      percent("mailbox providers' proxies, marked on a link", proxiesOnLink, { exactly: PERCENT }),
      { name: "classifying a user agent not seen before", value: firstUs, unit: "µs" },
      { name: "classifying one seen before", value: againUs, unit: "µs" },
    ];
  },
};

function share(
  name: string,
  list: readonly string[],
  worse: (...shares: number[]) => number,
  goal: NonNullable<Figure["goal"]>,
): Figure {
  const shares = ROUTES.map((route) => (markedOf(list, route).length / list.length) * PERCENT);
  return { name: `${name}, of ${list.length}`, value: worse(...shares), unit: "%", goal };
}

function percent(name: string, marked: number, goal: NonNullable<Figure["goal"]>): Figure {
  const { length } = USER_AGENTS.pictureProxies;
  return { name: `${name}, of ${length}`, value: (marked / length) * PERCENT, unit: "%", goal };
}

/** The first is for warming up. */
function rounds(say: (line: string) => void, work: () => number): number[] {
  return Array.from({ length: ROUNDS + 1 }, (_, round) => {
    say(`round ${round} of ${ROUNDS}`);
    return work();
  }).slice(1);
}

function timedUs(userAgents: readonly string[], classify: (userAgent: string) => unknown): number {
  const startMs = performance.now();
  for (const userAgent of userAgents) classify(userAgent);
  return ((performance.now() - startMs) * US_A_MS) / userAgents.length;
}
