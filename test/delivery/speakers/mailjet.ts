import { AT_SECONDS, json, type Speaker } from "./speaker.ts";

const MAILJET_CREDENTIALS = "mailjet:a-password-that-is-long";

function event(event: string, Message_GUID: string, facts: object): string {
  return JSON.stringify({ event, time: AT_SECONDS, Message_GUID, ...facts });
}

export const mailjet: Speaker = {
  name: "mailjet",
  setting: { MAILJET_CREDENTIALS },
  settingOfOther: { MAILJET_CREDENTIALS: "mailjet:the password of somebody" },
  coversBody: false,
  windowMs: undefined,
  sign: (body) => ({ headers: { ...json, Authorization: `Basic ${btoa(MAILJET_CREDENTIALS)}` }, body }),
  delivered: (CustomID, email) => event("sent", "d", { email, CustomID, Payload: "" }),
  softBounced: (waxseal, email, sourceId) =>
    event("bounce", sourceId, {
      ...{ email, CustomID: "", Payload: JSON.stringify({ waxseal }) },
      ...{ hard_bounce: false, error_related_to: "recipient", error: "quota exceeded", comment: "" },
    }),
};
