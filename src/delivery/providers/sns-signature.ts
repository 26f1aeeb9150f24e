/**
 * Amazon SNS: RSA over the documented fields of a message, with SHA-1 (SignatureVersion 1) or SHA-256 (2). Only topics that the
 * settings name are listened to, and only their subscriptions are confirmed. Source: Amazon SNS Developer Guide, "Verifying the
 * signatures of Amazon SNS messages" and "HTTP/HTTPS subscription confirmation JSON format".
 *
 * Raw message delivery carries no signature and is refused.
 */
import { createVerify } from "node:crypto";
import * as v from "valibot";
import { isTimely, jsonOf, type Provider, type Surroundings } from "./provider.ts";
import { signingKey } from "./sns-certificate.ts";

/** SNS tries an HTTPS endpoint for an hour at most and keeps the Timestamp; five minutes more for clocks and queues. */
const WINDOW_MS = 65 * 60 * 1000;
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

export const verifySns: Provider["verify"] = async ({ body }, { sesTopics }, surroundings) => {
  if (sesTopics.length === 0) return "not_configured";
  const read = v.safeParse(Message, jsonOf(body));
  if (!read.success) return "unsigned";
  const message = read.output;
  if (!sesTopics.includes(message.TopicArn)) return "unknown_topic";
  const untimely = isTimely(Date.parse(message.Timestamp), WINDOW_MS, surroundings.nowMs);
  if (untimely !== undefined) return untimely;
  const key = await signingKey(message.SigningCertURL, surroundings);
  if (typeof key === "string") return key;
  const algorithm = message.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256";
  const isSigned = createVerify(algorithm)
    .update(signedText(message))
    .verify(key, message.Signature, "base64");
  return isSigned ? undefined : "bad_signature";
};

/** Name and value by turns, in the order of the alphabet, each on its line. */
function signedText(message: Message): string {
  const { Subject, SubscribeURL, Token } = message;
  const fields: [string, string | null | undefined][] =
    message.Type === "Notification"
      ? [
          ["Message", message.Message],
          ["MessageId", message.MessageId],
          ["Subject", Subject],
        ]
      : [
          ["Message", message.Message],
          ["MessageId", message.MessageId],
          ["SubscribeURL", SubscribeURL],
        ];
  fields.push(["Timestamp", message.Timestamp]);
  if (message.Type !== "Notification") fields.push(["Token", Token]);
  fields.push(["TopicArn", message.TopicArn], ["Type", message.Type]);
  return fields.flatMap(([name, value]) => (value == null ? [] : [`${name}\n${value}\n`])).join("");
}

/**
 * Confirms the subscription that a verified message asks to be confirmed, if it is one. Only at Amazon, and only for the topic
 * that the message itself came from. Throws when Amazon does not confirm, so that SNS asks again.
 */
export async function confirmSubscription(payload: unknown, { fetch }: Surroundings): Promise<void> {
  const read = v.safeParse(Message, payload);
  if (!read.success || read.output.Type !== "SubscriptionConfirmation") return;
  const { SubscribeURL = "", TopicArn } = read.output;
  if (!isConfirmationUrl(SubscribeURL, TopicArn))
    throw new Error("the SubscribeURL is not Amazon's for this topic");
  const answer = await fetch(SubscribeURL, { redirect: "manual", signal: AbortSignal.timeout(DEADLINE_MS) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`SNS answered the confirmation with ${answer.status}`);
}

function isConfirmationUrl(text: string, topic: string): boolean {
  if (!/^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/\?[^#\s\\]*$/.test(text)) return false;
  const query = new URL(text).searchParams;
  return (
    query.getAll("Action").join() === "ConfirmSubscription" &&
    query.getAll("TopicArn").join() === topic &&
    query.getAll("Token").length === 1
  );
}
