/**
 * Access tokens (RFC 6749 §1.4): whom each was issued to, and when. D1 holds only the time of a client's last one, so
 * that the same token is given out until it expires.
 */
import { HOUR_MS } from "../platform/durations.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { MAX_CLOCK_SKEW_MS } from "../platform/timestamp.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";

export const ACCESS_TOKEN_LIFE_MS = HOUR_MS;

export interface AccessClaims {
  /** The client's id. */
  readonly client: string;
  readonly issuedAtMs: number;
}

export function signAccessToken(keys: TokenKeys, { client, issuedAtMs }: AccessClaims): string {
  return signText(keys, "access", `${issuedAtMs} ${client}`);
}

export function verifyAccessToken(
  keys: TokenKeys,
  token: string,
  nowMs: number,
): Result<AccessClaims, "forged" | "expired"> {
  const verified = verifyText(keys, "access", token);
  if (!verified.ok) return verified;
  const [issued = "", client = ""] = verified.value.split(" ");
  const issuedAtMs = Number(issued);
  // Signed with a clock that was wrong: it would be valid for more than an hour.
  if (issuedAtMs > nowMs + MAX_CLOCK_SKEW_MS) return refused("forged");
  return nowMs >= issuedAtMs + ACCESS_TOKEN_LIFE_MS ? refused("expired") : ok({ client, issuedAtMs });
}
