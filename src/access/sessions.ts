/**
 * Sessions of the dashboard: who has signed in, with which scopes, until when. Guarantees that a session's token is
 * accepted no longer than its holder would be: not once it has expired or was signed out, nor once its API key is
 * taken out of API_KEYS, its client is revoked or has lost a scope, or Cloudflare Access is no longer set up. Who signs
 * out everywhere ends every session that there is or could be begun with what there was. A token that is forged or
 * expired costs no read of D1.
 */
import { scopesOfUser } from "../config/access-scopes.ts";
import { accessSignOuts, clients, sessions } from "../events/session-schema.ts";
import { configured } from "../http/configured.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { DAY_MS, HOUR_MS } from "../platform/durations.ts";
import { retryOnce } from "../platform/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, namedAs, type Sql, sql } from "../platform/sql.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";
import type { AccessUser } from "./cloudflare-access.ts";
import { parseScopes, SCOPES, type Scope } from "./scope.ts";

export const SESSION_LIFE_MS = 12 * HOUR_MS;

/** How long a sign-out is kept: longer than the month that an assertion of Cloudflare Access lasts at most. */
const SIGN_OUT_LIFE_MS = 32 * DAY_MS;
/** How many rows that have expired are deleted at once. */
const ROWS_AT_A_TIME = 500;

type SessionRow = typeof sessions.$inferSelect;

/** Whom a session is for. */
export interface SessionHolder {
  readonly kind: SessionRow["kind"];
  /** The SHA-256 of an API key in hexadecimal, a client's id, or the address of a user of Cloudflare Access. */
  readonly holder: string;
}

