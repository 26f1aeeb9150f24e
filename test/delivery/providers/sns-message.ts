/** Messages of Amazon SNS, signed as its documentation says, and a server that answers as Amazon does. */
import { createSign } from "node:crypto";
import type { Webhook, WebhookContext } from "../../../src/delivery/providers/provider.ts";
import type { Signer } from "./certificate.ts";

export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-events";
export const CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";
const SUBSCRIBE_QUERY = `Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37`;
export const SUBSCRIBE_URL = `https://sns.eu-west-1.amazonaws.com/?${SUBSCRIBE_QUERY}`;

export type SnsMessage = Readonly<Record<string, string | undefined>>;

export function notification(nowMs: number, more: SnsMessage = {}): SnsMessage {
  return {
    Type: "Notification",
    MessageId: crypto.randomUUID(),
    TopicArn: TOPIC,
    Message: '{"eventType":"Open","mail":{}}',
    Timestamp: new Date(nowMs).toISOString(),
    SignatureVersion: "2",
    SigningCertURL: CERTIFICATE_URL,
    ...more,
  };
}

export function subscriptionConfirmation(nowMs: number, more: SnsMessage = {}): SnsMessage {
  return notification(nowMs, {
    Type: "SubscriptionConfirmation",
    Token: "2336412f37",
    Message: `You have chosen to subscribe to the topic ${TOPIC}.`,
    SubscribeURL: SUBSCRIBE_URL,
    ...more,
  });
}

/** "Verifying the signatures of Amazon SNS messages": the keys of each type, in the order of their bytes. */
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};

export function signed(message: SnsMessage, { privateKey }: Signer): string {
  const sign = createSign(message.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256");
  for (const key of SIGNED[message.Type ?? ""] ?? []) {
    if (message[key] !== undefined) sign.update(`${key}\n${message[key]}\n`);
  }
  return JSON.stringify({ ...message, Signature: sign.sign(privateKey, "base64") });
}

export function webhook(body: string, headers: Readonly<Record<string, string>> = {}): Webhook {
  const urls = ["https://t.example/v1/webhooks/ses"];
  return { urls, headers: new Headers(headers), body: Uint8Array.from(new TextEncoder().encode(body)) };
}

/** Answers for Amazon, and keeps the URLs of the requests. */
export class Amazon {
  readonly requested: string[] = [];
  readonly #answer: (url: string) => Response;

  constructor(answer: (url: string) => Response) {
    this.#answer = answer;
  }

  context(nowMs: number): WebhookContext {
    const fetch = async (url: string, { redirect, signal }: RequestInit) => {
      if (redirect !== "manual" || signal == null) throw new Error("follows redirects, or has no deadline");
      this.requested.push(url);
      return this.#answer(url);
    };
    return { nowMs, fetch };
  }
}
