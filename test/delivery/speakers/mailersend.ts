import { createHmac } from "node:crypto";
import { AT, json, type SignedWebhook, type Speaker } from "./speaker.ts";

const SECRET = "8kWoKd3JmQ1xVz7pLr5cTn2bYh9sGf4a";

function post(body: string): SignedWebhook {
  return { headers: { ...json, Signature: createHmac("sha256", SECRET).update(body).digest("hex") }, body };
}

function event(type: string, id: string, token: string, email: string, morph: object | null = null): string {
  const about = { message: { id: "63fd1c1d5f01" }, recipient: { email }, tags: ["news", `waxseal:${token}`] };
  return JSON.stringify({ type: `activity.${type}`, data: { id, type, created_at: AT, email: about, morph } });
}

export const mailersend: Speaker = {
  name: "mailersend",
  setting: { MAILERSEND_SIGNING_SECRETS: SECRET },
  settingOfOther: { MAILERSEND_SIGNING_SECRETS: "4aGf9sYh2bTn5cLr7pVz1xJm3Qd8kWoK" },
  windowMs: undefined,
  sign: post,
  delivered: (token, address) => event("delivered", "d", token, address),
  softBounced: (token, address, id) =>
    event("soft_bounced", id, token, address, { object: "recipient_bounce", reason: "452 4.2.2 mailbox full" }),
};
