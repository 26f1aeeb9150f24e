/** Amazon SNS: which messages are verified, and that requests go to Amazon only. */
import { describe, expect, it } from "vitest";
import type { Webhook } from "../../../src/delivery/providers/provider.ts";
import { ses } from "../../../src/delivery/providers/ses.ts";
import { confirmSubscription } from "../../../src/delivery/providers/sns-signature.ts";
import { makeSigner } from "./certificate.ts";
import {
  Amazon,
  CERTIFICATE_URL,
  subscriptionConfirmation as confirmationFrom,
  notification as notificationFrom,
  type SnsMessage,
  SUBSCRIBE_URL,
  signed,
  TOPIC,
  webhook,
} from "./sns-message.ts";

const NOW = Date.parse("2026-11-25T12:00:00.000Z");
const HOUR = 3_600_000;
const signer = makeSigner(new Date(NOW - HOUR), new Date(NOW + HOUR));
let certificates = 0;

/** A URL whose certificate is not cached yet. */
function newCertificateUrl(): string {
  const id = (++certificates).toString().padStart(8, "0");
  return `https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-${id}.pem`;
}

/** Other files of tests, which share the runtime, cache other certificates. */
const OWN_CERTIFICATE_URL = newCertificateUrl();

function notification(nowMs: number, more: SnsMessage = {}): SnsMessage {
  return notificationFrom(nowMs, { SigningCertURL: OWN_CERTIFICATE_URL, ...more });
}

function subscriptionConfirmation(nowMs: number, more: SnsMessage = {}): SnsMessage {
  return confirmationFrom(nowMs, { SigningCertURL: OWN_CERTIFICATE_URL, ...more });
}

function amazon(pem: string = signer.certificatePem): Amazon {
  return new Amazon(() => new Response(pem));
}

async function check(message: SnsMessage, at = NOW, host = amazon(), sesTopics = [TOPIC]) {
  const body = webhook(signed(message, signer), { "Content-Type": "text/plain; charset=UTF-8" });
  return await checkWebhook(body, host, at, sesTopics);
}

/** "verified", or why not. */
async function checkWebhook(body: Webhook, host = amazon(), at = NOW, sesTopics = [TOPIC]): Promise<string> {
  const verified = await ses.verifiedBody(body, { SES_TOPICS: sesTopics.join(" ") }, host.context(at));
  return verified.ok ? "verified" : verified.reason;
}

describe("a message of SNS", () => {
  it.each([
    ["Notification, SHA-1", notification(NOW, { SignatureVersion: "1" })],
    ["Notification, SHA-256", notification(NOW, { SignatureVersion: "2" })],
    ["Notification with a subject", notification(NOW, { Subject: "Amazon SES Email Event Notification" })],
    ["SubscriptionConfirmation", subscriptionConfirmation(NOW)],
    ["UnsubscribeConfirmation", subscriptionConfirmation(NOW, { Type: "UnsubscribeConfirmation" })],
  ])("is verified when Amazon signed it: %s", async (_, message) => {
    expect(await check(message)).toBe("verified");
  });

  it.each([
    "Message",
    "MessageId",
    "Subject",
    "Timestamp",
    "TopicArn",
    "Type",
  ])("is rejected when its %s was changed", async (field) => {
    const message = notification(NOW, { Subject: "a" });
    const other: SnsMessage = {
      Timestamp: new Date(NOW + 1).toISOString(),
      TopicArn: `${TOPIC}2`,
      Type: "SubscriptionConfirmation",
    };
    const forged = JSON.stringify({ ...JSON.parse(signed(message, signer)), [field]: other[field] ?? "b" });
    const topics = [TOPIC, `${TOPIC}2`];
    expect(await checkWebhook(webhook(forged), amazon(), NOW, topics)).toBe("bad_signature");
  });

  it("is rejected when another key signed it", async () => {
    const forger = makeSigner(new Date(NOW - HOUR), new Date(NOW + HOUR));
    const body = webhook(signed(notification(NOW), forger));
    expect(await checkWebhook(body)).toBe("bad_signature");
  });

  it("is rejected when its topic is not in the settings, and then nothing is fetched", async () => {
    const host = amazon();
    const message = notification(NOW, { TopicArn: "arn:aws:sns:eu-west-1:210987654321:forged" });
    expect(await check(message, NOW, host)).toBe("unknown_topic");
    expect(host.requested).toEqual([]);
  });

  it("is rejected when no topics are configured", async () => {
    expect(await check(notification(NOW), NOW, amazon(), [])).toBe("not_configured");
  });

  it.each([
    [-65 * 60_000, "verified"],
    [-65 * 60_000 - 1, "expired"],
    [5 * 60_000, "verified"],
    [5 * 60_000 + 1, "from_the_future"],
  ])("signed %i ms from now is %s", async (offset, expected) => {
    expect(await check(notification(NOW + offset))).toBe(expected);
  });

  it.each([
    ["not JSON", "Message=hello"],
    ["raw message delivery", '{"eventType":"Bounce","mail":{}}'],
    ["no signature", JSON.stringify(notification(NOW))],
    ["another version of signature", JSON.stringify({ ...notification(NOW), SignatureVersion: "3", Signature: "x" })],
    ["an array", "[]"],
  ])("is rejected when it is %s", async (_, body) => {
    expect(await checkWebhook(webhook(body))).toBe("unsigned");
  });
});

