import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { AT_SECONDS, HOUR, json, type Speaker } from "./speaker.ts";

const sendgridKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ofOther = generateKeyPairSync("ec", { namedCurve: "P-256" });

function verificationKey(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

export const sendgrid: Speaker = {
  name: "sendgrid",
  setting: { SENDGRID_PUBLIC_KEY: verificationKey(sendgridKeys.publicKey) },
  settingOfOther: { SENDGRID_PUBLIC_KEY: verificationKey(ofOther.publicKey) },
  windowMs: 25 * HOUR,
  sign: (body, atMs) => {
    const timestamp = String(Math.floor(atMs / 1000));
    const signature = createSign("sha256").update(timestamp).update(body);
    return {
      headers: {
        ...json,
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        "X-Twilio-Email-Event-Webhook-Signature": signature.sign(sendgridKeys.privateKey, "base64"),
      },
      body,
    };
  },
  delivered: (waxseal, email) =>
    JSON.stringify([{ event: "delivered", email, timestamp: AT_SECONDS, sg_event_id: "d", waxseal }]),
  softBounced: (waxseal, email, sg_event_id) =>
    JSON.stringify([
      {
        event: "bounce",
        type: "blocked",
        reason: "452 full",
        email,
        timestamp: AT_SECONDS,
        sg_event_id,
        waxseal,
      },
    ]),
};
