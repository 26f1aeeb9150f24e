/**
 * Clients in D1: programs that read and write by access tokens. Guarantees that a secret is stored as its hash alone, and that one
 * client has one access token at a time, whoever asks how often.
 */
import { randomBytes } from "node:crypto";
import { isSameSecret } from "../platform/constant-time.ts";
import { retryOnce } from "../platform/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { ACCESS_TOKEN_LIFE_MS } from "./access-token.ts";
import { scopesOf } from "./authorize.ts";
import type { Scope } from "./scope.ts";

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ms since 1970 UTC. */
  readonly createdMs: number;
  /** From then on it is let in no more; ms since 1970 UTC. */
  readonly revokedMs?: number;
}

/**
 * 32 random bytes: nobody guesses it, so that a hash that is fast to make is enough. Nothing but hexadecimal digits, because Marketo's
 * programs send it in the query, and Cloudflare's logs leave out of a URL what are 32 of them or more: with a prefix they would keep it.
 */
function newSecret(): string {
  return randomBytes(32).toString("hex");
}

function hashOf(secret: string): string {
  return sha256Hex(secret);
}

// Told again, it is the row that stands there.
const INSERT =
  "INSERT INTO clients (id, name, scopes, secret_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING";

/** A new client, and its secret, which nobody can read again. Throws D1's error. */
export async function addClient(
  d1: D1Database,
  { name, scopes, createdMs }: Pick<Client, "name" | "scopes" | "createdMs">,
): Promise<Client & { readonly secret: string }> {
  const id = crypto.randomUUID();
  const secret = newSecret();
  const insert = d1.prepare(INSERT).bind(id, name, scopes.join(" "), hashOf(secret), createdMs);
  await retryOnce(() => insert.run());
  return { id, name, scopes, createdMs, secret };
}

interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
}

/** All of them, the oldest first. Throws D1's error. */
export async function allClients(d1: D1Database): Promise<readonly Client[]> {
  const query = "SELECT id, name, scopes, created_at, revoked_at FROM clients ORDER BY created_at, id";
  const { results } = await retryOnce(() => d1.prepare(query).all<ClientRow>());
  return results.map(({ id, name, scopes, created_at: createdMs, revoked_at }) => ({
    id,
    name,
    scopes: scopesOf(scopes),
    createdMs,
    ...(revoked_at === null ? {} : { revokedMs: revoked_at }),
  }));
}

/** False when there is no such client. Revoking again changes nothing. Throws D1's error. */
export async function revokeClient(d1: D1Database, id: string, nowMs: number): Promise<boolean> {
  const revoke = "UPDATE clients SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
  const { meta } = await retryOnce(() => d1.prepare(revoke).bind(id, nowMs).run());
  return meta.changes > 0;
}

export interface Grant {
  readonly scopes: readonly Scope[];
  /** When the access token was issued that the client has now; ms since 1970 UTC. */
  readonly issuedMs: number;
}

interface GrantRow {
  readonly scopes: string;
  readonly secret_hash: string;
  readonly token_at: number | null;
}

const GRANT = "SELECT scopes, secret_hash, token_at FROM clients WHERE id = ?1 AND revoked_at IS NULL";
const ISSUE = "UPDATE clients SET token_at = ?2 WHERE id = ?1 AND coalesce(token_at, 0) <= ?3";

/**
 * What a client with this secret is granted: the token it has until that expires, then a new one. A revoked client is an unknown
 * one. Throws D1's error.
 */
export async function grant(
  d1: D1Database,
  id: string,
  secret: string,
  nowMs: number,
): Promise<Result<Grant, "unknown_client" | "wrong_secret">> {
  const read = d1.prepare(GRANT).bind(id);
  const client = await retryOnce(() => read.first<GrantRow>());
  if (client === null) return refused("unknown_client");
  if (!isSameSecret(hashOf(secret), client.secret_hash)) return refused("wrong_secret");
  const scopes = scopesOf(client.scopes);
  const expiredMs = nowMs - ACCESS_TOKEN_LIFE_MS;
  if (client.token_at !== null && client.token_at > expiredMs)
    return ok({ scopes, issuedMs: client.token_at });
  // Two that come at once get the same: the second finds what the first has written.
  const issue = d1.prepare(ISSUE).bind(id, nowMs, expiredMs);
  const results = await retryOnce(() => d1.batch<GrantRow>([issue, read]));
  const issuedMs = results.at(-1)?.results[0]?.token_at;
  return typeof issuedMs === "number" ? ok({ scopes, issuedMs }) : refused("unknown_client");
}
