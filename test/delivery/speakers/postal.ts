import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { AT_SECONDS, json, type SignedWebhook, type Speaker } from "./speaker.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 1024 });
const ofOther = generateKeyPairSync("rsa", { modulusLength: 1024 });

/** What a DKIM record holds behind "p=". */
function inRecord(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

export function postalSignature(algorithm: "sha1" | "sha256", body: string): string {
  return createSign(algorithm).update(body).sign(keys.privateKey, "base64");
}

/** As versions before 3 sign. */
export function oldPostalPost(body: string): SignedWebhook {
  return { headers: { ...json, "X-Postal-Signature": postalSignature("sha1", body) }, body };
}

function event(event: string, uuid: string, payload: object): string {
  return JSON.stringify({ event, timestamp: AT_SECONDS, payload, uuid });
}

const outgoing = { id: 1563, direction: "outgoing", message_id: "c462ad36@rp.postal.example.com" };

export const postal: Speaker = {
  name: "postal",
  setting: { POSTAL_PUBLIC_KEY: inRecord(keys.publicKey) },
  settingOfOther: { POSTAL_PUBLIC_KEY: inRecord(ofOther.publicKey) },
  windowMs: undefined,
  sign: (body) => {
    const { headers } = oldPostalPost(body);
    return { headers: { ...headers, "X-Postal-Signature-256": postalSignature("sha256", body) }, body };
  },
  delivered: (tag, to) =>
    event("MessageSent", "d", { message: { ...outgoing, to, tag }, status: "Sent", output: "250 2.0.0 OK\n" }),
  softBounced: (tag, to, uuid) =>
    event("MessageBounced", uuid, {
      original_message: { ...outgoing, to, tag },
      bounce: { id: 1564, direction: "incoming", to: "bk87jw@psrp.postal.example.com" },
    }),
};
