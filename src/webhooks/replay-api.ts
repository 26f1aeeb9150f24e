/** What is posted to an endpoint on demand: a stretch of the log again, samples, and what is behind a skipped event. */
import * as v from "valibot";
import { type LogStores, lastSeqBefore } from "../archive/index.ts";
import { FEED_LIST } from "../feed/index.ts";
import { configured } from "../http/configured.ts";
import { readCursor } from "../http/cursor.ts";
import { ApiError, type ApiFailure } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { fields } from "../http/schemas.ts";
import { timeOf } from "../http/time.ts";
import { refused } from "../platform/result.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { EndpointPath, EXAMPLE_PATH, existing, fromStorage, progressOf } from "./api.ts";
import { endpointObject } from "./endpoints.ts";
import { POSTED_TYPES, WEBHOOK_TYPES } from "./names.ts";
import { Progress } from "./schemas.ts";
import { MAX_REPLAYS } from "./state.ts";

const MAX_POSITION_CHARS = 8_192;
const MAX_EVENT_ID_CHARS = 64;
const Position = v.pipe(
  v.string(),
  v.maxLength(MAX_POSITION_CHARS),
  v.description("A cursor of `GET /v1/events`, or a time of recording; a date is its beginning in UTC."),
);

export const replayEvents = operation({
  summary: "Replay events to a webhook endpoint",
  description: [
    "Posts again, in order and in turns with what is new, the events behind the cursor `from`, or that were recorded",
    "at the time `from` or later, up to the cursor `to`, or before the time `to`; without `to`, up to where the",
    "endpoint is.",
    "Each has the `id` that it had before. Further replays wait behind it.",
  ].join(" "),
  params: EndpointPath,
  body: fields({ from: Position, to: v.optional(Position) }),
  answers: { 202: { description: "How far the endpoint is, with its replays", schema: Progress } },
  errors: [404, 409],
  example: { params: EXAMPLE_PATH, body: { from: "2026-11-20T00:00:00Z" } },
  handle: async (context, { params: { id }, body }) => {
    const { env } = context;
    const { tokenKeys } = configured(env);
    const from = positionIn(tokenKeys, "from", body.from);
    const to = body.to === undefined ? undefined : positionIn(tokenKeys, "to", body.to);
    if (to !== undefined && isTurned(from, to)) throw new ApiError(wrongField("to", "must be behind from"));
    const row = await existing(context, id);
    const added = await fromStorage(async () => {
      const stretch = { after: await seqOf(env, from), to: to && (await seqOf(env, to)) };
      if (stretch.to !== undefined && stretch.to <= stretch.after) return refused("empty");
      return await endpointObject(env, id).replay(stretch);
    });
    if (!added.ok) throw new ApiError(REFUSALS[added.reason]);
    return context.json(await fromStorage(() => progressOf(env, row)), 202);
  },
});

export const stopReplay = operation({
  summary: "Stop the replays of a webhook endpoint",
  description:
    "Also those that wait. What they posted and would try again is not tried again. New events go on to come.",
  params: EndpointPath,
  answers: {
    200: {
      description: "They are stopped",
      schema: v.object({ stopped: v.pipe(v.number(), v.description("How many there were.")) }),
    },
  },
  errors: [404],
  example: { params: EXAMPLE_PATH },
  handle: async (context, { params: { id } }) => {
    await existing(context, id);
    const stopped = await fromStorage(async () => await endpointObject(context.env, id).stopReplays());
    return context.json({ stopped });
  },
});

const REFUSALS = {
  full: {
    status: 409,
    code: "too_many",
    message: `${MAX_REPLAYS} replays wait already.`,
  },
  empty: wrongField("to", "leaves nothing: no event was recorded between from and to"),
  nothing: wrongField("from", "must be before where the endpoint is: what was recorded since then is posted anyway"),
} as const;

function wrongField(field: "from" | "to", rule: string): ApiFailure {
  return { status: 400, code: "invalid_field", message: `${field} ${rule}.`, field };
}

const POSITION_IS = 'must be a time, like 2026-11-20T09:30:00Z, a date, or the "next" of a page of GET /v1/events';

/** Between two events of the log. */
type ReplayPosition = { readonly seq: number } | { readonly recordedAtMs: number };

