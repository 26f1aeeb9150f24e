import { createHmac } from "node:crypto";
import { AT_SECONDS, json, type SignedWebhook, type Speaker } from "./speaker.ts";

const SECRET = "8d723895d2e0f5af5e5a9a1b7d6c4f30";

export function mailtrapPost(body: string, headers: Readonly<Record<string, string>> = json): SignedWebhook {
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return { headers: { ...headers, "Mailtrap-Signature": signature }, body };
}

function event(event: string, event_id: string, facts: object): string {
  return JSON.stringify({ events: [{ event, event_id, timestamp: AT_SECONDS, sending_stream: "bulk", ...facts }] });
}

export const mailtrap: Speaker = {
  name: "mailtrap",
  // One for each stream.
  setting: { MAILTRAP_SIGNING_SECRETS: `a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6 ${SECRET}` },
  settingOfOther: { MAILTRAP_SIGNING_SECRETS: "0123456789abcdef0123456789abcdef" },
  windowMs: undefined,
  sign: (body) => mailtrapPost(body),
  delivered: (waxseal, email) => event("delivery", "d", { email, custom_variables: { waxseal } }),
  softBounced: (waxseal, email, event_id) =>
    event("bounce", event_id, {
      ...{ email, custom_variables: { waxseal } },
      ...{ response: "4.2.2 The mailbox is full", response_code: 452, bounce_category: "transientfail" },
    }),
};
