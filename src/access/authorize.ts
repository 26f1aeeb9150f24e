/**
 * Whether a client may do something. Guarantees that a revoked client is refused from its next call on: each call
 * reads a row of D1.
 */
import { clients } from "../events/session-schema.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { allows, parseScopes, type Scope } from "./scope.ts";

/**
 * Why a token or its client is refused. `forged`: not a token of ours. `expired`: an hour old. `revoked`: the client
 * is revoked or unknown. `denied`: the client lacks the scope.
 */
export type AccessDenial = "forged" | "expired" | "revoked" | "denied";

/** Checks a client whose token was verified. Throws D1's error. */
export async function checkClient(
  d1: D1Database,
  client: string,
  needed: Scope,
): Promise<Result<readonly Scope[], AccessDenial>> {
  const { results } = await findScopes(client).prepare(d1).all<StoredScopes>();
  return checkScopes(results, needed);
}

/** What a client whose token was verified may do. Throws D1's error. */
export async function scopesOfClient(d1: D1Database, client: string): Promise<Result<readonly Scope[], "revoked">> {
  const found = await findScopes(client).prepare(d1).first<StoredScopes>();
  return found === null ? refused("revoked") : ok(parseScopes(found.scopes));
}

/** A row that `findScopes` finds. */
export interface StoredScopes {
  /** Separated by spaces. */
  readonly scopes: string;
}

/** The statement that finds the scopes of a client: one row, or none when it is unknown or revoked. */
export function findScopes(client: string): Sql {
  return sql`SELECT ${clients.scopes} FROM ${clients} WHERE ${clients.id} = ${client} AND ${clients.revokedAt} IS NULL`;
}

/** @param found what `findScopes` found */
export function checkScopes([found]: readonly StoredScopes[], needed: Scope): Result<readonly Scope[], AccessDenial> {
  if (found === undefined) return refused("revoked");
  const scopes = parseScopes(found.scopes);
  return allows(scopes, needed) ? ok(scopes) : refused("denied");
}
