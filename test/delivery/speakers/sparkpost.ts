import { AT_SECONDS, json, type Speaker } from "./speaker.ts";

const SPARKPOST_CREDENTIALS = "sparkpost:a-password-that-is-long";

function event(type: string, event_id: string, facts: object): string {
  return JSON.stringify([{ msys: { message_event: { type, event_id, timestamp: String(AT_SECONDS), ...facts } } }]);
}

export const sparkpost: Speaker = {
  name: "sparkpost",
  setting: { SPARKPOST_CREDENTIALS },
  settingOfOther: { SPARKPOST_CREDENTIALS: "sparkpost:the password of somebody" },
  coversBody: false,
  windowMs: undefined,
  sign: (body) => ({ headers: { ...json, Authorization: `Basic ${btoa(SPARKPOST_CREDENTIALS)}` }, body }),
  delivered: (waxseal, raw_rcpt_to) => event("delivery", "d", { raw_rcpt_to, rcpt_meta: { waxseal } }),
  softBounced: (waxseal, raw_rcpt_to, event_id) =>
    event("bounce", event_id, {
      ...{ raw_rcpt_to, rcpt_meta: { waxseal } },
      ...{ bounce_class: "22", error_code: "552", raw_reason: "552 5.2.2 mailbox full" },
    }),
};
