/**
 * GET /o/{token}: the open-tracking pixel. Always a picture, whatever the token is and whatever fails behind it.
 */

import { settingsOf } from "../config/settings.ts";
import { openKey } from "../events/open-id.ts";
import { contextOf } from "../ingest/context.ts";
import type { Lifetime } from "../ingest/group-commit.ts";
import { logger } from "../platform/logger.ts";
import { settledWithin } from "../platform/timeout.ts";
import { verifyToken } from "../tokens/verify.ts";
import { cachesOf } from "./caches.ts";
import { recordOnce } from "./record-open.ts";
import { headKey, isLoad, loggedOf, RECORD_BUDGET_MS } from "./visit.ts";

/** A transparent 1×1 GIF in 43 bytes: the smallest that every decoder takes (smaller ones cut the last code short). */
const GIF = Uint8Array.from(
  atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="),
  (character) => character.charCodeAt(0),
);

const HEADERS = {
  "Content-Type": "image/gif",
  "Cache-Control": "no-store, no-cache, must-revalidate, max-age=0, private",
};

/** What belongs to a token; what mail clients glue behind it, and `.gif`, does not. */
const TOKEN = /^[A-Za-z0-9_-]*/;

export async function open(request: Request, env: Env, lifetime: Lifetime, text: string): Promise<Response> {
  try {
    await recordOpen(request, TOKEN.exec(text)?.[0] ?? "", env, lifetime);
  } catch (error) {
    logger.error("open not recorded", { error });
  }
  return pixel();
}

export function pixel(): Response {
  return new Response(GIF, { headers: HEADERS });
}

async function recordOpen(request: Request, token: string, env: Env, lifetime: Lifetime): Promise<void> {
  const settings = settingsOf(env);
  const { recordableFromMs: opened, headRequestsMs: heads } = cachesOf(env);
  if (!settings.ok) return;
  const atMs = Date.now();
  const recordableFromMs = opened.get(token);
  // Nothing that comes is news, from a person least of all.
  if (recordableFromMs !== undefined && recordableFromMs > atMs) return;
  const claims = verifyToken(settings.value.tokenKeys, "open", token);
  if (!claims.ok) return;
  if (request.method === "HEAD") heads.set(headKey(token, request), atMs);
  if (!isLoad(request)) return;
  const asked = { route: "open", token, message: claims.value, isHoneypot: false } as const;
  const logged = loggedOf(request, asked, settings.value, heads);
  // A machine's is news only of a message that nobody opened.
  if (logged === undefined || (logged.visitor.botPattern !== undefined && recordableFromMs !== undefined))
    return;
  const id = openKey(logged.message, settings.value.opensPer);
  const work = recordOnce(
    { type: "opened", id, atMs, ...logged },
    { OPENS: env.OPENS, log: contextOf(env).opens },
    lifetime,
  ).then((fromMs) => {
    if (fromMs !== undefined) opened.set(token, fromMs);
  });
  lifetime.waitUntil(work);
  await settledWithin(work, RECORD_BUDGET_MS);
}
