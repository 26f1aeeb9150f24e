/** The table of emails by campaign, beside those of schema.ts. */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Each email of each campaign: when the first and the last of its messages was sent (reports/mailings.ts). Aggregated
 * with `message_stats`; a row stays for ever, because it names nobody.
 */
export const mailings = sqliteTable(
  "mailings",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    /** ms since 1970 UTC; null while no message of it was sent to a person: only copies under a pseudonym are known. */
    firstAt: integer("first_at"),
    lastAt: integer("last_at"),
    /** Whether the first or the last message has another time now: both times are read again when they are needed. */
    isStale: integer("is_stale", { mode: "boolean" }).notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.email, table.campaign] }),
    index("mailings_by_campaign").on(table.campaign),
    index("mailings_stale").on(table.email).where(sql`${table.isStale}`),
  ],
);
