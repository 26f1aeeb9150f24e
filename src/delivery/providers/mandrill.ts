/**
 * Webhooks of Mailchimp Transactional, whose names are still Mandrill's. The token travels in the metadata field
 * `waxseal`. Mandrill signs the URL as it was entered there and the fields of the form, without a time: so there is no
 * replay window, and recording is idempotent. A soft bounce is final: Mandrill reports deferrals by another name.
 * Source: Mailchimp Transactional developer documentation, "Webhooks" and "Authenticating webhook requests"; Mandrill
 * Knowledge Base, "Message Event Webhook Format", "About Rejected Emails" and "Why can't my webhook URL be verified?".
 */
import { createHmac } from "node:crypto";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { ok, refused } from "../../platform/result.ts";
import { CATEGORY, OUTCOME, type Outcome } from "../outcome.ts";
import { type BodyFields, formBody } from "./body.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider, type Webhook } from "./provider.ts";
import { eventListReader } from "./reader.ts";
import { shownKeys } from "./setting.ts";

const SIGNATURE = "x-mandrill-signature";

const Body = v.pipe(
  v.object({ mandrill_events: v.strictTuple([v.pipe(v.string(), v.parseJson(), v.array(v.unknown()))]) }),
  v.transform(({ mandrill_events: [events] }) => events),
);

/** An event of a message; a change of one of Mandrill's lists has a `type` instead. */
const Event = v.pipe(
  v.object({
    event: field.text,
    type: field.text,
    action: field.text,
    /** The address on the list, and why it is there. */
    reject: field.object({ email: field.text, reason: field.text }),
    ts: field.unixTime,
    _id: field.text,
    msg: field.object({
      _id: field.text,
      email: field.text,
      metadata: field.ownData,
      bounce_description: field.text,
      diag: field.text,
      reject: field.object({ reason: field.text }),
    }),
  }),
  v.check(({ event, type }) => (event ?? type) !== undefined),
);
type Event = v.InferOutput<typeof Event>;

/** Signs what Mandrill posts to see whether the URL works, before it shows the webhook's own key: an empty list. */
const TEST_KEY = "test-webhook";
const MAX_TEST_BYTES = 200;

export const mandrill = provider({
  setting: shownKeys("MANDRILL_WEBHOOK_KEYS", "Mandrill"),
  readBody: formBody,
  // Up to a thousand events, in a form that makes each half as long again: 1 to 3 KB.
  maxBodyBytes: 5 * 1024 * 1024,
  isTestWebhook: async (webhook) => {
    const form = webhook.body.length > MAX_TEST_BYTES ? undefined : await formBody(webhook);
    return form?.ok === true && isEmptyList(form.value) && isSigned(form.value, TEST_KEY, webhook);
  },
  signature: {
    in: "body",
    schema: v.record(v.string(), v.array(v.string())),
    check(form, keys, webhook) {
      if (!webhook.headers.has(SIGNATURE)) return refused("unsigned");
      return keys.some((key) => isSigned(form, key, webhook)) ? ok(undefined) : refused("bad_signature");
    },
  },
  read: eventListReader({
    body: Body,
    schema: Event,
    nameOf: ({ event, type = "" }) => event ?? type,
    outcomes: {
      send: OUTCOME.sent,
      delivered: OUTCOME.delivered,
      deferral: OUTCOME.deferred,
      hard_bounce: ({ msg }) => [bounced("permanent", { subcategory: msg?.bounce_description, details: msg?.diag })],
      soft_bounce: ({ msg }) => [bounced("temporary", { subcategory: msg?.bounce_description, details: msg?.diag })],
      spam: OUTCOME.complained,
      unsub: OUTCOME.unsubscribed,
      reject: rejectOutcomes,
      denylist: denylistOutcomes,
      // As webhooks named it before.
      blacklist: denylistOutcomes,
    },
    factsOf: ({ event, ts, _id, msg, reject }) => ({
      tokens: [msg?.metadata],
      address: msg?.email ?? reject?.email,
      atMs: ts,
      // The id is the message's.
      sourceId: `mandrill:${_id ?? msg?._id}:${event}:${ts}`,
    }),
  }),
});

/** Why Mandrill did not send a mail. A new reason says nothing, and suppresses nobody. */
const REJECTED: ReadonlyMap<string | undefined, BounceKind> = new Map<string, BounceKind>([
  // On Mandrill's denylist: for bounces of whatever kind, a complaint, an opt-out, or by hand.
  ["hard-bounce", CATEGORY.blocked],
  ["soft-bounce", CATEGORY.blocked],
  ["spam", CATEGORY.blocked],
  ["unsub", CATEGORY.blocked],
  ["custom", CATEGORY.blocked],
  // The sender's own: their address, domain, mail, test mode, or a rule that they have made.
  ["invalid-sender", CATEGORY.technical],
  ["unsigned", CATEGORY.technical],
  ["invalid", CATEGORY.technical],
  ["test-mode-limit", CATEGORY.technical],
  ["rule", CATEGORY.technical],
]);

function rejectOutcomes({ msg }: Event): ProviderOutcome[] {
  const reason = msg?.reject?.reason;
  const rejection = bounced(REJECTED.get(reason) ?? CATEGORY.unclear, { subcategory: reason ?? "reject" });
  // They complained about an earlier mail.
  return reason === "spam" ? [rejection, OUTCOME.complained] : [rejection];
}

/** After a bounce, `hard_bounce` and `soft_bounce` have the server's words. */
function denylistOutcomes({ action, reject }: Event): Outcome[] {
  if (action !== "add" && action !== "change") return [];
  switch (reject?.reason) {
    case "spam":
      return [{ type: "addressOptedOut", provider: "Mandrill", cause: "complaint" }];
    case "unsub":
    case "custom":
      return [{ type: "addressOptedOut", provider: "Mandrill", cause: "provider" }];
    default:
      return [];
  }
}

function isEmptyList(form: BodyFields): boolean {
  const events = v.safeParse(Body, form);
  return events.success && events.output.length === 0;
}

/** With the URL, which a proxy may have changed. */
function isSigned(form: BodyFields, key: string, { headers, urls }: Webhook): boolean {
  const signature = headers.get(SIGNATURE) ?? "";
  return urls.some((url) => isSameSecret(signature, signatureOf(url, form, key)));
}

/** Base64 HMAC-SHA1 over the URL and each field's name and value, in alphabetical order of the names. */
function signatureOf(url: string, form: BodyFields, key: string): string {
  const hmac = createHmac("sha1", key).update(url);
  for (const name of Object.keys(form).sort()) hmac.update(name + (form[name] ?? []).join(""));
  return hmac.digest("base64");
}
