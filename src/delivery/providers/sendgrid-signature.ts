/**
 * SendGrid's "Signed Event Webhook": ECDSA (P-256, SHA-256) over the timestamp header and the raw body; the signature is DER in
 * base64. Source: Twilio SendGrid, "Getting Started with the Event Webhook Security Features".
 */
import { Buffer } from "node:buffer";
import { createPublicKey, createVerify } from "node:crypto";
import { isTimely, type Provider } from "./provider.ts";

/**
 * SendGrid tries again for 24 hours, and its documentation does not say that it signs anew; so the window covers them all, and
 * an hour of its own queues.
 */
const WINDOW_MS = 25 * 60 * 60 * 1000;

export const verifySendgrid: Provider["verify"] = async (
  { headers, body },
  { sendgridPublicKey },
  { nowMs },
) => {
  if (sendgridPublicKey === undefined) return "not_configured";
  const signature = headers.get("X-Twilio-Email-Event-Webhook-Signature");
  const timestamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp");
  if (signature === null || timestamp === null) return "unsigned";
  if (!isSignedBy(sendgridPublicKey, signature, timestamp, body)) return "bad_signature";
  return isTimely(Number(timestamp) * 1000, WINDOW_MS, nowMs);
};

function isSignedBy(publicKey: string, signature: string, timestamp: string, body: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    return createVerify("sha256").update(timestamp).update(body).verify(key, signature, "base64");
  } catch {
    // What is no key or no signature at all throws instead of answering.
    return false;
  }
}
