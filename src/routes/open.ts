/**
 * GET /o/{token}: the open-tracking pixel. Always a picture, whatever the token is and whatever fails behind it.
 */
import type { Context } from "hono";
import type { Env } from "../env.ts";
import { isolateOf } from "../isolate.ts";
import { settledWithin } from "../log/deadline.ts";
import type { Lifetime } from "../log/group-commit.ts";
import { letThrough } from "../opens/client.ts";
import { openKey } from "../opens/key.ts";
import { openToken } from "../token/open.ts";
import { isLoad, RECORD_BUDGET_MS, visitorOf } from "./visit.ts";

/** A transparent 1×1 GIF in 43 bytes: the smallest that every decoder takes (smaller ones cut the last code short). */
const GIF = Uint8Array.from(
  atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="),
  (character) => character.charCodeAt(0),
);

const HEADERS = {
  "Content-Type": "image/gif",
  "Cache-Control": "no-store, no-cache, must-revalidate, max-age=0, private",
};

export async function open(context: Context<{ Bindings: Env }>): Promise<Response> {
  try {
    const { env, executionCtx } = context;
    const request = context.req.raw;
    if (isLoad(request)) await recordOpen(request, tokenIn(context.req.path), env, executionCtx);
  } catch (error) {
    console.error(JSON.stringify({ message: "open not recorded", error: String(error) }));
  }
  return pixel();
}

export function pixel(): Response {
  return new Response(GIF, { headers: HEADERS });
}

/** Without what is glued behind it: one token is remembered once, whatever its mail clients make of it. */
function tokenIn(path: string): string {
  const [token = ""] = /^[\w-]*/.exec(path.slice("/o/".length)) ?? [];
  return token;
}

async function recordOpen(request: Request, token: string, env: Env, lifetime: Lifetime): Promise<void> {
  const isolate = isolateOf(env);
  const { settings, opened } = isolate;
  if (!settings.ok || opened.has(token)) return;
  const claims = openToken(settings.value.tokenKeys, "open", token);
  if (!claims.ok) return;
  const work = letThrough(
    {
      type: "opened",
      id: openKey(claims.value, settings.value.opensPer),
      atMs: Date.now(),
      message: claims.value,
      visitor: visitorOf(request),
    },
    env.OPENS,
    isolate.log,
    lifetime,
  ).then(() => opened.add(token));
  lifetime.waitUntil(work);
  await settledWithin(work, RECORD_BUDGET_MS);
}
