/**
 * Postmark signs nothing: its webhooks carry HTTP basic authentication (RFC 7617), which stands in the webhook's URL at
 * Postmark. There is no time in it, so no replay window; recording is idempotent. Source: Postmark documentation, "Webhooks".
 */
import { Buffer } from "node:buffer";
import { isSameSecret } from "../../platform/constant-time.ts";
import type { Provider } from "./provider.ts";

export const verifyPostmark: Provider["verify"] = async ({ headers }, { postmarkCredentials }) => {
  if (postmarkCredentials === undefined) return "not_configured";
  const presented = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.get("Authorization") ?? "")?.[1];
  if (presented === undefined) return "unsigned";
  const credentials = Buffer.from(presented, "base64").toString("utf8");
  return isSameSecret(credentials, postmarkCredentials) ? undefined : "bad_signature";
};
