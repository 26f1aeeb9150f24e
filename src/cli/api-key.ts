/** Makes API keys and webhook secrets, each of 256 random bits. */
import { randomBytes } from "node:crypto";

/** `wxs_<base64url of 32 bytes>`; for development `wxs_dev_…`, with which a production Worker refuses to serve. */
export function makeApiKey({ development }: { readonly development: boolean }): string {
  return `wxs_${development ? "dev_" : ""}${randomBytes(32).toString("base64url")}`;
}

/** `whsec_<base64 of 32 bytes>`, the form of Standard Webhooks 1.0.0, "Signature scheme". */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}
