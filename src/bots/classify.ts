/**
 * Whether a load of a pixel or a link is a machine's, by what its request shows. Which methods are asked, and in which order, is fixed;
 * the first that finds something is the answer. What only shows among a message's other activities is the fold's to find.
 */

import { memoized } from "../platform/memo.ts";
import { BOT_PATTERNS, type Bot, type BotMethod, type BotPolicy } from "./bot.ts";
import { scanningNetworkOf } from "./network.ts";
import { machineOf } from "./user-agent.ts";

export interface Visit {
  readonly route: "open" | "click";
  /** As the request has it; empty without one. */
  readonly userAgent: string;
  /** The number of the autonomous system that the request comes from, and whose it is. */
  readonly asn?: number | undefined;
  readonly organization?: string | undefined;
  /** A HEAD of the same link was seen before. */
  readonly afterHead: boolean;
  /** The link is one that no person can see. */
  readonly isHoneypot: boolean;
}

/** A click asks for each of a thousand a second; most user agents come again. */
const USER_AGENTS_KEPT = 2_000;
const machineOfKnown = memoized(USER_AGENTS_KEPT, machineOf);

/** `undefined`: a person's, as far as the request shows. */
export function botOf(visit: Visit, { handling }: BotPolicy): Bot | undefined {
  if (handling.userAgent !== "off") {
    const machine = machineOfKnown(visit.userAgent);
    if (machine !== undefined && !(machine.fetchesPictures && visit.route === "open"))
      return bot("userAgent", machine.name);
  }
  if (visit.isHoneypot && handling.honeypot !== "off") return bot("honeypot");
  if (visit.afterHead && handling.head !== "off") return bot("head");
  if (handling.network !== "off") {
    const network = scanningNetworkOf(visit.asn, visit.organization);
    if (network !== undefined && !(network.loadsPictures && visit.route === "open"))
      return bot("network", network.name);
  }
  return undefined;
}

function bot(method: BotMethod, name?: string): Bot {
  const pattern = BOT_PATTERNS[method];
  return { method, pattern: name === undefined ? pattern : `${pattern}: ${name}` };
}
