/** The table of emails by campaign, beside those of schema.ts. */
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Each email of each campaign: when the first and the last of its messages was sent, by `message_stats.since`.
 * Aggregated with `message_stats`. What erasure and retention leave out of that stays: it names nobody.
 */
export const mailings = sqliteTable(
  "mailings",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    /** ms since 1970 UTC. */
    firstAt: integer("first_at").notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.email, table.campaign] })],
);
