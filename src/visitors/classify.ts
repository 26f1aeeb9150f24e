/** Placeholder of the lead until the room's own is there: overwrite it. */
import type { Bot, BotPolicy } from "./bot.ts";

export interface Visit {
  readonly route: "open" | "click";
  readonly userAgent: string;
  readonly asn?: number | undefined;
  readonly organization?: string | undefined;
  readonly afterHead: boolean;
  readonly isTrap: boolean;
}

export function botOf(_visit: Visit, _policy: BotPolicy): Bot | undefined {
  return undefined;
}