/** Whether of two times, or of two cursors, `to` is before `from`, or the same. */
function isTurned(from: ReplayPosition, to: ReplayPosition): boolean {
  if ("seq" in from) return "seq" in to && to.seq <= from.seq;
  return "recordedAtMs" in to && to.recordedAtMs <= from.recordedAtMs;
}

/** @throws {ApiError} 400 for what is neither a time nor a cursor of the feed */
function positionIn(keys: TokenKeys, field: "from" | "to", text: string): ReplayPosition {
  const recordedAtMs = timeOf(text);
  if (recordedAtMs !== undefined) return { recordedAtMs };
  return { seq: Number(readCursor(keys, FEED_LIST, text, { field, rule: POSITION_IS })) };
}

/** The seq before it. Throws the errors of D1 and R2. */
async function seqOf(stores: LogStores, position: ReplayPosition): Promise<number> {
  return "seq" in position ? position.seq : await lastSeqBefore(stores, position.recordedAtMs);
}

const EXAMPLE_EVENT = "evt_4711_0123456789abcdef";

export const skipWaitingEvent = operation({
  summary: "Skip an event that a webhook endpoint does not accept",
  description: [
    "The event is not posted any more, and those behind it go on. Only one that waits after a failure can be skipped,",
    "by the `id` that its post has. It stays in the deliveries as `skipped`; a replay posts it again.",
  ].join(" "),
  params: EndpointPath,
  body: fields({ event: v.pipe(v.string("must be an event's id"), v.maxLength(MAX_EVENT_ID_CHARS)) }),
  answers: { 200: { description: "How far the endpoint is", schema: Progress } },
  errors: [404],
  example: { params: EXAMPLE_PATH, body: { event: EXAMPLE_EVENT } },
  handle: async (context, { params: { id }, body: { event } }) => {
    const { env } = context;
    const row = await existing(context, id);
    const skipped = await fromStorage(async () => await endpointObject(env, id).skip(event));
    if (!skipped.ok) throw new ApiError(NOT_WAITING);
    return context.json(await fromStorage(() => progressOf(env, row)));
  },
});

const NOT_WAITING = {
  status: 400,
  code: "invalid_field",
  message: "event is not the id of an event that waits after a failure.",
  field: "event",
} as const;

const TYPE_NAMES = [...WEBHOOK_TYPES.keys()];

const Tried = v.object({
  type: v.pipe(v.string(), v.description("`batch` for an endpoint that gets batches.")),
  webhookId: v.string(),
  accepted: v.boolean(),
  status: v.optional(v.pipe(v.number(), v.description("Missing: there was no answer."))),
  answer: v.optional(v.pipe(v.string(), v.description("Its first KB."))),
  error: v.optional(v.pipe(v.string(), v.description("Why there was no answer."))),
  durationMs: v.number(),
});

export const testEndpoint = operation({
  summary: "Post samples to a webhook endpoint",
  description: [
    "Posts a sample event of each type that the endpoint gets, or of `type` alone, and answers what it answered.",
    'All ids in them are "sample". Their results disable nothing, and they are not repeated.',
  ].join(" "),
  params: EndpointPath,
  query: fields({ type: v.optional(v.picklist(TYPE_NAMES, `must be one of ${TYPE_NAMES.join(", ")}`)) }),
  answers: { 200: { description: "What was answered", schema: v.object({ data: v.array(Tried) }) } },
  errors: [404, 409],
  example: { params: EXAMPLE_PATH, query: { type: "email.opened" } },
  handle: async (context, { params: { id }, query: { type } }) => {
    const row = await existing(context, id);
    const types = type === undefined ? (row.events ?? POSTED_TYPES) : [type];
    const tried = await fromStorage(async () => await endpointObject(context.env, id).postSamples(row, types));
    if (!tried.ok) throw new ApiError({ status: 409, code: "too_many", message: "Samples are being posted already." });
    const data = tried.value.map(({ message, result: { status, text, durationMs, type: outcome } }) => ({
      type: message.type,
      webhookId: message.id,
      accepted: outcome === "accepted",
      ...(status === undefined ? { error: text } : { status, answer: text }),
      durationMs,
    }));
    return context.json({ data });
  },
});
