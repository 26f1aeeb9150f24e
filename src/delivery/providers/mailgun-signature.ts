/**
 * Mailgun's signature stands in the body: hexadecimal HMAC-SHA256, with the account's "HTTP webhook signing key", over its
 * timestamp and token. It does not cover the event itself: whoever has seen one webhook could sign other events with it for as
 * long as the window is open, so the address of the webhook must be https. Source: Mailgun documentation, "Securing webhooks".
 */
import { createHmac } from "node:crypto";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { isTimely, jsonOf, type Provider } from "./provider.ts";

/**
 * Mailgun tries again for 8 hours, and its documentation does not say that it signs anew; so the window covers them all, and an
 * hour of its own queues.
 */
const WINDOW_MS = 9 * 60 * 60 * 1000;

const Signed = v.object({
  signature: v.object({ timestamp: v.string(), token: v.string(), signature: v.string() }),
});

export const verifyMailgun: Provider["verify"] = async ({ body }, { mailgunSigningKey }, { nowMs }) => {
  if (mailgunSigningKey === undefined) return "not_configured";
  const read = v.safeParse(Signed, jsonOf(body));
  if (!read.success) return "unsigned";
  const { timestamp, token, signature } = read.output.signature;
  const expected = createHmac("sha256", mailgunSigningKey).update(timestamp).update(token).digest("hex");
  if (!isSameSecret(signature, expected)) return "bad_signature";
  return isTimely(Number(timestamp) * 1000, WINDOW_MS, nowMs);
};