describe("the certificate", () => {
  it.each([
    "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
    "https://evil.example/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
    "https://user:password@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com/other/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem?x=.pem",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem#x",
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem\n",
    "https://evil.sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
    "https://sns.amazonaws.com/SimpleNotificationService-0123.pem",
    "https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
    "https://sns.eu-west-1.amazonaws.com\\@evil.example/SimpleNotificationService-0123.pem",
    "https://sns.EU-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
    "file:///etc/passwd",
    "",
  ])("is never fetched from %j", async (SigningCertURL) => {
    const host = amazon();
    expect(await check(notification(NOW, { SigningCertURL }), NOW, host)).toBe("foreign_certificate_url");
    expect(host.requested).toEqual([]);
  });

  it.each([
    ["arn:aws:sns:eu-west-1:123456789012:ses-events", "sns.eu-west-1.amazonaws.com"],
    ["arn:aws:sns:us-east-2:123456789012:ses-events", "sns.us-east-2.amazonaws.com"],
    ["arn:aws-cn:sns:cn-north-1:123456789012:ses-events", "sns.cn-north-1.amazonaws.com.cn"],
    ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:ses-events", "sns.us-gov-west-1.amazonaws.com"],
  ])("for %s is fetched from %s", async (TopicArn, host) => {
    const SigningCertURL = newCertificateUrl().replace("sns.eu-west-1.amazonaws.com", host);
    expect(await check(notification(NOW, { TopicArn, SigningCertURL }), NOW, amazon(), [TopicArn])).toBe("verified");
  });

  it.each([
    [TOPIC, "sns.us-east-1.amazonaws.com"],
    [TOPIC, "sns.eu-west-1.amazonaws.com.cn"],
    [TOPIC, "sns.cn-north-1.amazonaws.com.cn"],
    ["arn:aws-cn:sns:cn-north-1:123456789012:ses-events", "sns.cn-north-1.amazonaws.com"],
  ])("for %s is never fetched from %s", async (TopicArn, host) => {
    const SigningCertURL = newCertificateUrl().replace("sns.eu-west-1.amazonaws.com", host);
    const server = amazon();
    const message = notification(NOW, { TopicArn, SigningCertURL });
    expect(await check(message, NOW, server, [TopicArn])).toBe("foreign_certificate_url");
    expect(server.requested).toEqual([]);
  });

  it("is fetched once and cached", async () => {
    const host = amazon();
    const SigningCertURL = newCertificateUrl();
    await check(notification(NOW, { SigningCertURL }), NOW, host);
    expect(await check(notification(NOW, { SigningCertURL }), NOW, host)).toBe("verified");
    expect(host.requested).toEqual([SigningCertURL]);
  });

  it.each([
    ["expired", new Date(NOW - HOUR), new Date(NOW - 1000)],
    ["not valid yet", new Date(NOW + 1000), new Date(NOW + HOUR)],
  ])("is rejected when it is %s", async (_, from, to) => {
    const SigningCertURL = newCertificateUrl();
    const dated = makeSigner(from, to);
    const body = webhook(signed(notification(NOW, { SigningCertURL }), dated));
    const host = amazon(dated.certificatePem);
    expect(await checkWebhook(body, host)).toBe("bad_certificate");
  });

  it.each([
    ["Amazon denies it", () => new Response(signer.certificatePem, { status: 403 })],
    ["Amazon redirects", () => new Response(signer.certificatePem, { status: 302 })],
    ["it is no certificate", () => new Response("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")],
    ["it is endless", () => new Response(signer.certificatePem + "\n".repeat(20_000))],
  ])("is rejected when %s", async (_, answer) => {
    const host = new Amazon(answer);
    const message = notification(NOW, { SigningCertURL: newCertificateUrl() });
    expect(await check(message, NOW, host)).toBe("bad_certificate");
    expect(host.requested).toHaveLength(1);
  });

  it("out of reach is an error, so that SNS tries again", async () => {
    const host = new Amazon(() => new Response("", { status: 500 }));
    const message = notification(NOW, { SigningCertURL: newCertificateUrl() });
    await expect(check(message, NOW, host)).rejects.toThrow("500");
  });
});

