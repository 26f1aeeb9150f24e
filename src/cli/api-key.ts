/** Makes API keys. */
import { randomBytes } from "node:crypto";
import { DEVELOPMENT_API_KEY } from "../tokens/api-keys.ts";

/**
 * 256 random bits: `wxs_<base64url of 32 bytes>`; for development `wxs_dev_…`, with which a production Worker refuses
 * to serve.
 */
export function makeApiKey({ development }: { readonly development: boolean }): string {
  return `${development ? DEVELOPMENT_API_KEY : "wxs_"}${randomBytes(32).toString("base64url")}`;
}
