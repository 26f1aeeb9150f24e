import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { startRetryReceiver } from "../../src/demo/receiver.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const RETRY = { seq: 1, id: "1042/7/88012/s-0", attempt: 2 };
const BODY = JSON.stringify({ type: "send.retry", timestamp: "2026-11-25T10:00:00.000Z", data: RETRY });

async function receiver() {
  const started = await startRetryReceiver();
  onTestFinished(() => started[Symbol.asyncDispose]());
  started.secret = SECRET;
  return started;
}

interface Signing {
  readonly secret: string;
  readonly atMs?: number;
  readonly signed?: string;
}

function headersOf({ secret, atMs = Date.now(), signed = BODY }: Signing): Record<string, string> {
  return {
    "webhook-id": RETRY.id,
    "webhook-timestamp": String(Math.floor(atMs / 1_000)),
    "webhook-signature": new Webhook(secret).sign(RETRY.id, new Date(atMs), signed),
  };
}

async function post(url: string, headers: Record<string, string>, body = BODY): Promise<number> {
  return (await fetch(url, { method: "POST", headers, body })).status;
}

describe("the demo's receiver of retries", () => {
  it("takes what is signed with its secret, and knows a second post of it", async () => {
    const { url, posted, faults } = await receiver();
    expect(await post(url, headersOf({ secret: SECRET }))).toBe(204);
    expect(await post(url, headersOf({ secret: SECRET }))).toBe(204);
    expect([...posted]).toEqual([[RETRY.id, RETRY]]);
    expect(faults).toEqual([]);
  });

  it.each([
    ["nothing", () => ({}), BODY],
    ["another secret", () => headersOf({ secret: `whsec_${btoa("0123456789abcdef0123456789abcdef")}` }), BODY],
    ["its secret, for another body", (secret: string) => headersOf({ secret }), BODY.replace("88012", "88013")],
    ["its secret, an hour ago", (secret: string) => headersOf({ secret, atMs: Date.now() - 3_600_000 }), BODY],
    ["its secret, what is no retry", (secret: string) => headersOf({ secret, signed: "{}" }), "{}"],
  ])("refuses and remembers what is signed with %s", async (_what, headers, body) => {
    const { url, posted, faults } = await receiver();
    expect(await post(url, headers(SECRET), body)).toBe(401);
    expect(posted.size).toBe(0);
    expect(faults).toEqual([expect.stringMatching(/^a post to the endpoint was refused: \w/)]);
  });
});
