/**
 * Access tokens (RFC 6749 §1.4): who it was given to, and when. Nothing is stored of one but its time at the client, so that
 * the same token is given out until it expires.
 */
import { ok, type Result, refused } from "../platform/result.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";

export const ACCESS_TOKEN_LIFE_MS = 3_600_000;

export interface AccessClaims {
  readonly client: string;
  /** ms since 1970 UTC. */
  readonly issuedMs: number;
}

export function signAccessToken(keys: TokenKeys, { client, issuedMs }: AccessClaims): string {
  return signText(keys, "access", `${issuedMs} ${client}`);
}

export function verifyAccessToken(
  keys: TokenKeys,
  token: string,
  nowMs: number,
): Result<AccessClaims, "forged" | "expired"> {
  const opened = verifyText(keys, "access", token);
  if (!opened.ok) return opened;
  const [issued = "", client = ""] = opened.value.split(" ");
  const issuedMs = Number(issued);
  return nowMs >= issuedMs + ACCESS_TOKEN_LIFE_MS ? refused("expired") : ok({ client, issuedMs });
}
