/** The clicks on each link of a message, as `message_stats.clicks` has them: a JSON object by link id. */

/** Clicks on one link. */
export interface LinkClicks {
  readonly people: number;
  readonly bots: number;
}

export const NO_CLICKS: LinkClicks = { people: 0, bots: 0 };

/** A Map, because a link may be called "__proto__". */
export function clicksIn(text: string | null): Map<string, LinkClicks> {
  return new Map(Object.entries(JSON.parse(text ?? "{}") as Record<string, LinkClicks>));
}

export function botClicksIn(clicks: ReadonlyMap<string, LinkClicks>): number {
  return [...clicks.values()].reduce((sum, { bots }) => sum + bots, 0);
}

export function clicksText(clicks: ReadonlyMap<string, LinkClicks>): string | null {
  return clicks.size === 0 ? null : JSON.stringify(Object.fromEntries(clicks));
}
