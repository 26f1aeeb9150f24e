/**
 * Resend signs as Svix does: HMAC-SHA256 over id, timestamp and raw body, several signatures while a secret is changed. Each try
 * is signed anew, and the library holds to the five minutes that Svix names, either way. Source: Svix, "Verifying webhooks".
 */
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { Provider } from "./provider.ts";

export const verifyResend: Provider["verify"] = async ({ headers, body }, { resendSecret }) => {
  if (resendSecret === undefined) return "not_configured";
  const id = headers.get("svix-id");
  const timestamp = headers.get("svix-timestamp");
  const signature = headers.get("svix-signature");
  if (id === null || timestamp === null || signature === null) return "unsigned";
  try {
    // The same scheme under the names that the library knows.
    new Webhook(resendSecret).verify(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body),
      { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature },
      { jsonParse: false },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) return "bad_signature";
    if (error.message === "Message timestamp too old") return "expired";
    if (error.message === "Message timestamp too new") return "from_the_future";
    return "bad_signature";
  }
};
