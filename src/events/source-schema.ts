/** The table of emails whose HTML is kept. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Which HTML of an email is kept in R2 (sending/source/). A row an email. */
export const emailSources = sqliteTable(
  "email_sources",
  {
    email: text().primaryKey(),
    /** SHA-256 of what was kept, in hexadecimal; null while it is written, and when nobody knows what R2 holds. */
    hash: text(),
    /** Counts up whenever somebody begins or ends to write; who finds another number was not alone. */
    version: integer().notNull(),
    /** When it was last overwritten, ms since 1970 UTC. */
    keptAt: integer("kept_at").notNull(),
    /** How often in that hour. */
    changes: integer().notNull(),
    /** Whose copy it is, which goes with them; null: a template. */
    person: text(),
  },
  (table) => [
    index("email_sources_by_kept_at").on(table.keptAt),
    index("email_sources_by_person").on(table.person).where(sql`${table.person} IS NOT NULL`),
  ],
);
