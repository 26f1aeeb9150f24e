import { createHash } from "node:crypto";
import { json, type SignedWebhook, type Speaker } from "./speaker.ts";

const KEY = "6w5fcbzsnxxk6gqhtqq7wmr5m5uawq7zc1hd6nxe";

/** As its documentation says: the body that is hashed holds the key, and then the hash in its place. */
export function unisenderGoPost(body: string): SignedWebhook {
  const withAuth = (auth: string) => body.replace(/^\{/, `{"auth":"${auth}",`);
  const auth = createHash("md5").update(withAuth(KEY)).digest("hex");
  return { headers: json, body: withAuth(auth) };
}

function status(status: string, job_id: string, facts: object): string {
  const event_data = { job_id, status, event_time: "2026-11-24 08:00:01", ...facts };
  const events = [{ event_name: "transactional_email_status", event_data }];
  return JSON.stringify({ events_by_user: [{ user_id: 456, events }] });
}

export const unisenderGo: Speaker = {
  name: "unisender-go",
  setting: { UNISENDER_GO_API_KEY: KEY },
  settingOfOther: { UNISENDER_GO_API_KEY: "5u7cbzsnxxk6gqhtqq7wmr5m5uawq7zc1hd6nxea" },
  windowMs: undefined,
  sign: (body) => unisenderGoPost(body),
  delivered: (waxseal, email) => status("delivered", "d", { email, metadata: { waxseal } }),
  softBounced: (waxseal, email, job_id) =>
    status("hard_bounced", job_id, {
      ...{ email, metadata: { waxseal } },
      delivery_info: { delivery_status: "err_mailbox_full", destination_response: "552 5.2.2 Mailbox full" },
    }),
};
