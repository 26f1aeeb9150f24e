/**
 * Whether an access token lets its bearer do something. Guarantees that a revoked client is refused from the next call on: each
 * call asks D1, which costs a read row.
 */
import type { Settings } from "../config/settings.ts";
import { verifyAccessToken } from "./access-token.ts";
import { allows, SCOPES, type Scope } from "./scope.ts";

/** `forged`: no token of ours. `expired`: an hour old. `revoked`: ours, its client no longer. `denied`: its client lacks the scope. */
export type Denial = "forged" | "expired" | "revoked" | "denied";

const FIND_SCOPES = "SELECT scopes FROM clients WHERE id = ?1 AND revoked_at IS NULL";

/** Why not; undefined when it may. Throws D1's error when it cannot be asked. */
export async function denialOf(
  token: string,
  needed: Scope,
  { tokenKeys }: Pick<Settings, "tokenKeys">,
  d1: D1Database,
  nowMs: number,
): Promise<Denial | undefined> {
  const claims = verifyAccessToken(tokenKeys, token, nowMs);
  return claims.ok ? await clientDenial(claims.value.client, needed, d1) : claims.reason;
}

/** As `denialOf`, of a client whose token was opened. */
export async function clientDenial(
  client: string,
  needed: Scope,
  d1: D1Database,
): Promise<Denial | undefined> {
  return scopesDenial(await d1.prepare(FIND_SCOPES).bind(client).first<string>("scopes"), needed);
}

/** `scopes` as D1 has them, separated by spaces; null for a client that is unknown or revoked. */
export function scopesDenial(scopes: string | null, needed: Scope): Denial | undefined {
  if (scopes === null) return "revoked";
  return allows(scopesOf(scopes), needed) ? undefined : "denied";
}

export function scopesOf(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}
