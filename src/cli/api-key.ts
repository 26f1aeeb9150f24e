/** Makes the secrets that are shared with senders. Guarantees 256 random bits in each. */
import { randomBytes } from "node:crypto";

/** `wxs_<base64url of 32 bytes>`, or `wxs_dev_…`, which a production Worker refuses to serve with. */
export function makeApiKey({ development }: { readonly development: boolean }): string {
  return `wxs_${development ? "dev_" : ""}${randomBytes(32).toString("base64url")}`;
}

/** `whsec_<base64 of 32 bytes>`, which signs what is posted to a sender (Standard Webhooks 1.0.0, "Signature scheme"). */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}
