/**
 * Resend signs as Svix does: Standard Webhooks under other names of headers. Each try is signed anew. Source: Svix, "Verifying
 * webhooks manually".
 */
import { webhookRefusal } from "../../platform/standard-webhooks.ts";
import type { Provider } from "./provider.ts";

export const verifyResend: Provider["verify"] = async ({ headers, body }, { resendSecret }, { nowMs }) => {
  if (resendSecret === undefined) return "not_configured";
  const id = headers.get("svix-id");
  const timestamp = headers.get("svix-timestamp");
  const signatures = headers.get("svix-signature");
  if (id === null || timestamp === null || signatures === null) return "unsigned";
  return webhookRefusal(resendSecret, { id, timestamp, body }, signatures, nowMs);
};
