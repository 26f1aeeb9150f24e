/**
 * GET /app/live: whether the log has something new, for pages that follow it. A page begins where the log ended before
 * it was read, so nothing is missed; what is asked after that is a page of the feed with one event.
 */
import { findViewer } from "./viewer.ts";
import { answered, type DashboardContext, type DashboardHost, type Visit, visitOf } from "./visit.ts";

/** What a page follows: all events, or those of these. */
export interface LiveFilter {
  readonly token?: string;
  readonly email?: string;
  readonly campaign?: string;
  readonly person?: string;
}

/** Shorter than the page's script waits for an answer. */
const LONGEST_HOLD_MS = 15_000;
const HOLD_PAUSE_MS = 400;

interface FeedPage {
  readonly data: readonly unknown[];
  readonly next: string;
  readonly more: boolean;
}

const PARAMETERS = ["cursor", "token", "email", "campaign", "person"] as const;

/**
 * The address that a page's script asks for what comes from now on, for `LiveRegion`. Call it before the page's data is
 * read.
 */
export async function liveAddress({ api }: Visit, filter: LiveFilter = {}): Promise<string> {
  const query = { cursor: "end", limit: 1 };
  const { next } = await answered(api.GET("/v1/events", { params: { query } }));
  return liveAddressFrom(next, filter);
}

/** As `liveAddress`, from a cursor of the feed on that `/v1` has answered with the page's data. */
export function liveAddressFrom(cursor: string, filter: LiveFilter): string {
  return `/app/live?${new URLSearchParams({ ...filter, cursor })}`;
}

/**
 * `{hasNewEvents, next, more}`, or the error of `/v1`; 401 for who is signed out. On a developer's machine the answer
 * waits for an event, so that it is seen at once: asking more often instead would print a line each time.
 */
export async function answerLive(context: DashboardContext, host: DashboardHost): Promise<Response> {
  const viewer = await findViewer(context);
  if (viewer === undefined) return context.json({ error: { code: "signed_out", message: "You are signed out." } }, 401);
  const { url, fetchApi, developersKey } = visitOf(context, viewer, host);
  const isHeld = developersKey !== undefined && url.searchParams.has("held");
  const heldUntilMs = Date.now() + (isHeld ? LONGEST_HOLD_MS : 0);
  const query = new URLSearchParams({ limit: "1" });
  for (const name of PARAMETERS) {
    const value = url.searchParams.get(name);
    if (value !== null) query.set(name, value);
  }
  for (;;) {
    const answer = await fetchApi(`/v1/events?${query}`);
    if (!answer.ok) return answer;
    const { data, next, more } = (await answer.json()) as FeedPage;
    query.set("cursor", next);
    const hasNewEvents = data.length > 0;
    if (hasNewEvents || more || Date.now() >= heldUntilMs) {
      query.delete("limit");
      if (isHeld) query.set("held", "1");
      return context.json({ hasNewEvents, next: `/app/live?${query}`, more: more || isHeld });
    }
    await scheduler.wait(HOLD_PAUSE_MS);
  }
}
