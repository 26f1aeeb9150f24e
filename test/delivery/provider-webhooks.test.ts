/** POST /v1/webhooks/{provider}: a signed webhook is recorded once; others are rejected without a reason. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../../src/tokens/claims.ts";
import { brokenDatabase } from "../faults/broken.ts";
import { NOTHING, storedBy } from "../http/stored.ts";
import { ask, logOf, newMessage, token } from "../worker.ts";
import {
  CERTIFICATE_URL,
  notification,
  SUBSCRIBE_URL,
  signed,
  subscriptionConfirmation,
} from "./providers/sns-message.ts";
import { changed, knowing, knowingBut, notKnowing, speakers, tampered, unsigned } from "./signed-webhooks.ts";
import { amazon } from "./speakers/ses.ts";
import type { SignedWebhook } from "./speakers/speaker.ts";

const SENT = 6;
const DELIVERED = 7;
const SOFT_BOUNCED = 27;

let requested: string[] = [];
let logged: string[] = [];

beforeEach(() => {
  requested = [];
  logged = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
    requested.push(String(url));
    return new Response(String(url) === CERTIFICATE_URL ? amazon.certificatePem : "");
  });
  for (const level of ["warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(String(line)));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function post(provider: string, { headers, body }: SignedWebhook, worker: Env = knowing()) {
  return await ask(`/v1/webhooks/${provider}`, { method: "POST", headers, body }, worker);
}

function newSend(): { readonly message: Message; readonly token: string; readonly address: string } {
  const message = newMessage();
  return {
    message,
    token: token("message", { ...message, send: "s1" }),
    address: `${message.person}@example.net`,
  };
}

async function typesOf({ person }: Message): Promise<number[]> {
  return (await logOf(person)).map(({ type }) => type);
}

describe.each(speakers)("a webhook of $name", (speaker) => {
  const { name } = speaker;

  it("is recorded before it is answered", async () => {
    const send = newSend();
    const answer = await post(name, speaker.sign(speaker.delivered(send.token, send.address), Date.now()));
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 1, ignored: 0 }]);
    expect(await typesOf(send.message)).toEqual([SENT, DELIVERED]);
  });

  it("replayed, duplicated and reordered changes nothing twice", async () => {
    const send = newSend();
    const bodies = [
      speaker.softBounced(send.token, send.address, "one"),
      speaker.softBounced(send.token, send.address, "two"),
      speaker.delivered(send.token, send.address),
    ];
    const webhooks = [...bodies, ...bodies.toReversed(), ...bodies].map((body) => speaker.sign(body, Date.now()));
    for (const webhook of [...webhooks, ...webhooks]) {
      const answer = await post(name, webhook);
      expect([answer.status, await answer.json()]).toEqual([200, { recorded: 1, ignored: 0 }]);
    }
    expect((await typesOf(send.message)).sort()).toEqual([SENT, SOFT_BOUNCED, SOFT_BOUNCED, DELIVERED].sort());
  });

  it("is answered 503 while D1 is down, and recorded once when the provider tries again", async () => {
    const send = newSend();
    const { d1, mend } = brokenDatabase();
    const worker = knowing({ DB: d1 });
    const webhook = speaker.sign(speaker.delivered(send.token, send.address), Date.now());
    const refusal = await post(name, webhook, worker);
    expect([refusal.status, refusal.headers.get("Retry-After")]).toEqual([503, "60"]);
    expect(await refusal.json()).toMatchObject({ error: { code: "storage_unavailable" } });
    expect(await typesOf(send.message)).toEqual([]);
    mend();
    expect((await post(name, webhook, worker)).status).toBe(200);
    expect((await post(name, webhook, worker)).status).toBe(200);
    expect(await typesOf(send.message)).toEqual([SENT, DELIVERED]);
  });

  it("with a forged token is ignored", async () => {
    const { token: genuine, address } = newSend();
    const forged = genuine.slice(0, -2) + (genuine.endsWith("AA") ? "BA" : "AA");
    const stored = await storedBy(async () => {
      const answer = await post(name, speaker.sign(speaker.delivered(forged, address), Date.now()));
      expect([answer.status, await answer.json()]).toEqual([200, { recorded: 0, ignored: 1 }]);
    });
    expect(stored).toEqual(NOTHING);
  });

  it("is rejected with the same answer whatever is wrong, and nothing is recorded", async () => {
    const { token: genuine, address, message } = newSend();
    const body = speaker.delivered(genuine, address);
    const now = Date.now();
    const webhook = speaker.sign(body, now);
    const { windowMs } = speaker;
    const wrong: [SignedWebhook, Env][] = [
      [tampered(webhook), knowing()],
      [unsigned(webhook), knowing()],
      [{ headers: {}, body: "" }, knowing()],
      [webhook, knowingBut(speaker.settingOfOther)],
      [webhook, notKnowing(speaker)],
    ];
    if (speaker.coversBody ?? true) wrong.push([changed(webhook), knowing()]);
    if (windowMs !== undefined) {
      wrong.push([speaker.sign(body, now - windowMs - 2_000), knowing()]);
      wrong.push([speaker.sign(body, now + 5 * 60_000 + 2_000), knowing()]);
    }
    const answers: unknown[] = [];
    for (const [refused, worker] of wrong) {
      const headers = { ...refused.headers, "X-Request-Id": "refused" };
      const answer = await post(name, { ...refused, headers }, worker);
      answers.push([answer.status, [...answer.headers], await answer.text()]);
    }
    expect(answers.map((answer) => JSON.stringify(answer))).toEqual(answers.map(() => JSON.stringify(answers[0])));
    expect(answers[0]).toEqual([401, expect.anything(), expect.stringContaining("unauthorized")]);
    expect(await typesOf(message)).toEqual([]);
    // The operator reads which it was, and no address and no token.
    expect(logged).toHaveLength(wrong.length);
    expect(logged.join()).toContain("not_configured");
    expect(logged.join()).not.toContain(address);
    expect(logged.join()).not.toContain(genuine);
  });

  it("signed as long ago as the provider still tries again is recorded", async () => {
    const send = newSend();
    const at = Date.now() - (speaker.windowMs ?? 0) + 60_000;
    await post(name, speaker.sign(speaker.delivered(send.token, send.address), at));
    expect(await typesOf(send.message)).toEqual([SENT, DELIVERED]);
  });

  it("that is signed but not an event of the provider is a bad request", async () => {
    const stored = await storedBy(async () => {
      const answer = await post(name, speaker.sign('{"hello":"world"}', Date.now()));
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "invalid_field" } }]);
    });
    expect(stored).toEqual(NOTHING);
    // The operator reads of it, and nothing that was in it.
    expect(logged.join()).toContain("unknown shape");
    expect(logged.join()).not.toContain("world");
  });

  it("has a place, which answers whoever looks for it, whether the provider is set up or not", async () => {
    for (const method of ["GET", "HEAD"])
      expect((await ask(`/v1/webhooks/${name}`, { method }, notKnowing(speaker))).status).toBe(200);
    const answer = await ask(`/v1/webhooks/${name}`, { method: "PUT" }, knowing());
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, HEAD, POST"]);
  });
});

it("an unknown provider is not found", async () => {
  for (const answer of [await post("mailchimp", { headers: {}, body: "{}" }), await ask("/v1/webhooks/mailchimp")])
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: "not_found" } }]);
});

it.each([
  ["sendgrid", 1],
  ["mandrill", 5],
])("a webhook of %s is refused over %d MiB", async (name, mebibytes) => {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const most = "x".repeat(mebibytes * 1024 * 1024);
  expect((await post(name, { headers, body: most })).status).toBe(401);
  const answer = await post(name, { headers, body: `${most}x` });
  expect([answer.status, await answer.json()]).toMatchObject([413, { error: { code: "too_large" } }]);
});

it("a webhook is read no further than its own provider's may be long", async () => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 80) controller.close();
      else controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
  expect((await ask("/v1/webhooks/sendgrid", { method: "POST", body }, knowing())).status).toBe(413);
  expect(pulled).toBeLessThan(20);
});

it("a signed body that is not JSON is a bad request", async () => {
  const postmark = speakers.find(({ name }) => name === "postmark");
  const answer = await post("postmark", postmark?.sign("hello", 0) ?? { headers: {}, body: "" });
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "invalid_json" } }]);
});

describe("many events in one body", () => {
  const sendgrid = speakers.find(({ name }) => name === "sendgrid");
  if (sendgrid === undefined) throw new Error("SendGrid is no provider");

  function reported(length: number) {
    const sends = Array.from({ length }, newSend);
    const body = JSON.stringify(
      sends.flatMap((send) => JSON.parse(sendgrid?.delivered(send.token, send.address) ?? "[]")),
    );
    return { sends, body };
  }

  async function delivered(sends: readonly { readonly message: Message }[]): Promise<number | null> {
    return await env.DB.prepare(
      "SELECT count(*) AS n FROM events WHERE type = 7 AND person IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(sends.map(({ message }) => message.person)))
      .first<number>("n");
  }

  it("are all recorded, more than one transaction takes", async () => {
    const { sends, body } = reported(1_100);
    const answer = await post("sendgrid", sendgrid.sign(body, Date.now()));
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 1_100, ignored: 0 }]);
    expect(await delivered(sends)).toBe(1_100);
  });

  it("are none of them recorded while D1 is down", async () => {
    const { sends, body } = reported(100);
    const answer = await post("sendgrid", sendgrid.sign(body, Date.now()), knowing({ DB: brokenDatabase().d1 }));
    expect(answer.status).toBe(503);
    expect(await delivered(sends)).toBe(0);
  });
});

describe("a subscription of SNS", () => {
  const text = { "Content-Type": "text/plain; charset=UTF-8" };

  it("to an allowed topic is confirmed at Amazon", async () => {
    const answer = await post("ses", {
      headers: text,
      body: signed(subscriptionConfirmation(Date.now()), amazon),
    });
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 0, ignored: 0 }]);
    expect(requested.at(-1)).toBe(SUBSCRIBE_URL);
  });

  it("to another topic is not", async () => {
    const TopicArn = "arn:aws:sns:eu-west-1:123456789012:another";
    const SubscribeURL = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=1`;
    const message = subscriptionConfirmation(Date.now(), { TopicArn, SubscribeURL });
    expect((await post("ses", { headers: text, body: signed(message, amazon) })).status).toBe(401);
    expect(requested).toEqual([]);
  });

  it("that Amazon did not sign is not", async () => {
    const { Signature, ...rest } = JSON.parse(signed(subscriptionConfirmation(Date.now()), amazon));
    const body = JSON.stringify({ ...rest, Signature: btoa("forged") });
    expect((await post("ses", { headers: text, body })).status).toBe(401);
    expect(requested).not.toContain(SUBSCRIBE_URL);
  });

  it("that is cancelled is acknowledged, and nothing is requested", async () => {
    const message = subscriptionConfirmation(Date.now(), { Type: "UnsubscribeConfirmation" });
    expect((await post("ses", { headers: text, body: signed(message, amazon) })).status).toBe(200);
    expect(requested).not.toContain(SUBSCRIBE_URL);
  });

  it("that Amazon does not confirm is announced again", async () => {
    vi.mocked(globalThis.fetch).mockImplementation(async (url) =>
      String(url) === CERTIFICATE_URL ? new Response(amazon.certificatePem) : new Response("", { status: 500 }),
    );
    const body = signed(subscriptionConfirmation(Date.now()), amazon);
    expect((await post("ses", { headers: text, body })).status).toBe(503);
  });
});

it.each([
  "https://evil.example/SimpleNotificationService-0123.pem",
  "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
  "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
])("a certificate at %s is never fetched", async (SigningCertURL) => {
  const body = signed(notification(Date.now(), { SigningCertURL }), amazon);
  expect((await post("ses", { headers: {}, body })).status).toBe(401);
  expect(requested).toEqual([]);
});

it("a certificate out of reach makes SNS try again", async () => {
  vi.mocked(globalThis.fetch).mockRejectedValue(new Error("Network connection lost."));
  const SigningCertURL = CERTIFICATE_URL.replace("abcdef", "outofreach");
  const body = signed(notification(Date.now(), { SigningCertURL }), amazon);
  expect((await post("ses", { headers: {}, body })).status).toBe(503);
});
