/**
 * Standard Webhooks 1.0.0, "Signature scheme", in the symmetric form v1: HMAC-SHA256 over id, timestamp and raw body.
 * Guarantees that signatures are compared in constant time. Gives up the asymmetric form v1a.
 */
import { Buffer } from "node:buffer";
import { isSameSecret } from "./constant-time.ts";
import { MINUTE_MS } from "./durations.ts";
import { hmacSha256 } from "./hmac.ts";
import { type Result, refused } from "./result.ts";
import { checkTimestamp, type TimestampRejection } from "./timestamp.ts";

const SECRET_PREFIX = "whsec_";
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const WINDOW_MS = 5 * MINUTE_MS;

/** Whether it is the prefix and at least 24 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  return SECRET.test(text);
}

/** What signs. @param secret "whsec_" and base64 */
export function bytesOfWebhookSecret(secret: string): Uint8Array {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
}

/** The signed content. */
export interface SignedContent {
  readonly id: string;
  /** Seconds since 1970 UTC, as in the header. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

/**
 * The signature, as "v1,<base64>".
 * @param secret "whsec_" and base64
 */
export function signWebhook(secret: string, { id, timestamp, body }: SignedContent): string {
  const key = bytesOfWebhookSecret(secret);
  return `v1,${Buffer.from(hmacSha256(key, `${id}.${timestamp}.`, body)).toString("base64")}`;
}

/** The specification recommends 15 to 30 s. */
export const POST_DEADLINE_MS = 15_000;

/** Who posts a webhook, and when. */
export interface WebhookSender {
  readonly userAgent: string;
  /** Each signs, several while one is rotated; without one the post is not signed. */
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

/** The headers of a post. */
export function webhookHeaders(
  { id, body }: Pick<SignedContent, "id" | "body">,
  { userAgent, secrets, nowMs }: WebhookSender,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => signWebhook(secret, { id, timestamp, body }));
  return {
    "Content-Type": "application/json",
    "User-Agent": userAgent,
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}

/**
 * Checks a webhook's signature and time.
 * @param signatures separated by spaces, several while a secret is rotated: one valid signature is enough
 */
export function verifyWebhook(
  secret: string,
  content: SignedContent,
  signatures: string,
  nowMs: number,
): Result<void, "bad_signature" | TimestampRejection> {
  const expected = signWebhook(secret, content);
  // The length is no secret; comparing costs two hashes for each signature, and a stranger chooses how many there are.
  const isExpected = (each: string) => each.length === expected.length && isSameSecret(each, expected);
  if (!signatures.split(" ").some(isExpected)) return refused("bad_signature");
  return checkTimestamp(Number(content.timestamp) * 1000, WINDOW_MS, nowMs);
}
