/**
 * Whether an access token lets its bearer do something. Guarantees that a revoked client is refused from the next call on: each
 * call asks D1, which costs a read row.
 */
import type { Settings } from "../env.ts";
import { ok, type Result, refused } from "../result.ts";
import { openAccessToken } from "./access-token.ts";
import { allows, SCOPES, type Scope } from "./scope.ts";

export interface Caller {
  readonly client: string;
  readonly scopes: readonly Scope[];
}

/** `forged`: no token of ours. `expired`: an hour old. `revoked`: ours, its client no longer. `denied`: its client lacks the scope. */
export type Denial = "forged" | "expired" | "revoked" | "denied";

const FIND_SCOPES = "SELECT scopes FROM clients WHERE id = ?1 AND revoked_at IS NULL";

/** Throws D1's error when it cannot be asked. */
export async function authorize(
  token: string,
  needed: Scope,
  { tokenKeys }: Pick<Settings, "tokenKeys">,
  d1: D1Database,
  nowMs: number,
): Promise<Result<Caller, Denial>> {
  const claims = openAccessToken(tokenKeys, token, nowMs);
  return claims.ok ? await authorizeClient(claims.value.client, needed, d1) : claims;
}

/** As `authorize`, of a client whose token was opened. */
export async function authorizeClient(
  client: string,
  needed: Scope,
  d1: D1Database,
): Promise<Result<Caller, "revoked" | "denied">> {
  return judge(client, needed, await d1.prepare(FIND_SCOPES).bind(client).first<string>("scopes"));
}

/** `scopes` as D1 has them, separated by spaces; null for a client that is unknown or revoked. */
export function judge(
  client: string,
  needed: Scope,
  scopes: string | null,
): Result<Caller, "revoked" | "denied"> {
  if (scopes === null) return refused("revoked");
  const known = scopesOf(scopes);
  return allows(known, needed) ? ok({ client, scopes: known }) : refused("denied");
}

export function scopesOf(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}
