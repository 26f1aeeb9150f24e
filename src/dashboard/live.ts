/**
 * GET /app/live: whether the log has something new, for pages that follow it. A page begins where the log ended before
 * it was read, so nothing is missed; what is asked after that is a page of the feed with one event.
 */
import { findViewer } from "./viewer.ts";
import { answered, type DashboardContext, type InProcessFetch, type Visit, visitOf } from "./visit.ts";

/** What a page follows: all events, or those of these. */
export interface LiveFilter {
  readonly token?: string;
  readonly email?: string;
  readonly campaign?: string;
  readonly person?: string;
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

/** `{hasNews, next, more}`, or the error of `/v1`; 401 for who is signed out. */
export async function answerLive(context: DashboardContext, fetchInProcess: InProcessFetch): Promise<Response> {
  const viewer = await findViewer(context);
  context.header("Cache-Control", "no-store");
  if (viewer === undefined) return context.json({ error: { code: "signed_out", message: "You are signed out." } }, 401);
  const { url, fetchApi } = visitOf(context, viewer, fetchInProcess);
  const query = new URLSearchParams({ limit: "1" });
  for (const name of PARAMETERS) {
    const value = url.searchParams.get(name);
    if (value !== null) query.set(name, value);
  }
  const answer = await fetchApi(`/v1/events?${query}`);
  if (!answer.ok) return answer;
  const { data, next, more } = (await answer.json()) as {
    readonly data: readonly unknown[];
    readonly next: string;
    readonly more: boolean;
  };
  query.delete("limit");
  query.set("cursor", next);
  return context.json({ hasNews: data.length > 0, next: `/app/live?${query}`, more });
}
