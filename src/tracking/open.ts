/**
 * GET /o/{token}: the open-tracking pixel. Guarantees a picture, whatever the token is and whatever fails behind it.
 */
import type { Context } from "hono";
import { opensRule, settingsOf } from "../config/settings.ts";
import { openedId } from "../events/opened-id.ts";
import { PROTECTION } from "../http/answers.ts";
import { contextOf } from "../ingest/context.ts";
import { logger } from "../platform/logger.ts";
import { settledWithin } from "../platform/timeout.ts";
import { verifyToken } from "../tokens/verify.ts";
import { cachesOf } from "./caches.ts";
import { recordOnce } from "./record-open.ts";
import { isLoad, loggedVisit, noteHead, RECORD_BUDGET_MS } from "./visit.ts";

const PATH = "/o/";

/** A transparent 1×1 GIF in 43 bytes: the smallest that every decoder takes (smaller ones cut the last code short). */
const GIF = Uint8Array.from(atob("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="), (character) =>
  character.charCodeAt(0),
);

/** Copied for each pixel, which costs less than a Headers object made of a literal. */
const PIXEL = new Response(null, {
  headers: {
    ...PROTECTION,
    "Content-Type": "image/gif",
    "Cache-Control": "no-store, no-cache, must-revalidate, max-age=0, private",
  },
});

/** The token's characters. `.gif`, and what mail clients append, are behind them. */
const TOKEN = /^[A-Za-z0-9_-]*/;

export async function open(context: Context<{ Bindings: Env }>): Promise<Response> {
  try {
    await recordOpen(context);
  } catch (error) {
    logger.error("open not recorded", { error });
  }
  return pixel();
}

function pixel(): Response {
  return new Response(GIF, PIXEL);
}

async function recordOpen({ req, env, executionCtx }: Context<{ Bindings: Env }>): Promise<void> {
  const settings = settingsOf(env);
  if (!settings.ok) return;
  const [token = ""] = TOKEN.exec(req.path.slice(PATH.length)) ?? [];
  const { recordableFromMs, headRequestAtMs } = cachesOf(env);
  const atMs = Date.now();
  const fromMs = recordableFromMs.get(token);
  if (fromMs !== undefined && fromMs > atMs) return;
  const claims = verifyToken(settings.value.tokenKeys, "open", token);
  if (!claims.ok) return;
  const target = { message: claims.value, link: undefined };
  noteHead(target, req.raw, headRequestAtMs);
  if (!isLoad(req.raw)) return;
  const visit = loggedVisit(req.raw, target, settings.value, headRequestAtMs);
  if (visit === undefined) return;
  // A bot's open is recorded only of a message without an Opened.
  if (visit.visitor.botPattern !== undefined && fromMs !== undefined) return;
  const per = opensRule(settings.value);
  // The outbox makes the id of a parked open anew; its gate is that of its message.
  const id = openedId(visit.message, per ?? "campaign");
  const { opens, parkedOpens } = contextOf(env);
  const sinks = { gates: env, log: per === undefined ? parkedOpens : opens };
  const recording = recordOnce({ type: "opened", id, atMs, ...visit }, sinks, executionCtx, (ms) => {
    recordableFromMs.set(token, ms);
  });
  executionCtx.waitUntil(recording);
  await settledWithin(recording, RECORD_BUDGET_MS);
}
