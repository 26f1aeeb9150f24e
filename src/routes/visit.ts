/** What a request to a pixel or a link tells of who makes it. */
import type { Visitor } from "../events/event.ts";

/** How long a recipient waits for their event to be recorded, in ms. Past that they are answered and it goes on behind. */
export const RECORD_BUDGET_MS = 100;

const USER_AGENT_KEPT = 512;

/** Who loads ahead of a person says so in one of these, sometimes in two. */
const PURPOSE_HEADERS = ["Sec-Purpose", "Purpose", "X-Moz"] as const;

/** Whether somebody loads this: neither a HEAD nor a prefetch is a load, and neither is logged. */
export function isLoad(request: Request): boolean {
  if (request.method !== "GET") return false;
  for (const name of PURPOSE_HEADERS) {
    const purpose = request.headers.get(name);
    if (purpose !== null && /prefetch|prerender/i.test(purpose)) return false;
  }
  return true;
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
