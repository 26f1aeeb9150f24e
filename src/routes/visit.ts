/** What a request to a pixel or a link tells of who makes it. */
import type { Visitor } from "../events/event.ts";

/** How long a recipient waits for their event to be recorded, in ms. Past that they are answered and it goes on behind. */
export const RECORD_BUDGET_MS = 100;

const USER_AGENT_KEPT = 512;

/** Whether somebody loads this: neither a HEAD nor a prefetch is a load, and neither is logged. */
export function isLoad(request: Request): boolean {
  if (request.method !== "GET") return false;
  const { headers } = request;
  // One look for the common case, in which none of the three is there.
  const purpose = headers.get("Sec-Purpose") ?? headers.get("Purpose") ?? headers.get("X-Moz");
  return purpose === null || !/prefetch|prerender/i.test(purpose);
}

export function userAgentOf(request: Request): string {
  return headerOf(request, "User-Agent", USER_AGENT_KEPT);
}

/** The first `kept` characters of a header, empty without it. A character cut in half is no text that D1 could hold. */
export function headerOf(request: Request, name: string, kept: number): string {
  const value = request.headers.get(name) ?? "";
  return value.length <= kept ? value : value.slice(0, kept).toWellFormed();
}

export function visitorOf(request: Request): Visitor {
  return { userAgent: userAgentOf(request), isBot: false };
}
