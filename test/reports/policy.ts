/** Policies on bots. */
import { BOT_METHODS, type BotHandling, type BotMethod, type BotPolicy } from "../../src/bots/bot.ts";

function all(handling: BotHandling): Record<BotMethod, BotHandling> {
  const handlings = BOT_METHODS.map((method) => [method, handling]);
  return Object.fromEntries(handlings) as Record<BotMethod, BotHandling>;
}

/** The default policy, with the honeypot as well. */
export const MARKING: BotPolicy = {
  handling: { ...all("mark"), proximity: "off" },
  proximitySeconds: 0,
  deliverySeconds: 2,
};

/** No method is in use: events keep the marks that they were recorded with. */
export const UNASKED: BotPolicy = { ...MARKING, handling: all("off") };

/** MARKING, but for some methods. */
export function marking(handling: Partial<Record<BotMethod, BotHandling>>): BotPolicy {
  return { ...MARKING, handling: { ...MARKING.handling, ...handling } };
}
