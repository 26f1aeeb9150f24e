/**
 * Mailgun's legacy webhooks, whose events are forms: read into the JSON of its other webhooks. Where a variable of the
 * sender's has the name of one of Mailgun's fields, both come: Mailgun's first, but last in the three of the signature.
 * They have no id, and their time is the signature's, so of each kind one event of a message counts. Source: Mailgun
 * documentation, "Webhooks" of 2018: tracking deliveries, bounces, failures, spam complaints and unsubscribes.
 */
import * as v from "valibot";
import type { BodyFields } from "./body.ts";
import * as field from "./fields.ts";

/** The legacy words for what is "failed" now; a drop says its reason itself: "hardfail" or "old". */
const FAILURES: ReadonlyMap<string | undefined, { readonly reason?: string }> = new Map([
  ["bounced", { reason: "bounce" }],
  ["dropped", {}],
]);

export function fromLegacyForm(form: BodyFields): unknown {
  const first = (name: string) => form[name]?.[0];
  const last = (name: string) => form[name]?.at(-1);
  const event = first("event");
  const failure = FAILURES.get(event);
  const messageId = first("Message-Id") ?? first("message-id");
  const code = first("code");
  return {
    signature: { timestamp: last("timestamp"), token: last("token"), signature: last("signature") },
    "event-data": {
      event: failure === undefined ? event : "failed",
      severity: "permanent",
      reason: failure?.reason ?? first("reason"),
      id: messageId === undefined ? last("token") : `${messageId}:${event}`,
      timestamp: last("timestamp"),
      recipient: first("recipient"),
      "user-variables": { [field.TOKEN_NAME]: first(field.TOKEN_NAME) },
      message: { headers: { "message-id": messageId } },
      "message-headers": headersIn(first("message-headers")),
      "delivery-status": {
        // Some servers' enhanced code is handed on in its place.
        ...(code?.includes(".") === true ? { "enhanced-code": code } : { code }),
        message: first("error"),
        description: first("notification") ?? first("description"),
      },
    },
  };
}

/** `[["Subject", "Hello"], …]` as text; a value may be more than a text. */
const HeaderPairs = v.pipe(v.string(), v.parseJson(), field.list(v.tuple([v.string(), v.string()])));

function headersIn(json: string | undefined) {
  const read = v.safeParse(HeaderPairs, json);
  return read.success ? read.output.map(([name, value]) => ({ name, value })) : [];
}
