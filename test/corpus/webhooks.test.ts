/** Signatures and payloads that others published: this code accepts and reads them alike. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { mailgun } from "../../src/delivery/providers/mailgun.ts";
import type { Provider, Webhook, WebhookContext } from "../../src/delivery/providers/provider.ts";
import { resend } from "../../src/delivery/providers/resend.ts";
import { sendgrid } from "../../src/delivery/providers/sendgrid.ts";
import { ses } from "../../src/delivery/providers/ses.ts";

const folder = new URL("../../../shared/data/webhooks/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");

function cases<Entries extends v.ObjectEntries>(name: string, entries: Entries) {
  const Case = v.object({ name: v.string(), expect: v.boolean(), ...entries });
  return v.parse(v.object({ cases: v.array(Case) }), JSON.parse(read(name))).cases;
}

function webhook(body: string, headers: Record<string, string> = {}): Webhook {
  const urls = ["https://t.example/v1/webhooks/x"];
  return { urls, headers: new Headers(headers), body: Uint8Array.from(Buffer.from(body)) };
}

const offline: WebhookContext["fetch"] = async (url) => {
  throw new Error(`${url} was fetched`);
};

async function isVerified(
  { verifiedBody }: Provider,
  message: Webhook,
  settings: Readonly<Record<string, string>>,
  nowMs: number,
  fetch = offline,
): Promise<boolean> {
  const verified = await verifiedBody(message, settings, { nowMs, fetch });
  return verified.ok;
}

describe("SendGrid's vectors", () => {
  const fields = { publicKey: v.string(), timestamp: v.string(), payload: v.string(), signature: v.string() };
  it.each(cases("sendgrid-ecdsa.json", fields))("$name: $expect", async ({
    publicKey,
    timestamp,
    payload,
    signature,
    ...vector
  }) => {
    const headers = {
      "X-Twilio-Email-Event-Webhook-Signature": signature,
      "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    };
    const now = Number(timestamp) * 1000 || 1_600_112_502_000;
    expect(await isVerified(sendgrid, webhook(payload, headers), { SENDGRID_PUBLIC_KEY: publicKey }, now)).toBe(
      vector.expect,
    );
  });
});

describe("Svix's vectors", () => {
  const fields = {
    id: v.string(),
    timestamp: v.string(),
    payload: v.string(),
    signature: v.string(),
    secretParts: v.array(v.string()),
  };
  it.each(cases("svix-hmac.json", fields))("$name: $expect", async ({
    id,
    timestamp,
    payload,
    signature,
    secretParts,
    ...vector
  }) => {
    const now = Number(timestamp) * 1000;
    const headers = { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature };
    const settings = { RESEND_SECRET: secretParts.join("") };
    expect(await isVerified(resend, webhook(payload, headers), settings, now)).toBe(vector.expect);
  });
});

describe("Mailgun's vectors", () => {
  const fields = {
    timestamp: v.string(),
    token: v.string(),
    signature: v.string(),
    signingKeyParts: v.array(v.string()),
  };
  it.each(cases("mailgun-hmac.json", fields))("$name: $expect", async ({
    timestamp,
    token,
    signature,
    signingKeyParts,
    ...vector
  }) => {
    const body = JSON.stringify({ signature: { timestamp, token, signature } });
    const settings = { MAILGUN_SIGNING_KEY: signingKeyParts.join("") };
    expect(await isVerified(mailgun, webhook(body), settings, Number(timestamp) * 1000)).toBe(vector.expect);
  });
});

describe("Amazon's vectors", () => {
  const Message = v.looseObject({ TopicArn: v.string(), Timestamp: v.string(), Message: v.string() });
  const { certificatePem } = v.parse(v.object({ certificatePem: v.string() }), JSON.parse(read("sns-rsa.json")));
  const serve = async () => new Response(certificatePem);

  it.each(cases("sns-rsa.json", { message: Message }))("$name: $expect", async ({ message, ...vector }) => {
    const settings = { SES_TOPICS: message.TopicArn };
    const now = Date.parse(message.Timestamp);
    expect(await isVerified(ses, webhook(JSON.stringify(message)), settings, now, serve)).toBe(vector.expect);
    const changed = JSON.stringify({ ...message, Message: `${message.Message}!` });
    expect(await isVerified(ses, webhook(changed), settings, now, serve)).toBe(false);
  });
});

describe("notifications that SES once sent", () => {
  it.each([
    ["ses-bounce.json", "bounce@simulator.amazonses.com", "bounced"],
    ["ses-complaint.json", "complaint@simulator.amazonses.com", "complained"],
    ["ses-delivery.json", "success@simulator.amazonses.com", "delivered"],
  ])("%s: %s %s", (name, address, type) => {
    const reading = ses.read({ Type: "Notification", Message: read(name) });
    expect(reading).toMatchObject({
      ok: true,
      value: { ignored: 0, reports: [{ address, outcome: { type } }] },
    });
  });

  it("ses-sns-wrapped.json, as SNS brought it: no such user", () => {
    expect(ses.read(JSON.parse(read("ses-sns-wrapped.json")))).toMatchObject({
      ok: true,
      value: {
        reports: [
          {
            address: "bounce@simulator.amazonses.com",
            atMs: Date.parse("2016-10-21T06:58:02.245Z"),
            outcome: { type: "bounced", bounce: { category: 2, status: "5.1.1", subcategory: "General" } },
          },
        ],
      },
    });
  });
});
