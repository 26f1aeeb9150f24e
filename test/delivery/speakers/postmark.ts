import { AT, json, type Speaker } from "./speaker.ts";

const POSTMARK_CREDENTIALS = "postmark:a password: with a colon";

export const postmark: Speaker = {
  name: "postmark",
  setting: { POSTMARK_CREDENTIALS },
  settingOfOther: { POSTMARK_CREDENTIALS: "postmark:a password: of somebody else" },
  coversBody: false,
  windowMs: undefined,
  sign: (body) => ({ headers: { ...json, Authorization: `Basic ${btoa(POSTMARK_CREDENTIALS)}` }, body }),
  delivered: (waxseal, Recipient) =>
    JSON.stringify({
      RecordType: "Delivery",
      MessageID: "883953f4",
      Recipient,
      DeliveredAt: AT,
      Metadata: { waxseal },
    }),
  softBounced: (waxseal, Email, ID) =>
    JSON.stringify({
      RecordType: "Bounce",
      Type: "SoftBounce",
      ID,
      Email,
      BouncedAt: AT,
      Metadata: { waxseal },
    }),
};
