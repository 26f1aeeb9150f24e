/**
 * Clients in D1: programs that read and write by access tokens. Guarantees that a secret is stored as its hash alone,
 * and that a client has one access token at a time, however many requests ask for one.
 */
import { randomBytes } from "node:crypto";
import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import { clients } from "../events/schema.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { database } from "../platform/database.ts";
import { retryOnce } from "../platform/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { ACCESS_TOKEN_LIFE_MS } from "./access-token.ts";
import { parseScopes } from "./authorize.ts";
import type { Scope } from "./scope.ts";

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ms since 1970 UTC. */
  readonly createdMs: number;
  /** Its requests are refused since then; ms since 1970 UTC. */
  readonly revokedMs?: number;
}

/**
 * 32 random bytes: too many to guess, so a fast hash is enough. Hexadecimal digits only: Marketo's programs send the
 * secret in the query, and Cloudflare's logs redact runs of 32 or more such digits in a URL; a prefix would keep it
 * readable.
 */
function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** Adds a client. Its secret cannot be read again. Throws D1's error. */
export async function addClient(
  d1: D1Database,
  { name, scopes, createdMs }: Pick<Client, "name" | "scopes" | "createdMs">,
): Promise<Client & { readonly secret: string }> {
  const id = crypto.randomUUID();
  const secret = newSecret();
  const row = { id, name, scopes: scopes.join(" "), secretHash: sha256Hex(secret), createdAt: createdMs };
  // A retry may find the row of the first attempt.
  await retryOnce(() => database(d1).insert(clients).values(row).onConflictDoNothing());
  return { id, name, scopes, createdMs, secret };
}

/** All clients, the oldest first. Throws D1's error. */
export async function allClients(d1: D1Database): Promise<readonly Client[]> {
  const rows = await retryOnce(() => database(d1).select().from(clients).orderBy(clients.createdAt, clients.id));
  return rows.map(({ id, name, scopes, createdAt: createdMs, revokedAt }) => ({
    id,
    name,
    scopes: parseScopes(scopes),
    createdMs,
    ...(revokedAt === null ? {} : { revokedMs: revokedAt }),
  }));
}

/** Revokes a client; its first revocation counts. False when there is no such client. Throws D1's error. */
export async function setRevoked(d1: D1Database, id: string, nowMs: number): Promise<boolean> {
  const { meta } = await retryOnce(() =>
    database(d1)
      .update(clients)
      .set({ revokedAt: sql`coalesce(${clients.revokedAt}, ${nowMs})` })
      .where(eq(clients.id, id)),
  );
  return meta.changes > 0;
}

export interface AccessGrant {
  readonly scopes: readonly Scope[];
  /** When the client's present access token was issued; ms since 1970 UTC. */
  readonly issuedMs: number;
}

/**
 * Checks a client's secret and grants its present access token until that expires, then a new one. A revoked client
 * counts as unknown.
 * @throws D1's error
 */
export async function grantAccess(
  d1: D1Database,
  id: string,
  secret: string,
  nowMs: number,
): Promise<Result<AccessGrant, "unknown_client" | "wrong_secret">> {
  const db = database(d1);
  const find = () =>
    db
      .select()
      .from(clients)
      .where(and(eq(clients.id, id), isNull(clients.revokedAt)));
  const [client] = await retryOnce(find);
  if (client === undefined) return refused("unknown_client");
  if (!isSameSecret(sha256Hex(secret), client.secretHash)) return refused("wrong_secret");
  const scopes = parseScopes(client.scopes);
  const expiredMs = nowMs - ACCESS_TOKEN_LIFE_MS;
  if (client.tokenAt !== null && client.tokenAt > expiredMs) return ok({ scopes, issuedMs: client.tokenAt });
  // Concurrent requests get the same token: the second finds what the first has written.
  const issue = () =>
    db
      .update(clients)
      .set({ tokenAt: nowMs })
      .where(and(eq(clients.id, id), or(isNull(clients.tokenAt), lte(clients.tokenAt, expiredMs))));
  const [, [issued]] = await retryOnce(() => db.batch([issue(), find()]));
  return typeof issued?.tokenAt === "number" ? ok({ scopes, issuedMs: issued.tokenAt }) : refused("unknown_client");
}
