import { Webhook } from "standardwebhooks";
import { AT, json, MINUTE, type Speaker } from "./speaker.ts";

const RESEND_SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

export const resend: Speaker = {
  name: "resend",
  setting: { RESEND_SECRET },
  settingOfOther: { RESEND_SECRET: `whsec_${btoa("fedcba9876543210fedcba9876543210")}` },
  windowMs: 5 * MINUTE,
  sign: (body, atMs) => {
    const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const at = new Date(atMs);
    return {
      headers: {
        ...json,
        "svix-id": id,
        "svix-timestamp": String(Math.floor(atMs / 1000)),
        "svix-signature": `v1,AAAA ${new Webhook(RESEND_SECRET).sign(id, at, body)}`,
      },
      body,
    };
  },
  delivered: (waxseal, address) =>
    JSON.stringify({
      type: "email.delivered",
      created_at: AT,
      data: { email_id: "56761188", to: [address], tags: { waxseal } },
    }),
  softBounced: (waxseal, address, email_id) =>
    JSON.stringify({
      type: "email.bounced",
      created_at: AT,
      data: {
        email_id,
        to: [address],
        tags: { waxseal },
        bounce: { type: "Transient", subType: "MailboxFull", message: "full" },
      },
    }),
};
