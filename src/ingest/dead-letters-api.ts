/** /v1/dead-letters: what the log refused for good, to look at and to try again once the cause is mended. */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody } from "../http/body.ts";
import { ApiError } from "../http/errors.ts";
import { fields } from "../http/schemas.ts";
import { OUTBOX_NAME } from "./record.ts";

/** `{deadLetters: [{id, at, error, body}], next?}`, oldest first; `next` is the `after` of the next page. */
export async function listDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const after = Number(context.req.query("after") ?? 0);
  if (!Number.isSafeInteger(after) || after < 0) {
    throw new ApiError({
      status: 400,
      code: "invalid_field",
      message: "after: must be an id.",
      field: "after",
    });
  }
  const deadLetters = await context.env.OUTBOX.getByName(OUTBOX_NAME).deadLetters(after);
  const last = deadLetters.at(-1);
  return context.json({ deadLetters, ...(last === undefined ? {} : { next: last.id }) });
}

const Replay = fields({
  ids: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger("must be an id"))), v.maxLength(1_000))),
});

/** `{ids?: […]}` → `{replayed, failed: [{id, error}]}`: those named, or all. Replaying twice adds nothing to the log. */
export async function replayDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { ids } = await readBody(context, Replay);
  return context.json(await context.env.OUTBOX.getByName(OUTBOX_NAME).replay(ids));
}
