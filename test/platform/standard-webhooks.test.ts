/** Signing and verifying Standard Webhooks, against the reference library and the specification's words. */
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signWebhook, verifyWebhook } from "../../src/platform/standard-webhooks.ts";

// Published by Svix, with its libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CONTENT = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: "1614265330",
  body: '{"test": 2432232314}',
};
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const SIGNED_MS = 1_614_265_330_000;
const MINUTE_MS = 60_000;

const OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

/** "verified", or why not. */
function check(content: Partial<typeof CONTENT> = {}, signatures = SIGNATURE, nowMs = SIGNED_MS): string {
  const verified = verifyWebhook(SECRET, { ...CONTENT, ...content }, signatures, nowMs);
  return verified.ok ? "verified" : verified.reason;
}

describe("a signature", () => {
  it("is the published one", () => {
    expect(signWebhook(SECRET, CONTENT)).toBe(SIGNATURE);
    expect(check()).toBe("verified");
  });

  it.each([
    "",
    "{}",
    '{"name":"Zoë 🌸"}',
    "x".repeat(100_000),
  ])("is the reference library's, over bytes as over text: %.20j", (body) => {
    const signature = new Webhook(SECRET).sign(CONTENT.id, new Date(SIGNED_MS), body);
    expect(signWebhook(SECRET, { ...CONTENT, body })).toBe(signature);
    expect(signWebhook(SECRET, { ...CONTENT, body: new TextEncoder().encode(body) })).toBe(signature);
  });

  it.each([
    `${OTHER} ${SIGNATURE}`,
    `${SIGNATURE} ${OTHER}`,
    `v1a,AAAA v2,BBBB  ${SIGNATURE}`,
  ])("among several is enough: %s", (signatures) => {
    expect(check({}, signatures)).toBe("verified");
  });

  it.each([
    "",
    " ",
    "v1",
    "v1,",
    OTHER,
    `${OTHER} ${OTHER}`,
    SIGNATURE.replace("v1", "v2"),
    SIGNATURE.replace("v1", "V1"),
    SIGNATURE.replace("v1,", ""),
    SIGNATURE.slice(0, -1),
    `${SIGNATURE}=`,
    SIGNATURE.toLowerCase(),
  ])("that is wrong is refused: %j", (signatures) => {
    expect(check({}, signatures)).toBe("bad_signature");
  });

  it.each([
    { id: "msg_other" },
    { timestamp: "1614265331" },
    { timestamp: "01614265330" },
    { body: '{"test": 2432232315}' },
    { body: `${CONTENT.body}\n` },
  ])("is of no other message: %j", (content) => {
    expect(check(content)).toBe("bad_signature");
  });

  it("is of no other secret", () => {
    const other = `whsec_${btoa("0123456789abcdef01234567")}`;
    expect(verifyWebhook(other, CONTENT, SIGNATURE, SIGNED_MS)).toEqual({
      ok: false,
      reason: "bad_signature",
    });
  });
});

describe("the time of a signature", () => {
  it.each([
    [-5 * MINUTE_MS, "verified"],
    [-5 * MINUTE_MS - 1, "from_the_future"],
    [5 * MINUTE_MS, "verified"],
    [5 * MINUTE_MS + 1, "expired"],
  ])("%i ms ago: %s", (ageMs, refusal) => {
    expect(check({}, SIGNATURE, SIGNED_MS + ageMs)).toBe(refusal);
  });

  it.each(["", "soon", "Infinity"])("that is none is refused, even signed: %j", (timestamp) => {
    const signature = signWebhook(SECRET, { ...CONTENT, timestamp });
    expect(check({ timestamp }, signature)).toBeDefined();
  });
});