describe("a subscription", () => {
  it("is confirmed at Amazon", async () => {
    const host = new Amazon(() => new Response("<ConfirmSubscriptionResponse/>"));
    await confirmSubscription(JSON.parse(signed(subscriptionConfirmation(NOW), signer)), host.context(NOW));
    expect(host.requested).toEqual([SUBSCRIBE_URL]);
  });

  it.each(["Notification", "UnsubscribeConfirmation"])("is not confirmed by a message of type %s", async (Type) => {
    const host = amazon();
    const message = JSON.parse(signed(subscriptionConfirmation(NOW, { Type }), signer));
    await confirmSubscription(message, host.context(NOW));
    expect(host.requested).toEqual([]);
  });

  it.each([
    SUBSCRIBE_URL.replace("https:", "http:"),
    SUBSCRIBE_URL.replace("sns.eu-west-1.amazonaws.com", "evil.example"),
    SUBSCRIBE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
    SUBSCRIBE_URL.replace("eu-west-1.amazonaws", "us-east-1.amazonaws"),
    SUBSCRIBE_URL.replace("amazonaws.com/", "amazonaws.com.cn/"),
    SUBSCRIBE_URL.replace("https://", "https://user@"),
    SUBSCRIBE_URL.replace(".com/", ".com:8443/"),
    SUBSCRIBE_URL.replace(".com/", ".com/other"),
    SUBSCRIBE_URL.replace("ConfirmSubscription", "DeleteTopic"),
    `${SUBSCRIBE_URL}&Action=DeleteTopic`,
    SUBSCRIBE_URL.replace(TOPIC, `${TOPIC}2`),
    `${SUBSCRIBE_URL}&TopicArn=${TOPIC}2`,
    SUBSCRIBE_URL.replace("&Token=2336412f37", ""),
    CERTIFICATE_URL,
  ])("is never confirmed at %s", async (SubscribeURL) => {
    const host = amazon();
    const message = JSON.parse(signed(subscriptionConfirmation(NOW, { SubscribeURL }), signer));
    await expect(confirmSubscription(message, host.context(NOW))).rejects.toThrow("not Amazon's");
    expect(host.requested).toEqual([]);
  });

  it("that Amazon does not confirm is announced again", async () => {
    const host = new Amazon(() => new Response("", { status: 500 }));
    const message = JSON.parse(signed(subscriptionConfirmation(NOW), signer));
    await expect(confirmSubscription(message, host.context(NOW))).rejects.toThrow("500");
  });
});
