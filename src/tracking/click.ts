/**
 * GET /c/{token}: to the link's destination, which is inside the token: a redirect reads no storage, and works when everything
 * behind it is down.
 */

import { settingsOf } from "../config/settings.ts";
import { rowOf } from "../events/row.ts";
import { badLink } from "../http/answers.ts";
import { notSetUp } from "../http/not-set-up.ts";
import { contextOf } from "../ingest/context.ts";
import type { Lifetime } from "../ingest/group-commit.ts";
import { logger } from "../platform/logger.ts";
import { settledWithin } from "../platform/timeout.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { verifyToken } from "../tokens/verify.ts";
import { cachesOf } from "./caches.ts";
import { headKey, isLoad, loggedOf, RECORD_BUDGET_MS } from "./visit.ts";

export async function click(
  request: Request,
  env: Env,
  lifetime: Lifetime,
  token: string,
): Promise<Response> {
  const read = settingsOf(env);
  if (!read.ok) return notSetUp(read.reason);
  const settings = read.value;
  const { headRequestsMs } = cachesOf(env);
  const claims = verifyToken(settings.tokenKeys, "click", token);
  if (!claims.ok) return badLink(request, env);
  const { link, ...message } = claims.value;
  try {
    if (request.method === "HEAD") headRequestsMs.set(headKey(token, request), Date.now());
    const asked = { route: "click", token, message, isHoneypot: link.id === HONEYPOT_LINK_ID } as const;
    const logged = isLoad(request) ? loggedOf(request, asked, settings, headRequestsMs) : undefined;
    if (logged !== undefined) {
      const ingest = contextOf(env);
      const row = rowOf({
        type: "clicked",
        id: ingest.nextEventId(),
        atMs: Date.now(),
        link,
        ...logged,
      });
      await settledWithin(ingest.clicks.append(row, lifetime), RECORD_BUDGET_MS);
    }
  } catch (error) {
    logger.error("click not recorded", { error });
  }
  return redirectTo(link.url);
}

/** What all redirects have in common, spelled out once. */
const REDIRECT = new Response(null, {
  status: 302,
  headers: {
    "Cache-Control": "no-store, max-age=0, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
  },
});

function redirectTo(url: string): Response {
  const redirect = new Response(null, REDIRECT);
  redirect.headers.set("Location", url);
  return redirect;
}
