/** What a page of the dashboard is. */
import type { Child } from "hono/jsx";
import type { Scope } from "../access/scope.ts";
import type { Visit } from "./visit.ts";

export interface DashboardPage {
  /** Below /app, in the router's form: "/messages/:token". */
  readonly path: string;
  /** What its viewer needs. */
  readonly scope: Scope;
  /**
   * Returns the address to go to, below /app, where another page has what is looked for. Throws ApiTrouble for what
   * `/v1` refuses; the frame then says why.
   */
  readonly show: (visit: Visit) => Promise<PageContent | `/${string}`>;
  /** By the value of the form's field `action`, which `ActionForm` writes. */
  readonly actions?: Readonly<Record<string, PageAction>>;
  /** How large a form's body may be. Default: 16 KiB */
  readonly maxFormBytes?: number;
}

export interface PageContent {
  /** "November news", for the browser's bar; also the heading, unless `heading` says otherwise. */
  readonly title: string;
  readonly heading?: Child;
  /** A sentence below the heading. */
  readonly lede?: Child;
  /** Links and buttons beside the heading. */
  readonly tools?: Child;
  readonly body: Child;
}

/**
 * Does what a form asks for. Returns the address to go to, below /app, whose `done` parameter the page may answer with
 * a sentence: "/suppressions?done=added". A form that was sent is never answered with a page, which would send it again
 * when it is loaded again. Throws ApiTrouble for what `/v1` refuses, which has changed nothing: the page is shown again
 * with the form as it was filled in.
 */
export type PageAction = (visit: Visit, fields: URLSearchParams) => Promise<`/${string}` | ShownThere>;

/** Where to go, and what the page there finds in `visit.shownOnce`, this once: a secret. */
export interface ShownThere {
  readonly path: `/${string}`;
  /** At most 500 bytes. */
  readonly once: string;
}
