/** Makes API keys. */
import { randomBytes } from "node:crypto";

/**
 * 256 random bits: `wxs_<base64url of 32 bytes>`; for development `wxs_dev_…`, with which a production Worker refuses
 * to serve.
 */
export function makeApiKey({ development }: { readonly development: boolean }): string {
  return `wxs_${development ? "dev_" : ""}${randomBytes(32).toString("base64url")}`;
}
