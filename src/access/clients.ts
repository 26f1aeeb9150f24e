/**
 * Clients in D1: programs that read and write by access tokens. Guarantees that a secret is stored as its hash alone,
 * and that a client has one access token at a time, however many requests ask for one.
 */
import { randomBytes } from "node:crypto";
import { clients } from "../events/session-schema.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { retryOnce } from "../platform/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, everyColumn, runBatch, sql } from "../platform/sql.ts";
import { MAX_CLOCK_SKEW_MS } from "../platform/timestamp.ts";
import { ACCESS_TOKEN_LIFE_MS } from "./access-token.ts";
import { parseScopes, type Scope } from "./scope.ts";

type ClientRow = typeof clients.$inferSelect;

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
  const columns = columnNames(clients.id, clients.name, clients.scopes, clients.secretHash, clients.createdAt);
  // A retry may find the row of the first attempt.
  const insertion = sql`INSERT INTO ${clients} (${columns})
    VALUES (${id}, ${name}, ${scopes.join(" ")}, ${sha256Hex(secret)}, ${createdAtMs}) ON CONFLICT DO NOTHING`;
  await retryOnce(() => insertion.prepare(d1).run());
  return { id, name, scopes, createdAtMs, secret };
}

/** The oldest first, those behind `after`. Throws D1's error. */
export async function clientsAfter(
  d1: D1Database,
  after: Pick<Client, "createdAtMs" | "id"> | undefined,
  limit: number,
): Promise<readonly Client[]> {
  const key = sql`(${clients.createdAt}, ${clients.id})`;
  const isAfter = after === undefined ? sql`true` : sql`${key} > (${after.createdAtMs}, ${after.id})`;
  const query = sql`SELECT ${everyColumn(clients)} FROM ${clients} WHERE ${isAfter}
    ORDER BY ${clients.createdAt}, ${clients.id} LIMIT ${limit}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<ClientRow>());
  return results.map(({ id, name, scopes, createdAt: createdAtMs, revokedAt }) => ({
    id,
    name,
    scopes: parseScopes(scopes),
    createdAtMs,
    ...(revokedAt === null ? {} : { revokedAtMs: revokedAt }),
  }));
}

/** Revokes a client; its first revocation counts. False when there is no such client. Throws D1's error. */
export async function setRevoked(d1: D1Database, id: string, nowMs: number): Promise<boolean> {
  const revoked = assign(clients, { revokedAt: sql`coalesce(${clients.revokedAt}, ${nowMs})` });
  const update = sql`UPDATE ${clients} SET ${revoked} WHERE ${clients.id} = ${id}`;
  const { meta } = await retryOnce(() => update.prepare(d1).run());
  return meta.changes > 0;
}

/** What a client may do whose secret this is. A revoked client counts as unknown. Throws D1's error. */
export async function checkSecret(
  d1: D1Database,
  id: string,
  secret: string,
): Promise<Result<readonly Scope[], "unknown_client" | "wrong_secret">> {
  const isActive = sql`${clients.id} = ${id} AND ${clients.revokedAt} IS NULL`;
  const query = sql`SELECT ${everyColumn(clients)} FROM ${clients} WHERE ${isActive}`;
  const client = await retryOnce(() => query.prepare(d1).first<ClientRow>());
  if (client === null) return refused("unknown_client");
  return isSameSecret(sha256Hex(secret), client.secretHash) ? ok(parseScopes(client.scopes)) : refused("wrong_secret");
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
  const secretHash = sha256Hex(secret);
  const isActive = sql`${clients.id} = ${id} AND ${clients.revokedAt} IS NULL`;
  // Also one that was issued by a clock that was wrong: it is refused everywhere.
  const hasNoToken = sql`(${clients.tokenAt} IS NULL OR ${clients.tokenAt} <= ${nowMs - ACCESS_TOKEN_LIFE_MS}
    OR ${clients.tokenAt} > ${nowMs + MAX_CLOCK_SKEW_MS})`;
  // One transaction, so that concurrent requests get the same token.
  const [, found] = await retryOnce(() =>
    runBatch<ClientRow>(d1, [
      sql`UPDATE ${clients} SET ${assign(clients, { tokenAt: nowMs })}
        WHERE ${isActive} AND ${clients.secretHash} = ${secretHash} AND ${hasNoToken}`,
      sql`SELECT ${everyColumn(clients)} FROM ${clients} WHERE ${isActive}`,
    ]),
  );
  const client = found?.results[0];
  if (client === undefined) return refused("unknown_client");
  const { scopes, tokenAt } = client;
  if (tokenAt === null || !isSameSecret(secretHash, client.secretHash)) return refused("wrong_secret");
  return ok({ scopes: parseScopes(scopes), issuedAtMs: tokenAt });
}
