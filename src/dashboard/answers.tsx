/** Answers of the dashboard: pages in their frame, and what they show when `/v1` refuses. */
import { PROTECTION } from "../http/answers.ts";
import { AppDocument, type SignOutWords } from "../web/components/app-document.tsx";
import { withParameters } from "../web/components/content.tsx";
import { navigationFor } from "./navigation.ts";
import type { PageContent } from "./page.ts";
import type { Viewer } from "./viewer.ts";
import type { ApiTrouble, Visit } from "./visit.ts";

/** No page runs a script or applies a style but the dashboard's own files, or asks anybody else for anything. */
const DASHBOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

export function htmlAnswer(html: string, status: number): Response {
  return new Response(`<!doctype html>${html}`, {
    status,
    headers: {
      ...PROTECTION,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": DASHBOARD_POLICY,
      "Referrer-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin",
      "X-Robots-Tag": "noindex",
    },
  });
}

export function answerOf(visit: Visit, { title, heading = title, lede, tools, body }: PageContent, status = 200) {
  const zone = {
    zone: visit.zone,
    // Not where loading the page again shows something else: a form that was refused, a secret that is shown once.
    takesBrowsersZone: !visit.isZoneKnown && status === 200 && !visit.shownOnce.isKept,
    next: visit.url.pathname + visit.url.search,
  };
  const document = (
    <AppDocument
      title={title}
      navigation={navigationFor(visit)}
      viewer={visit.viewer.name}
      signOut={signOutWords(visit.viewer)}
      zone={zone}
    >
      <header class="page-head">
        <h1>{heading}</h1>
        {tools === undefined ? null : <div class="tools">{tools}</div>}
        {lede === undefined ? null : <p class="lede">{lede}</p>}
      </header>
      {body}
    </AppDocument>
  );
  return htmlAnswer(String(document), status);
}

const HOLDERS = { key: "this API key", client: "this client", access: "this user" } as const;

/** A key's sessions are those of everybody who has the key. */
function signOutWords({ session, isAccessUserToo }: Viewer): SignOutWords {
  const holder = HOLDERS[session.kind];
  const all = `End all sessions of ${holder}`;
  if (!isAccessUserToo) return { here: "Sign out", everywhere: all };
  return { here: `Sign out of ${holder}`, everywhere: `${all} and of your user of Cloudflare Access` };
}

/** What a page says when `/v1` refuses what it asks, by status. */
const TITLES: Readonly<Record<number, string>> = {
  400: "That cannot be shown",
  401: "You are signed out",
  403: "You may not see this",
  404: "There is nothing here",
  429: "Too much at once",
  503: "Out of reach just now",
};

export function troubleOf(visit: Visit, { status, message, field }: ApiTrouble): Response {
  if (field === "cursor") return noSuchPart(visit, status);
  const body = (
    <>
      <p class="notice problem">{message}</p>
      <p>{nextStep(visit, status)}</p>
    </>
  );
  return answerOf(visit, { title: TITLES[status] ?? "Something went wrong", body }, status);
}

/** The answer for a part of a list: a cursor belongs to one query, and the days of a period to a time zone. */
function noSuchPart(visit: Visit, status: number): Response {
  const body = (
    <>
      <p class="notice problem">
        The address leads to a later page of a list as it was. The list is another one now: a new day has begun, or its
        days are of another time zone.
      </p>
      <p>
        <a href={withParameters(visit.url, { cursor: undefined })}>First page of the list</a>
      </p>
    </>
  );
  return answerOf(visit, { title: "This page of the list is gone", body }, status);
}

function nextStep({ url }: Visit, status: number) {
  if (status === 401) return <a href="/app/sign-in">Sign in again</a>;
  if (status === 403) return "Ask the operator of this Worker for a client or a key that may.";
  if (status === 400) return <a href={url.pathname}>Show this page without the choices made</a>;
  return <a href={url.pathname + url.search}>Try again</a>;
}

export function noSuchPage(visit: Visit): Response {
  const body = (
    <p>
      The address may be wrong. <a href="/app">Go to the overview</a>
    </p>
  );
  return answerOf(visit, { title: "There is no such page", body }, 404);
}
