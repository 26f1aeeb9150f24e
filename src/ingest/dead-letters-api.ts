/** /v1/dead-letters: events that D1 rejected or the queue gave up on, to inspect and replay. */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody, readQuery } from "../http/body.ts";
import { fields } from "../http/schemas.ts";
import { OUTBOX_NAME } from "./record.ts";

const ListQuery = v.object({
  after: v.optional(
    v.pipe(v.string(), v.transform(Number), v.safeInteger("must be an id"), v.minValue(0, "must be an id")),
    "0",
  ),
});

/** `{deadLetters: [{id, at, error, body}], next?}`, oldest first; `next` is the `after` of the next page. */
export async function listDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { after } = readQuery(context, ListQuery);
  const deadLetters = await context.env.OUTBOX.getByName(OUTBOX_NAME).deadLetters(after);
  const last = deadLetters.at(-1);
  return context.json({ deadLetters, ...(last === undefined ? {} : { next: last.id }) });
}

const ReplayBody = fields({
  ids: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger("must be an id"))), v.maxLength(1_000))),
});

/** `{ids?: […]}` → `{replayed, failed: [{id, error}]}`: those ids, or all. Replaying twice adds nothing. */
export async function replayDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { ids } = await readBody(context, ReplayBody);
  return context.json(await context.env.OUTBOX.getByName(OUTBOX_NAME).replay(ids));
}
