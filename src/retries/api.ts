/** GET /v1/retries: the sends that are due again, by place, for senders who ask instead of being told. */
import type { Context } from "hono";
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { readQuery } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { fields, integerParameter } from "../http/schemas.ts";
import { stillDue, toldOf } from "./retry.ts";
import { retriesAfter } from "./store.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 300;

const Query = fields({
  after: v.optional(
    integerParameter(0, Number.MAX_SAFE_INTEGER, 'must be a cursor, as "next" gives it'),
    "0",
  ),
  limit: v.optional(
    integerParameter(1, MAX_LIMIT, `must be an integer from 1 to ${MAX_LIMIT}`),
    String(DEFAULT_LIMIT),
  ),
});

/**
 * `{retries: [Retry], next, more}`, oldest first. `next` is the `after` of the next question, `more` says that it has an answer
 * already. Each retry is behind one place and there once; what is not to be sent any more at the moment of asking is left out.
 */
export async function listRetries(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env);
  const { after, limit } = readQuery(context, Query);
  const { due, next, more } = await orStorageUnavailable("The retries could not be read", () =>
    read(context.env.DB, settings, after, limit),
  );
  const retries = due.map((retry) => toldOf(retry, settings.tokenKeys));
  return context.json({ retries, next, more }, 200, { "Cache-Control": "no-store" });
}

async function read(d1: D1Database, settings: Settings, after: number, limit: number) {
  const found = await retriesAfter(d1, after, limit + 1);
  const page = found.slice(0, limit);
  const due = await stillDue(d1, page, settings, Date.now());
  return { due, next: page.at(-1)?.seq ?? after, more: found.length > limit };
}
