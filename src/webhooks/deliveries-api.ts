/** GET /v1/webhook-endpoints/{id}/deliveries: what an endpoint was posted, and what it answered. */
import * as v from "valibot";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { operation } from "../http/operation.ts";
import { CursorParameter, fields, limitParameter, pageSchema, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { EndpointPath, EXAMPLE_PATH, existing, fromStorage } from "./api.ts";
import { DELIVERY_STATES, type Delivery, stretchOf } from "./delivery.ts";
import { endpointObject } from "./endpoints.ts";

const MAX_DELIVERIES_A_PAGE = 100;

const DeliveryAnswer = v.pipe(
  v.object({
    id: v.number(),
    kind: v.pipe(v.picklist(["live", "replay", "test"]), v.description("live: as it was recorded.")),
    webhookId: v.string(),
    type: v.pipe(
      v.string(),
      v.description("Like `email.opened`, or `batch`; `gap` where events may have been deleted."),
    ),
    events: v.pipe(
      v.array(v.object({ id: v.string(), seq: v.number(), type: v.string() })),
      v.description("What the last try held. A sample's seq is 0."),
    ),
    state: v.pipe(
      v.picklist(DELIVERY_STATES),
      v.description(
        "waiting: it is tried again at `nextTryAt`, or when the endpoint is enabled. given_up: it is not, and its " +
          "events were not accepted. skipped: somebody skipped its events, which were not accepted. stopped: its " +
          "replay was stopped. filtered: it was to be tried again, but the filter does not pass its events now; it " +
          "is tried once the filter does. replaced: its events have changed, or came in another post. failed: a " +
          "sample was not accepted. deleted: " +
          "`RETENTION_DAYS` may have deleted events of the seqs of `possibleGap` before they were accepted.",
      ),
    ),
    possibleGap: v.optional(v.object({ from: v.number(), to: v.number() })),
    tries: v.number(),
    firstTryAt: TimeAnswer,
    lastTryAt: TimeAnswer,
    nextTryAt: v.optional(TimeAnswer),
    status: v.optional(v.pipe(v.number(), v.description("Of the last answer. Missing: there was none."))),
    answer: v.optional(v.pipe(v.string(), v.description("Its first KB, without control characters and addresses."))),
    error: v.optional(v.pipe(v.string(), v.description("Why there was no answer."))),
    durationMs: v.pipe(v.number(), v.description("Of the last try.")),
  }),
  v.title("WebhookDelivery"),
);

export const listDeliveries = operation({
  summary: "List a webhook endpoint's deliveries",
  description:
    "The newest first: an entry for each post, whose repetitions are its `tries`. Kept for 30 days, and the latest " +
    "10,000.",
  params: EndpointPath,
  query: fields({
    cursor: CursorParameter,
    limit: limitParameter(MAX_DELIVERIES_A_PAGE, 50),
    state: v.optional(v.picklist(DELIVERY_STATES, `must be one of ${DELIVERY_STATES.join(", ")}`)),
  }),
  answers: { 200: { description: "A page of deliveries", schema: pageSchema(DeliveryAnswer) } },
  errors: [404],
  example: { params: EXAMPLE_PATH, query: { limit: "10" } },
  handle: async (context, { params: { id }, query: { cursor, limit, state } }) => {
    const { tokenKeys } = configured(context.env);
    const list = `webhook-deliveries:${id}`;
    const position = readCursor(tokenKeys, list, cursor);
    const { disabledAt } = await existing(context, id);
    const before = position === undefined ? undefined : Number(position);
    const found = await fromStorage(async () => {
      return await endpointObject(context.env, id).deliveries({ before, state, limit: limit + 1 });
    });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    const next = last && encryptCursor(tokenKeys, list, String(last.id));
    return context.json({ data: page.map((delivery) => deliveryAnswer(delivery, disabledAt === null)), next });
  },
});

function deliveryAnswer(delivery: Delivery, isEnabled: boolean): v.InferOutput<typeof DeliveryAnswer> {
  const { id, kind, webhookId, type, events, state, tries, firstAtMs, lastAtMs, nextAtMs, status, text, durationMs } =
    delivery;
  return {
    id,
    kind,
    webhookId,
    type,
    events: type === "gap" ? [] : [...events],
    ...(state === "deleted" ? { possibleGap: stretchOf(delivery) } : {}),
    state,
    tries,
    firstTryAt: isoTime(firstAtMs),
    lastTryAt: isoTime(lastAtMs),
    ...(nextAtMs === null || !isEnabled ? {} : { nextTryAt: isoTime(nextAtMs) }),
    ...(status === null ? { error: text } : { status, answer: text }),
    durationMs,
  };
}
