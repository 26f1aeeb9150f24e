/**
 * MailerSend's webhooks. The token travels in a tag, "waxseal:<token>". Of a bounce MailerSend hands on what the
 * server said in short. Before it saves a webhook, MailerSend posts a test, signed with a key that it publishes and
 * that proves nothing. Source: MailerSend API reference, "Webhooks".
 */
import * as v from "valibot";
import { parseUtf8Json } from "../../platform/utf8-json.ts";
import { OUTCOME } from "../outcome.ts";
import { bodyHmac } from "./body-hmac.ts";
import { bounced } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventReader } from "./reader.ts";
import { shownKeys } from "./setting.ts";

const Event = v.object({
  type: v.string(),
  created_at: field.isoText,
  data: field.object({
    id: field.text,
    created_at: field.isoText,
    email: field.object({
      tags: field.ownTags,
      headers: field.headers,
      message: field.object({ id: field.text }),
      recipient: field.object({ email: field.text }),
    }),
    morph: field.object({ reason: field.text }),
  }),
});
type Event = v.InferOutput<typeof Event>;

const TestWebhook = v.object({ type: v.literal("webhook.test") });
const MAX_TEST_BYTES = 1_000;

export const mailersend = provider({
  setting: shownKeys("MAILERSEND_SIGNING_SECRETS", "MailerSend"),
  waitsMs: 3_000,
  signature: bodyHmac("signature"),
  isTestWebhook: ({ body }) => {
    const tested = body.byteLength <= MAX_TEST_BYTES ? parseUtf8Json(body) : undefined;
    return tested?.ok === true && v.is(TestWebhook, tested.value);
  },
  read: eventReader({
    schema: Event,
    nameOf: ({ type }) => type,
    outcomes: {
      "activity.sent": OUTCOME.sent,
      "activity.delivered": OUTCOME.delivered,
      "activity.deferred": OUTCOME.deferred,
      "activity.spam_complaint": OUTCOME.complained,
      "activity.unsubscribed": OUTCOME.unsubscribed,
      "activity.hard_bounced": (event) => [bounced("permanent", factsOf(event))],
      "activity.soft_bounced": (event) => [bounced("temporary", factsOf(event))],
    },
    factsOf: ({ type, data, created_at }) => ({
      tokens: [...(data?.email?.tags ?? []), ...(data?.email?.headers ?? [])],
      address: data?.email?.recipient?.email,
      atMs: data?.created_at ?? created_at,
      sourceId: `mailersend:${data?.id ?? `${data?.email?.message?.id}:${type}`}`,
    }),
  }),
});

function factsOf({ type, data }: Event) {
  return { subcategory: type.replace("activity.", ""), details: data?.morph?.reason };
}
