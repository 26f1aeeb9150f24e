/**
 * Clients in D1: programs that read and write by access tokens. Guarantees that a secret is stored as its hash alone,
 * and that a client has one access token at a time, however many requests ask for one.
 */
import { randomBytes } from "node:crypto";
import { and, eq, gt, isNull, lte, or, sql } from "drizzle-orm";
import { clients } from "../events/schema.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { database } from "../platform/database.ts";
import { retryOnce } from "../platform/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { MAX_CLOCK_SKEW_MS } from "../platform/timestamp.ts";
import { ACCESS_TOKEN_LIFE_MS } from "./access-token.ts";
import { parseScopes, type Scope } from "./scope.ts";

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  /** Its requests are refused since then. */
  readonly revokedAtMs?: number;
}

/** Adds a client. Its secret cannot be read again. Throws D1's error. */
export async function addClient(
  d1: D1Database,
  { name, scopes, createdAtMs }: Pick<Client, "name" | "scopes" | "createdAtMs">,
): Promise<Client & { readonly secret: string }> {
  const id = crypto.randomUUID();
  // Too many random bits to guess, so a fast hash is enough. Hexadecimal digits only: Marketo's programs send the
  // secret in the query, and Cloudflare's logs redact runs of 32 or more such digits in a URL; a prefix would keep it
  // readable.
  const secret = randomBytes(32).toString("hex");
  const row = { id, name, scopes: scopes.join(" "), secretHash: sha256Hex(secret), createdAt: createdAtMs };
  // A retry may find the row of the first attempt.
  await retryOnce(() => database(d1).insert(clients).values(row).onConflictDoNothing());
  return { id, name, scopes, createdAtMs, secret };
}

/** All clients, the oldest first. Throws D1's error. */
export async function allClients(d1: D1Database): Promise<readonly Client[]> {
  const rows = await retryOnce(() => database(d1).select().from(clients).orderBy(clients.createdAt, clients.id));
  return rows.map(({ id, name, scopes, createdAt: createdAtMs, revokedAt }) => ({
    id,
    name,
    scopes: parseScopes(scopes),
    createdAtMs,
    ...(revokedAt === null ? {} : { revokedAtMs: revokedAt }),
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
  /** When the client's present access token was issued. */
  readonly issuedAtMs: number;
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
  const secretHash = sha256Hex(secret);
  const isActive = and(eq(clients.id, id), isNull(clients.revokedAt));
  const hasNoToken = or(
    isNull(clients.tokenAt),
    lte(clients.tokenAt, nowMs - ACCESS_TOKEN_LIFE_MS),
    // Issued by a clock that was wrong, and refused everywhere.
    gt(clients.tokenAt, nowMs + MAX_CLOCK_SKEW_MS),
  );
  // One transaction, so that concurrent requests get the same token.
  const [, [client]] = await retryOnce(() =>
    db.batch([
      db
        .update(clients)
        .set({ tokenAt: nowMs })
        .where(and(isActive, eq(clients.secretHash, secretHash), hasNoToken)),
      db.select().from(clients).where(isActive),
    ]),
  );
  if (client === undefined) return refused("unknown_client");
  const { scopes, tokenAt } = client;
  if (tokenAt === null || !isSameSecret(secretHash, client.secretHash)) return refused("wrong_secret");
  return ok({ scopes: parseScopes(scopes), issuedAtMs: tokenAt });
}
