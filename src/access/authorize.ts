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

/** `forged`: no token of ours, or its client is revoked. `expired`: an hour old. `denied`: its client lacks the scope. */
export type Denial = "forged" | "expired" | "denied";

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
  if (!claims.ok) return claims;
  const { client } = claims.value;
  const text = await d1.prepare(FIND_SCOPES).bind(client).first<string>("scopes");
  if (text === null) return refused("forged");
  const scopes = scopesOf(text);
  return allows(scopes, needed) ? ok({ client, scopes }) : refused("denied");
}

/** Scopes as the log keeps them, separated by spaces. */
export function scopesOf(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}
