/** Access tokens: their client, their time of issue, their hour of life. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCESS_TOKEN_LIFE_MS, signAccessToken, verifyAccessToken } from "../../src/access/access-token.ts";
import { signText, verifyText } from "../../src/tokens/signed-text.ts";
import { runs } from "../fuzz.ts";
import { keysOf, SECRETS } from "../tokens/keyring.ts";

const OLD = keysOf(`1:${SECRETS.a}`);
const ROTATED = keysOf(`2:${SECRETS.b},1:${SECRETS.a}`);
const ANY_CLAIMS = fc.record({ client: fc.uuid(), issuedAtMs: fc.nat({ max: 4_102_444_800_000 }) });

describe("an access token", () => {
  it("names its client and its time of issue, for an hour and not a millisecond longer", () => {
    expect(ACCESS_TOKEN_LIFE_MS).toBe(3_600_000);
    fc.assert(
      fc.property(ANY_CLAIMS, fc.nat({ max: 3_599_999 }), fc.nat(), (claims, ageMs, laterMs) => {
        const token = signAccessToken(OLD, claims);
        expect(verifyAccessToken(OLD, token, claims.issuedAtMs + ageMs)).toEqual({ ok: true, value: claims });
        const expired = verifyAccessToken(OLD, token, claims.issuedAtMs + 3_600_000 + laterMs);
        expect(expired).toEqual({ ok: false, reason: "expired" });
      }),
      runs(400),
    );
  });

  it("is refused when it comes from the future, for it would be valid for longer than an hour", () => {
    const token = signAccessToken(OLD, { client: "c", issuedAtMs: 10 * 60_000 });
    expect(verifyAccessToken(OLD, token, 5 * 60_000).ok).toBe(true);
    expect(verifyAccessToken(OLD, token, 5 * 60_000 - 1)).toEqual({ ok: false, reason: "forged" });
  });

  it("is forged when it is a paging token with the same text", () => {
    fc.assert(
      fc.property(ANY_CLAIMS, ({ client, issuedAtMs }) => {
        const page = signText(OLD, "page", `${issuedAtMs} ${client}`);
        expect(verifyAccessToken(OLD, page, issuedAtMs)).toEqual({ ok: false, reason: "forged" });
        expect(verifyText(OLD, "page", signAccessToken(OLD, { client, issuedAtMs })).ok).toBe(false);
      }),
      runs(400),
    );
  });

  it("outlives a rotation of the keys, but not the removal of the one that signed it", () => {
    fc.assert(
      fc.property(ANY_CLAIMS, (claims) => {
        const token = signAccessToken(OLD, claims);
        expect(verifyAccessToken(ROTATED, token, claims.issuedAtMs).ok).toBe(true);
        const without = keysOf(`2:${SECRETS.b}`);
        expect(verifyAccessToken(without, token, claims.issuedAtMs)).toEqual({ ok: false, reason: "forged" });
      }),
      runs(400),
    );
  });

  it("is the same for the same client and time, so that it need not be stored", () => {
    fc.assert(
      fc.property(ANY_CLAIMS, (claims) => {
        expect(signAccessToken(OLD, claims)).toBe(signAccessToken(OLD, claims));
      }),
      runs(400),
    );
  });
});
