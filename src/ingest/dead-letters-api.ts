/** /v1/dead-letters: events that D1 rejected or the queue gave up on, to inspect and replay. */
import * as v from "valibot";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { CursorParameter, fields, limitParameter, pageSchema, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { rowsIn } from "./queue-body.ts";
import { outboxOf } from "./record.ts";

const PAGE_SIZE = 50;
const LIST = "dead-letters";
const REPLAY = "dead-letters/replay";
const NOT_REACHED = "The dead letters are out of reach";

const LetterId = v.pipe(v.number(), v.safeInteger("must be an id"));
const DeadLetter = v.pipe(
  v.object({
    id: LetterId,
    at: v.pipe(TimeAnswer, v.description("When it was stored.")),
    error: v.pipe(v.string(), v.description("Why D1 did not take it.")),
    events: v.pipe(v.number(), v.description("How many it holds; 1 when it cannot be read.")),
    body: v.pipe(v.string(), v.description("The group of events, as it was queued.")),
  }),
  v.title("DeadLetter"),
);

export const listDeadLetters = operation({
  summary: "List dead letters",
  description: "Groups of events that D1 rejected or the queue gave up on, oldest first.",
  query: fields({ cursor: CursorParameter, limit: limitParameter(PAGE_SIZE) }),
  answers: { 200: { description: "A page of dead letters", schema: pageSchema(DeadLetter) } },
  example: { query: { limit: "10" } },
  handle: async (context, { query: { cursor, limit } }) => {
    const { tokenKeys } = configured(context.env);
    const after = Number(readCursor(tokenKeys, LIST, cursor) ?? 0);
    const found = await orStorageUnavailable(
      NOT_REACHED,
      async () => await outboxOf(context.env).deadLetters(after, limit + 1),
    );
    const data = found
      .slice(0, limit)
      .map(({ at, ...letter }) => ({ ...letter, at: isoTime(at), events: eventsIn(letter.body) }));
    const last = found.length > limit ? data.at(-1) : undefined;
    return context.json({ data, next: last && encryptCursor(tokenKeys, LIST, String(last.id)) });
  },
});

function eventsIn(body: string): number {
  const rows = rowsIn(body);
  const parsed = rows.ok ? parseJson(`[${rows.value.rows}]`) : undefined;
  return Array.isArray(parsed) ? parsed.length : 1;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const Replayed = v.object({
  replayed: v.number(),
  failed: v.pipe(
    v.array(v.object({ id: LetterId, error: v.string() })),
    v.description("D1 rejected these again: they stay dead letters."),
  ),
  next: v.optional(v.pipe(v.string(), v.description("There are more: send the same with this as `cursor`."))),
});

export const replayDeadLetters = operation({
  summary: "Replay dead letters",
  description:
    "Inserts those ids into the log again, or all of them, a hundred at once. Replaying twice adds nothing. While D1 " +
    "is out of reach it answers 503; what was replayed before that is in the log.",
  body: fields({ ids: v.optional(v.pipe(v.array(LetterId), v.maxLength(1_000))), cursor: CursorParameter }),
  answers: { 200: { description: "What D1 took", schema: Replayed } },
  example: { body: { ids: [1] } },
  handle: async (context, { body: { ids, cursor } }) => {
    const { tokenKeys } = configured(context.env);
    const after = Number(readCursor(tokenKeys, REPLAY, cursor) ?? 0);
    const { replayed, failed, next, outOfReach } = await orStorageUnavailable(
      NOT_REACHED,
      async () => await outboxOf(context.env).replay(ids, after),
    );
    if (outOfReach !== undefined) throw outOfReachAfter(replayed);
    return context.json({ replayed, failed, next: next && encryptCursor(tokenKeys, REPLAY, String(next)) });
  },
});

function outOfReachAfter(replayed: number): ApiError {
  const message = `D1 is out of reach. ${replayed} were replayed before; the others wait. Please try again.`;
  return new ApiError({ status: 503, code: "storage_unavailable", message });
}
