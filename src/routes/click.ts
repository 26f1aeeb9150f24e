/**
 * GET /c/{token}: to the link's destination, which is inside the token: a redirect reads no storage, and works when everything
 * behind it is down.
 */
import type { Env } from "../env.ts";
import { rowOf } from "../events/row.ts";
import { isolateOf } from "../isolate.ts";
import { settledWithin } from "../log/deadline.ts";
import type { Lifetime } from "../log/group-commit.ts";
import type { TokenClaims } from "../token/claims.ts";
import { openToken } from "../token/open.ts";
import { badLink } from "./answers.ts";
import { notSetUp } from "./not-set-up.ts";
import { isLoad, RECORD_BUDGET_MS, visitorOf } from "./visit.ts";

export async function click(
  request: Request,
  env: Env,
  executionCtx: Lifetime,
  token: string,
): Promise<Response> {
  const isolate = isolateOf(env);
  if (!isolate.settings.ok) return notSetUp(isolate.settings.faults);
  const claims = openToken(isolate.settings.value.tokenKeys, "click", token);
  if (!claims.ok) return badLink(request, env);
  if (isLoad(request)) await recordClick(request, claims.value, env, executionCtx);
  return new Response(null, {
    status: 302,
    headers: {
      Location: claims.value.link.url,
      "Cache-Control": "no-store, max-age=0, private",
      "Referrer-Policy": "no-referrer",
      "X-Robots-Tag": "noindex",
    },
  });
}

async function recordClick(
  request: Request,
  { link, ...message }: TokenClaims["click"],
  env: Env,
  lifetime: Lifetime,
): Promise<void> {
  try {
    const isolate = isolateOf(env);
    const row = rowOf({
      type: "clicked",
      id: isolate.nextEventId(),
      atMs: Date.now(),
      message,
      link,
      visitor: visitorOf(request),
    });
    await settledWithin(isolate.log.append(row, lifetime), RECORD_BUDGET_MS);
  } catch (error) {
    console.error(JSON.stringify({ message: "click not recorded", error: String(error) }));
  }
}
