/** GET /v1/retries: the sends that are due again, page by page, for senders who poll instead of taking the webhook. */
import type { Context } from "hono";
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { readQuery } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { Cursor, fields, integerParameter } from "../http/schemas.ts";
import { retryOf, stillDue } from "./retry.ts";
import { retriesAfter } from "./store.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 300;

const Query = fields({
  cursor: Cursor,
  limit: v.optional(integerParameter(1, MAX_LIMIT, `must be an integer from 1 to ${MAX_LIMIT}`), String(DEFAULT_LIMIT)),
});

/**
 * Answers `{retries: [Retry], next, more}`, oldest first. `next` is the `cursor` of the next request; `more` says
 * whether that page has retries already. Each retry is listed once; those that should not be sent any more are left
 * out.
 */
export async function listRetries(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env);
  const { cursor, limit } = readQuery(context, Query);
  const { due, next, more } = await orStorageUnavailable("The retries could not be read", () =>
    readPage(context.env.DB, settings, cursor, limit),
  );
  const retries = due.map((row) => retryOf(row, settings.tokenKeys));
  return context.json({ retries, next, more });
}

async function readPage(d1: D1Database, settings: Settings, cursor: number, limit: number) {
  const found = await retriesAfter(d1, cursor, limit + 1);
  const page = found.slice(0, limit);
  const due = await stillDue(d1, page, settings, Date.now());
  return { due, next: page.at(-1)?.seq ?? cursor, more: found.length > limit };
}
