/** GET /v1/retries: the sends that are due again, by place, for senders who ask instead of being told. */
import type { Context } from "hono";
import { stillDue, toldOf } from "../delivery/retry.ts";
import type { Env, Settings } from "../env.ts";
import { isolateOf } from "../isolate.ts";
import { retriesAfter } from "../log/retries.ts";
import { ApiError } from "./api.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 300;
const PARAMETERS = ["after", "limit"];

/**
 * `{retries: [Retry], next, more}`, oldest first. `next` is the `after` of the next question, `more` says that it has an answer
 * already. Each retry is behind one place and there once; what is not to be sent any more at the moment of asking is left out.
 */
export async function listRetries(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { settings } = isolateOf(context.env);
  if (!settings.ok)
    throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
  for (const field of Object.keys(context.req.queries())) {
    if (!PARAMETERS.includes(field)) {
      throw new ApiError({
        status: 400,
        code: "unknown_field",
        message: `There is no parameter ${field}.`,
        field,
      });
    }
  }
  const after = integer(context, "after", { default: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
  const limit = integer(context, "limit", { default: DEFAULT_LIMIT, min: 1, max: MAX_LIMIT });
  const { due, next, more } = await read(context.env.DB, settings.value, after, limit);
  const retries = due.map((retry) => toldOf(retry, settings.value.tokenKeys));
  return context.json({ retries, next, more }, 200, { "Cache-Control": "no-store" });
}

async function read(d1: D1Database, settings: Settings, after: number, limit: number) {
  try {
    const found = await retriesAfter(d1, after, limit + 1);
    const page = found.slice(0, limit);
    const due = await stillDue(d1, page, settings, Date.now());
    return { due, next: page.at(-1)?.place ?? after, more: found.length > limit };
  } catch (error) {
    console.error(JSON.stringify({ message: "retries not read", error: String(error) }));
    throw new ApiError({
      status: 503,
      code: "storage_unavailable",
      message: "The retries could not be read; try again in a moment.",
    });
  }
}

function integer(
  context: Context,
  field: string,
  { default: absent, min, max }: { readonly default: number; readonly min: number; readonly max: number },
): number {
  const values = context.req.queries(field);
  if (values === undefined) return absent;
  const [text = "", ...others] = values;
  const value = Number(text);
  if (others.length === 0 && /^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new ApiError({
    status: 400,
    code: "invalid_field",
    message:
      field === "after"
        ? `${field}: must be a place, as "next" gives it.`
        : `${field}: must be an integer from ${min} to ${max}.`,
    field,
  });
}
