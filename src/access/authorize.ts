/**
 * Whether a client may do something. Guarantees that a revoked client is refused from its next call on: each call
 * reads a row of D1.
 */
import { clients } from "../events/schema.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sql } from "../platform/sql.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type AccessClaims, verifyAccessToken } from "./access-token.ts";
import { allows, SCOPES, type Scope } from "./scope.ts";

/**
 * Why a token or its client is refused. `forged`: not a token of ours. `expired`: an hour old. `revoked`: the client
 * is revoked or unknown. `denied`: the client lacks the scope.
 */
export type AccessDenial = "forged" | "expired" | "revoked" | "denied";

/**
 * Checks an access token and its client.
 * @param needed the scope; without one, every genuine token passes
 * @throws D1's error
 */
export async function checkAccess(
  token: string,
  needed: Scope | undefined,
  { keys, d1, nowMs }: { readonly keys: TokenKeys; readonly d1: D1Database; readonly nowMs: number },
): Promise<Result<AccessClaims, AccessDenial>> {
  const claims = verifyAccessToken(keys, token, nowMs);
  if (!claims.ok || needed === undefined) return claims;
  const scopes = await checkClient(d1, claims.value.client, needed);
  return scopes.ok ? claims : scopes;
}

/** Checks a client whose token was verified. Throws D1's error. */
export async function checkClient(
  d1: D1Database,
  client: string,
  needed: Scope,
): Promise<Result<readonly Scope[], AccessDenial>> {
  const { results } = await findScopes(d1, client).all<StoredScopes>();
  return checkScopes(results, needed);
}

/** A row that `findScopes` finds. */
export interface StoredScopes {
  /** Separated by spaces. */
  readonly scopes: string;
}

/** The statement that finds the scopes of a client: one row, or none when it is unknown or revoked. */
export function findScopes(d1: D1Database, client: string): D1PreparedStatement {
  return sql`SELECT ${clients.scopes} FROM ${clients}
    WHERE ${clients.id} = ${client} AND ${clients.revokedAt} IS NULL`.prepare(d1);
}

/** @param found what `findScopes` found */
export function checkScopes([found]: readonly StoredScopes[], needed: Scope): Result<readonly Scope[], AccessDenial> {
  if (found === undefined) return refused("revoked");
  const scopes = parseScopes(found.scopes);
  return allows(scopes, needed) ? ok(scopes) : refused("denied");
}

/** @param text scopes as D1 holds them, separated by spaces */
export function parseScopes(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}
