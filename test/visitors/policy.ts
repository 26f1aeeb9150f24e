import type { BotHandling, BotMethod, BotPolicy } from "../../src/visitors/bot.ts";

const MARKED = {
  userAgent: "mark",
  network: "mark",
  head: "mark",
  trap: "mark",
  proximity: "mark",
  delivery: "mark",
  links: "mark",
} as const satisfies Record<BotMethod, BotHandling>;

/** Every method marks what it finds. */
export const POLICY: BotPolicy = { handling: MARKED, proximitySeconds: 0, deliverySeconds: 5 };

/** The same, with some methods handled otherwise. */
export function policy(handling: Partial<Record<BotMethod, BotHandling>>): BotPolicy {
  return { ...POLICY, handling: { ...MARKED, ...handling } };
}
