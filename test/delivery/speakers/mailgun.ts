import { createHmac } from "node:crypto";
import { AT_SECONDS, HOUR, json, type Speaker } from "./speaker.ts";

const MAILGUN_KEY = "mailgun-test-signing-key";

export const mailgun: Speaker = {
  name: "mailgun",
  setting: { MAILGUN_SIGNING_KEY: MAILGUN_KEY },
  settingOfOther: { MAILGUN_SIGNING_KEY: "another-test-signing-key" },
  coversBody: false,
  windowMs: 9 * HOUR,
  sign: (body, atMs) => {
    const timestamp = String(Math.floor(atMs / 1000));
    const token = crypto.randomUUID();
    const signature = createHmac("sha256", MAILGUN_KEY)
      .update(timestamp + token)
      .digest("hex");
    return {
      headers: json,
      body: JSON.stringify({ signature: { timestamp, token, signature }, ...JSON.parse(body) }),
    };
  },
  delivered: (waxseal, recipient) =>
    JSON.stringify({
      "event-data": {
        event: "delivered",
        id: "d",
        timestamp: AT_SECONDS,
        recipient,
        "user-variables": { waxseal },
      },
    }),
  softBounced: (waxseal, recipient, id) =>
    JSON.stringify({
      "event-data": {
        event: "failed",
        severity: "permanent",
        reason: "old",
        "delivery-status": { code: 602, message: "Too old" },
        id,
        timestamp: AT_SECONDS,
        recipient,
        "user-variables": { waxseal },
      },
    }),
};
