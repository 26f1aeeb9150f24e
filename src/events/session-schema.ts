/** The tables of the sessions of the dashboard. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

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
