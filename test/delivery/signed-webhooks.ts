/** Webhooks as each provider sends and signs them, with keys made for the tests. */
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { environment } from "../worker.ts";
import { makeSigner } from "./providers/certificate.ts";
import { notification, signed, TOPIC } from "./providers/sns-message.ts";

export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Speaker {
  readonly name: string;
  /** A webhook that says this body, signed at this time. */
  sign(body: string, atMs: number): SignedWebhook;
  /** The documented body that says that the message was delivered to this address. */
  delivered(token: string, address: string): string;
  /** The documented body of a temporary failure, of this name. */
  softBounced(token: string, address: string, occurrence: string): string;
  /** Where the setting that it is checked by is missing. */
  readonly unconfigured: Partial<Env>;
  /** How old a signature may be, in ms; undefined: there is no time in it. */
  readonly windowMs: number | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AT = "2026-11-24T08:00:01.000Z";
const AT_SECONDS = Date.parse(AT) / 1000;

const sendgridKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const MAILGUN_KEY = "mailgun-test-signing-key";
const POSTMARK_CREDENTIALS = "postmark:a password: with a colon";
const RESEND_SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;

export const amazon = makeSigner(new Date(Date.now() - 24 * HOUR), new Date(Date.now() + 24 * HOUR));

/** A Worker to which all of them are known. */
export function knowing(replaced: Partial<Env> = {}): Env {
  return environment({
    SES_TOPICS: TOPIC,
    SENDGRID_PUBLIC_KEY: btoa(String.fromCharCode(...sendgridKeys.publicKey.export({ type: "spki", format: "der" }))),
    MAILGUN_SIGNING_KEY: MAILGUN_KEY,
    POSTMARK_CREDENTIALS,
    RESEND_SECRET,
    ...replaced,
  });
}

const json = { "Content-Type": "application/json" };
const recipients = (address: string) => [{ emailAddress: address }];

export const speakers: readonly Speaker[] = [
  {
    name: "ses",
    unconfigured: { SES_TOPICS: "" },
    windowMs: 65 * MINUTE,
    sign: (Message, atMs) => ({
      headers: { "Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification" },
      body: signed(notification(atMs, { Message }), amazon),
    }),
    delivered: (token, address) =>
      JSON.stringify({
        eventType: "Delivery",
        delivery: { timestamp: AT, recipients: [address] },
        mail: { messageId: "0100018f", destination: [address], tags: { waxseal: [token] } },
      }),
    softBounced: (token, address, feedbackId) =>
      JSON.stringify({
        eventType: "Bounce",
        bounce: {
          bounceType: "Transient",
          bounceSubType: "MailboxFull",
          bouncedRecipients: recipients(address),
          timestamp: AT,
          feedbackId,
        },
        mail: { messageId: "0100018f", destination: [address], tags: { waxseal: [token] } },
      }),
  },
  {
    name: "sendgrid",
    unconfigured: { SENDGRID_PUBLIC_KEY: "" },
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
  },
  {
    name: "mailgun",
    unconfigured: { MAILGUN_SIGNING_KEY: "" },
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
  },
  {
    name: "postmark",
    unconfigured: { POSTMARK_CREDENTIALS: "" },
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
  },
  {
    name: "resend",
    unconfigured: { RESEND_SECRET: "" },
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
  },
];

/** That webhook with its signature made wrong in one place, the body as it was. */
export function tampered({ headers, body }: SignedWebhook): SignedWebhook {
  const signature = ["X-Twilio-Email-Event-Webhook-Signature", "svix-signature", "Authorization"].find(
    (name) => name in headers,
  );
  if (signature !== undefined) {
    return { headers: { ...headers, [signature]: spoiled(headers[signature] ?? "") }, body };
  }
  return {
    headers,
    body: body.replace(/("[Ss]ignature":")([^"]+)/, (_, key, value) => key + spoiled(value)),
  };
}

/** Another character in its middle. */
function spoiled(signature: string): string {
  const at = Math.floor((signature.length * 3) / 4);
  return signature.slice(0, at) + (signature[at] === "A" ? "B" : "A") + signature.slice(at + 1);
}

/** That webhook without any signature. */
export function unsigned({ headers, body }: SignedWebhook): SignedWebhook {
  const { "Content-Type": type = "" } = headers;
  const { signature, Signature, ...rest } = Object(JSON.parse(body)) as Record<string, unknown>;
  return {
    headers: { "Content-Type": type },
    body: signature === undefined && Signature === undefined ? body : JSON.stringify(rest),
  };
}
