/** /v1/dead-letters: events that D1 rejected or the queue gave up on, to inspect and replay. */
import type { Context } from "hono";
import * as v from "valibot";
import { readBody, readQuery } from "../http/body.ts";
import { Cursor, fields } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { OUTBOX_NAME } from "./record.ts";

const PAGE_SIZE = 50;

const ListQuery = fields({
  cursor: Cursor,
});

/**
 * Answers `{deadLetters: [{id, at, error, body}], next?}`, oldest first; `at` is when it was stored. `next` is the
 * `cursor` of the next page, absent on the last one.
 */
export async function listDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { cursor } = readQuery(context, ListQuery);
  const found = await context.env.OUTBOX.getByName(OUTBOX_NAME).deadLetters(cursor, PAGE_SIZE + 1);
  const page = found.slice(0, PAGE_SIZE);
  const deadLetters = page.map(({ at, ...letter }) => ({ ...letter, at: isoTime(at) }));
  return context.json({ deadLetters, next: found.length > PAGE_SIZE ? deadLetters.at(-1)?.id : undefined });
}

const ReplayBody = fields({
  ids: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger("must be an id"))), v.maxLength(1_000))),
});

/** `{ids?: […]}` → `{replayed, failed: [{id, error}]}`: those ids, or all. Replaying twice adds nothing. */
export async function replayDeadLetters(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { ids } = await readBody(context, ReplayBody);
  return context.json(await context.env.OUTBOX.getByName(OUTBOX_NAME).replay(ids));
}
