/** What endpoints are posted, for the OpenAPI document (OpenAPI 3.1.0 §4.8.1, "webhooks"). */
import * as v from "valibot";
import { EventAnswer } from "../feed/index.ts";
import type { DescribedWebhook } from "../http/openapi.ts";
import { TimeAnswer } from "../http/schemas.ts";
import { POSTED_TYPES } from "./names.ts";

export const WebhookEvent = v.pipe(
  v.object({
    id: v.pipe(
      v.string(),
      v.description(
        "The same whenever it is posted as it is, alone (as `webhook-id`) or in a batch: ignore what you have.",
      ),
    ),
    type: v.picklist(POSTED_TYPES),
    timestamp: v.pipe(TimeAnswer, v.description("When it happened.")),
    data: EventAnswer,
  }),
  v.title("WebhookEvent"),
);

const WebhookBatch = v.pipe(
  v.object({
    type: v.literal("batch"),
    timestamp: v.pipe(TimeAnswer, v.description("When the latest of them happened.")),
    data: v.pipe(v.array(WebhookEvent), v.description("In the order of recording.")),
  }),
  v.title("WebhookBatch"),
);

const HEADERS = {
  "webhook-id": "The event's `id`. A batch has an id of its own: go by those of its events.",
  "webhook-timestamp": "When it is posted, in seconds since 1970.",
  "webhook-signature": "Standard Webhooks 1.0.0; while a secret is rotated several, with spaces between them.",
} as const;

export const DESCRIBED_WEBHOOKS: Readonly<Record<string, DescribedWebhook>> = {
  event: {
    summary: "One event",
    description: "For an endpoint whose `batch` is 1. Answer 2xx within 15 seconds, or it is posted again.",
    headers: HEADERS,
    body: WebhookEvent,
  },
  batch: {
    summary: "A batch of events",
    description: "For an endpoint whose `batch` is more. Answer 2xx within 15 seconds, or it is posted again.",
    headers: HEADERS,
    body: WebhookBatch,
  },
};
