/** Makes the secrets that senders present. Guarantees 256 random bits in each. */
import { randomBytes } from "node:crypto";

/** `wxs_<base64url of 32 bytes>`, or `wxs_dev_…`, which a production Worker refuses to serve with. */
export function makeApiKey({ development }: { readonly development: boolean }): string {
  return `wxs_${development ? "dev_" : ""}${randomBytes(32).toString("base64url")}`;
}
