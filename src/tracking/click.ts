/**
 * GET /c/{token}: redirects to the link's destination. Guarantees that a genuine link redirects even when everything
 * behind it is down: the destination is inside the token, so that no storage is read. Gives up the click's record when
 * no sink takes it; its row is then in the Worker's log.
 */
import type { Context } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import { rowOf } from "../events/row.ts";
import { badLink, notReady, PROTECTION } from "../http/answers.ts";
import { contextOf } from "../ingest/context.ts";
import { logger } from "../platform/logger.ts";
import { settledWithin } from "../platform/timeout.ts";
import type { TokenClaims } from "../tokens/claims.ts";
import { locationOf } from "../tokens/destination.ts";
import { verifyToken } from "../tokens/verify.ts";
import { cachesOf } from "./caches.ts";
import { isLoad, loggedVisit, noteHead, RECORD_BUDGET_MS } from "./visit.ts";

const PATH = "/c/";

export async function click(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { req, env } = context;
  const settings = settingsOf(env);
  if (!settings.ok) return notReady(req.raw, env);
  const token = req.path.slice(PATH.length);
  const claims = verifyToken(settings.value.tokenKeys, "click", token);
  if (!claims.ok) return badLink(req.raw, env);
  try {
    await recordClick(context, settings.value, claims.value);
  } catch (error) {
    logger.error("click not recorded", { error });
  }
  return redirectTo(locationOf(claims.value.link.url));
}

async function recordClick(
  { req, env, executionCtx }: Context<{ Bindings: Env }>,
  settings: Settings,
  { link, ...message }: TokenClaims["click"],
): Promise<void> {
  const { headRequestAtMs } = cachesOf(env);
  const target = { message, link: link.id };
  noteHead(target, req.raw, headRequestAtMs);
  if (!isLoad(req.raw)) return;
  const visit = loggedVisit(req.raw, target, settings, headRequestAtMs);
  if (visit === undefined) return;
  // The group that it is recorded in gives it its id.
  const row = rowOf({ type: "clicked", id: "", atMs: Date.now(), link, ...visit });
  await settledWithin(contextOf(env).clicks.append(row, executionCtx), RECORD_BUDGET_MS);
}

/** Copied for each redirect, which costs less than a Headers object made of a literal. */
const REDIRECT = new Response(null, {
  status: 302,
  headers: {
    ...PROTECTION,
    "Cache-Control": "no-store, max-age=0, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
  },
});

function redirectTo(location: string): Response {
  const redirect = new Response(null, REDIRECT);
  redirect.headers.set("Location", location);
  return redirect;
}
