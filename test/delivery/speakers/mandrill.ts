import { createHmac } from "node:crypto";
import { ORIGIN } from "../../origin.ts";
import { AT_SECONDS, type SignedWebhook, type Speaker } from "./speaker.ts";

const KEY = "mandrill-Test_webhook-key";

/** A post of this list to this URL. */
export function mandrillPost(events: string, url = `${ORIGIN}/v1/webhooks/mandrill`, key = KEY): SignedWebhook {
  const signature = createHmac("sha1", key).update(`${url}mandrill_events${events}`).digest("base64");
  const type = "application/x-www-form-urlencoded";
  return {
    headers: { "Content-Type": type, "X-Mandrill-Signature": signature },
    body: new URLSearchParams({ mandrill_events: events }).toString(),
  };
}

function event(event: string, _id: string, msg: object): string {
  return JSON.stringify([{ event, _id, ts: AT_SECONDS, msg: { _id, ...msg } }]);
}

export const mandrill: Speaker = {
  name: "mandrill",
  setting: { MANDRILL_WEBHOOK_KEYS: KEY },
  settingOfOther: { MANDRILL_WEBHOOK_KEYS: "another-webhook-s_key" },
  windowMs: undefined,
  sign: (body) => mandrillPost(body),
  delivered: (waxseal, email) => event("delivered", "d", { email, metadata: { waxseal } }),
  softBounced: (waxseal, email, sourceId) =>
    event("soft_bounce", sourceId, {
      ...{ email, metadata: { waxseal } },
      ...{ bounce_description: "mailbox_full", diag: "smtp;552 5.2.2 Over Quota" },
    }),
};
