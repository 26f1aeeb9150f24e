/** The tables of who may call: programs, and the sessions of the dashboard. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** API clients with access tokens (`POST /v1/clients`). */
export const clients = sqliteTable("clients", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** "read", "pii", "send", "admin", separated by spaces. */
  scopes: text().notNull(),
  /** SHA-256 of the secret, in hexadecimal: 32 random bytes need no slow hash. */
  secretHash: text("secret_hash").notNull(),
  /** ms since 1970 UTC. */
  createdAt: integer("created_at").notNull(),
  revokedAt: integer("revoked_at"),
  /** When the current access token was issued, which is returned until it expires; ms since 1970 UTC. */
  tokenAt: integer("token_at"),
});

/** Who is signed in to the dashboard (src/access/sessions.ts). A row goes once it has expired. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    /** Whom it is for: one of API_KEYS, a client, or a user of Cloudflare Access. */
    kind: text({ enum: ["key", "client", "access"] }).notNull(),
    /** The key's SHA-256 in hexadecimal, the client's id, or the user's address in lower case. */
    holder: text().notNull(),
    /** As in `clients`. */
    scopes: text().notNull(),
    /** ms since 1970 UTC. */
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    /** When its holder signed out, ms since 1970 UTC; null: not yet. */
    revokedAt: integer("revoked_at"),
  },
  (table) => [index("sessions_by_expiry").on(table.expiresAt)],
);

/** When a user of Cloudflare Access signed out everywhere: assertions issued until then are refused. */
export const accessSignOuts = sqliteTable("access_sign_outs", {
  /** As the `holder` of their sessions. */
  address: text().primaryKey(),
  /** ms since 1970 UTC. */
  at: integer().notNull(),
});
