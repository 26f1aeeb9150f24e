/**
 * GET /c/{token}: to the link's destination, which is inside the token: a redirect reads no storage, and works when everything
 * behind it is down.
 */
import { rowOf } from "../events/row.ts";
import { badLink } from "../http/answers.ts";
import { notSetUp } from "../http/not-set-up.ts";
import { contextOf } from "../ingest/context.ts";
import type { Lifetime } from "../ingest/group-commit.ts";
import { loggable } from "../platform/errors.ts";
import { settledWithin } from "../platform/timeout.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { verifyToken } from "../tokens/verify.ts";
import { headKey, isLoad, loggedOf, RECORD_BUDGET_MS } from "./visit.ts";

export async function click(
  request: Request,
  env: Env,
  lifetime: Lifetime,
  token: string,
): Promise<Response> {
  const isolate = contextOf(env);
  if (!isolate.settings.ok) return notSetUp(isolate.settings.faults);
  const settings = isolate.settings.value;
  const claims = verifyToken(settings.tokenKeys, "click", token);
  if (!claims.ok) return badLink(request, env);
  const { link, ...message } = claims.value;
  try {
    if (request.method === "HEAD") isolate.heads.set(headKey(token, request), Date.now());
    const asked = { route: "click", token, message, isHoneypot: link.id === HONEYPOT_LINK_ID } as const;
    const logged = isLoad(request) ? loggedOf(request, asked, settings, isolate.heads) : undefined;
    if (logged !== undefined) {
      const row = rowOf({
        type: "clicked",
        id: isolate.nextEventId(),
        atMs: Date.now(),
        link,
        ...logged,
      });
      await settledWithin(isolate.log.clicks.append(row, lifetime), RECORD_BUDGET_MS);
    }
  } catch (error) {
    console.error(JSON.stringify({ message: "click not recorded", error: loggable(error) }));
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