export interface Session extends SessionHolder {
  readonly id: string;
  /** For people to read: "API key", the client's name, or the user's address. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** `forged`: not a token of a session. `expired`: 12 hours old. `over`: signed out, or its holder may no longer. */
export type SessionDenial = "forged" | "expired" | "over";

/** The holder of one of API_KEYS; undefined when it is none. Takes the same time for every text. */
export function keyHolder(env: Env, presented: string): SessionHolder | undefined {
  const matching = configured(env).apiKeys.filter((key) => isSameSecret(presented, key));
  return matching.length === 0 ? undefined : { kind: "key", holder: sha256Hex(presented) };
}

/**
 * Begins a session of 12 hours, and returns its token.
 * @throws D1's error
 */
export async function beginSession(
  env: Env,
  holder: SessionHolder,
  scopes: readonly Scope[],
  nowMs: number,
): Promise<string> {
  const id = crypto.randomUUID();
  const expiresAtMs = nowMs + SESSION_LIFE_MS;
  await addSession(env.DB, { id, ...holder, scopes: scopes.join(" "), createdAt: nowMs, expiresAt: expiresAtMs });
  return signSession(env, id, expiresAtMs);
}

/**
 * The token of the session that an assertion of Cloudflare Access is: begun with the first request that carries it,
 * over when the assertion expires. Its token is for the request alone.
 * @throws D1's error
 */
export async function accessSession(
  env: Env,
  assertion: string,
  { address, issuedAtMs, expiresAtMs }: AccessUser,
  nowMs: number,
): Promise<Result<Session & { readonly token: string }, SessionDenial>> {
  const id = sha256Hex(assertion);
  const token = signSession(env, id, Math.min(expiresAtMs, nowMs + SESSION_LIFE_MS));
  const known = await findSession(env, token, nowMs);
  if (known.ok) return ok({ ...known.value, token });
  // What users of Access may do, ACCESS_SCOPES say each time.
  const session = {
    id,
    kind: "access",
    holder: address,
    scopes: "",
    createdAt: nowMs,
    expiresAt: expiresAtMs,
  } as const;
  // One that was signed out stays as it is; one that was there when its user signed out everywhere begins signed out.
  const signedOut = sql`SELECT ${accessSignOuts.at} FROM ${accessSignOuts}
    WHERE ${accessSignOuts.address} = ${address} AND ${accessSignOuts.at} >= ${issuedAtMs}`;
  await addSession(env.DB, session, signedOut);
  const begun = await findSession(env, token, nowMs);
  return begun.ok ? ok({ ...begun.value, token }) : begun;
}

/**
 * Adds a session, unless its id is known: a retry may find the row of the first attempt.
 * @param signedOut a query for when its holder signed out of it; null or no row: not yet
 */
async function addSession(
  d1: D1Database,
  row: Omit<SessionRow, "revokedAt">,
  signedOut: Sql = sql`SELECT NULL`,
): Promise<void> {
  const { id, kind, holder, scopes, createdAt, expiresAt, revokedAt } = sessions;
  const names = columnNames(id, kind, holder, scopes, createdAt, expiresAt, revokedAt);
  const insertion = sql`INSERT INTO ${sessions} (${names})
    VALUES (${row.id}, ${row.kind}, ${row.holder}, ${row.scopes}, ${row.createdAt}, ${row.expiresAt}, (${signedOut}))
    ON CONFLICT DO NOTHING`;
  await retryOnce(() => insertion.prepare(d1).run());
}

function signSession(env: Env, id: string, expiresAtMs: number): string {
  return signText(configured(env).tokenKeys, "session", `${expiresAtMs} ${id}`);
}

interface FoundSession extends Pick<SessionRow, "kind" | "holder" | "scopes" | "expiresAt" | "revokedAt"> {
  /** Null: it is no session of a client, or the client is revoked. */
  readonly clientName: string | null;
  readonly clientScopes: string | null;
}

/**
 * The session of a token.
 * @throws D1's error
 */
export async function findSession(env: Env, token: string, nowMs: number): Promise<Result<Session, SessionDenial>> {
  const verified = verifyText(configured(env).tokenKeys, "session", token);
  if (!verified.ok) return verified;
  const [expires = "", id = ""] = verified.value.split(" ");
  if (nowMs >= Number(expires)) return refused("expired");
  const { kind, holder, scopes, expiresAt, revokedAt } = sessions;
  const wanted = { kind, holder, scopes, expiresAt, revokedAt, clientName: clients.name, clientScopes: clients.scopes };
  const isOfClient = sql`${kind} = 'client' AND ${clients.id} = ${holder} AND ${clients.revokedAt} IS NULL`;
  const query = sql`SELECT ${namedAs<FoundSession>(wanted)} FROM ${sessions} LEFT JOIN ${clients} ON ${isOfClient}
    WHERE ${sessions.id} = ${id}`;
  const found = await retryOnce(() => query.prepare(env.DB).first<FoundSession>());
  if (found === null || found.revokedAt !== null || nowMs >= found.expiresAt) return refused("over");
  const may = holderOf(env, found);
  if (may === undefined) return refused("over");
  const granted = found.kind === "access" ? may.scopes : parseScopes(found.scopes);
  if (!granted.every((scope) => may.scopes.includes(scope))) return refused("over");
  return ok({ id, kind: found.kind, holder: found.holder, name: may.name, scopes: granted });
}

/** What the holder of a session may do now; undefined when it is no longer known. */
function holderOf(env: Env, found: FoundSession): Pick<Session, "name" | "scopes"> | undefined {
  const { apiKeys, cloudflareAccess } = configured(env);
  if (found.kind === "key") {
    const isKnown = apiKeys.some((key) => sha256Hex(key) === found.holder);
    return isKnown ? { name: "API key", scopes: SCOPES } : undefined;
  }
  if (found.kind === "access") {
    if (cloudflareAccess === undefined) return undefined;
    return { name: found.holder, scopes: scopesOfUser(cloudflareAccess.scopes, found.holder) };
  }
  if (found.clientName === null || found.clientScopes === null) return undefined;
  return { name: found.clientName, scopes: parseScopes(found.clientScopes) };
}

/** Signs one session out. Throws D1's error. */
export async function endSession(d1: D1Database, { id }: Pick<Session, "id">, nowMs: number): Promise<void> {
  const update = sql`UPDATE ${sessions} SET ${assign(sessions, { revokedAt: nowMs })} WHERE ${sessions.id} = ${id}`;
  await retryOnce(() => update.prepare(d1).run());
}

/**
 * Signs all sessions of holders out together, wherever they are, and of a user of Cloudflare Access those that another
 * assertion of theirs would begin: each browser has its own, and this Worker may not have seen it yet. Throws D1's
 * error.
 */
export async function endSessionsOf(d1: D1Database, holders: readonly SessionHolder[], nowMs: number): Promise<void> {
  const statements = holders.flatMap((holder) => endingSessionsOf(holder, nowMs));
  if (statements.length > 0) await retryOnce(() => d1.batch(statements.map((statement) => statement.prepare(d1))));
}

function endingSessionsOf({ kind, holder }: SessionHolder, nowMs: number): readonly Sql[] {
  const isOfHolder = sql`${sessions.kind} = ${kind} AND ${sessions.holder} = ${holder}`;
  const update = sql`UPDATE ${sessions} SET ${assign(sessions, { revokedAt: nowMs })} WHERE ${isOfHolder}`;
  const { address, at } = accessSignOuts;
  const signOut = sql`INSERT INTO ${accessSignOuts} (${columnNames(address, at)}) VALUES (${holder}, ${nowMs})
    ON CONFLICT DO UPDATE SET ${assign(accessSignOuts, { at: nowMs })}`;
  return kind === "access" ? [signOut, update] : [update];
}

/** Deletes some of the sessions that have expired, and sign-outs that no assertion is as old as. Throws D1's error. */
export async function deleteExpiredSessions(d1: D1Database, nowMs: number): Promise<void> {
  const { id, expiresAt } = sessions;
  const old = sql`SELECT ${id} FROM ${sessions} WHERE ${expiresAt} <= ${nowMs} ORDER BY ${expiresAt}
    LIMIT ${ROWS_AT_A_TIME}`;
  const oldSignOut = sql`${accessSignOuts.at} < ${nowMs - SIGN_OUT_LIFE_MS}`;
  await d1.batch([
    sql`DELETE FROM ${sessions} WHERE ${id} IN (${old})`.prepare(d1),
    sql`DELETE FROM ${accessSignOuts} WHERE ${oldSignOut}`.prepare(d1),
  ]);
}
