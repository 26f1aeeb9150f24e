/**
 * Amazon SNS: RSA over the documented fields of a message, with SHA-1 (SignatureVersion 1) or SHA-256 (2).
 * Guarantees that only messages of topics in the settings are accepted, and only their subscriptions confirmed.
 * Gives up: raw message delivery, which is not signed. Source: Amazon SNS Developer Guide, "Verifying the
 * signatures of Amazon SNS messages" and "HTTP/HTTPS subscription confirmation JSON format".
 */
import { createVerify } from "node:crypto";
import * as v from "valibot";
import { MINUTE_MS } from "../../platform/durations.ts";
import { ok, refused } from "../../platform/result.ts";
import { checkTimestamp } from "../../platform/timestamp.ts";
import type { SignatureForm, WebhookContext } from "./provider.ts";
import { listSetting, type ProviderSetting } from "./setting.ts";
import { signingKey, snsPath } from "./sns-certificate.ts";

/**
 * SNS tries an HTTPS endpoint for an hour at most, with the same Timestamp; five minutes more for clocks and
 * queues.
 */
const WINDOW_MS = 65 * MINUTE_MS;
const DEADLINE_MS = 5_000;

const Message = v.object({
  Type: v.picklist(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  MessageId: v.string(),
  TopicArn: v.string(),
  Subject: v.nullish(v.string()),
  Message: v.string(),
  Timestamp: v.string(),
  Token: v.optional(v.string()),
  SubscribeURL: v.optional(v.string()),
  SignatureVersion: v.picklist(["1", "2"]),
  Signature: v.string(),
  SigningCertURL: v.string(),
});
type Message = v.InferOutput<typeof Message>;

/** ARNs of topics. */
export function snsTopics<const Variable extends string>(
  variable: Variable,
): ProviderSetting<Variable, readonly string[]> {
  const isTopic = (text: string) => /^arn:aws(?:-cn|-us-gov)?:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/.test(text);
  const form = 'ARNs of SNS topics, like "arn:aws:sns:eu-west-1:123456789012:ses-events"';
  return listSetting(variable, isTopic, form);
}

export const snsSignature: SignatureForm<readonly string[], Message> = {
  in: "body",
  schema: Message,
  async check(message, topics, context) {
    if (!topics.includes(message.TopicArn)) return refused("unknown_topic");
    const timestamp = checkTimestamp(Date.parse(message.Timestamp), WINDOW_MS, context.nowMs);
    if (!timestamp.ok) return timestamp;
    const key = await signingKey(message.SigningCertURL, message.TopicArn, context);
    if (!key.ok) return key;
    const algorithm = message.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256";
    const isSigned = createVerify(algorithm).update(signedText(message)).verify(key.value, message.Signature, "base64");
    return isSigned ? ok(undefined) : refused("bad_signature");
  },
};

/** Names and values in alphabetical order of the names, each followed by a line feed; absent fields are left out. */
function signedText(message: Message): string {
  const names =
    message.Type === "Notification"
      ? (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const)
      : (["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const);
  return names.map((name) => (message[name] == null ? "" : `${name}\n${message[name]}\n`)).join("");
}

/**
 * Confirms a subscription when the verified message asks for it: at Amazon's host of the topic's region only, and
 * only for the topic that sent the message. Throws when Amazon does not confirm, so that SNS asks again.
 */
export async function confirmSubscription(payload: unknown, { fetch }: WebhookContext): Promise<void> {
  const read = v.safeParse(Message, payload);
  if (!read.success || read.output.Type !== "SubscriptionConfirmation") return;
  const { SubscribeURL = "", TopicArn } = read.output;
  if (!isConfirmationUrl(SubscribeURL, TopicArn)) throw new Error("the SubscribeURL is not Amazon's for this topic");
  const answer = await fetch(SubscribeURL, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`SNS answered the confirmation with ${answer.status}`);
}

function isConfirmationUrl(text: string, topic: string): boolean {
  if (!/^\?[^#\s\\]*$/.test(snsPath(text, topic) ?? "")) return false;
  const query = new URL(text).searchParams;
  return (
    query.getAll("Action").join() === "ConfirmSubscription" &&
    query.getAll("TopicArn").join() === topic &&
    query.getAll("Token").length === 1
  );
}
