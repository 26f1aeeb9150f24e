/** The tables of the archive: which stretches of the log are in R2, and which of their events D1 decides about. */
import { sql } from "drizzle-orm";
import { blob, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Stretches of the log that are Parquet files in R2 (archive/). They do not overlap, and ascend with the log. */
export const segments = sqliteTable(
  "segments",
  {
    /** The seqs of its first and last event when it was written first; both name its object. */
    first: integer().primaryKey(),
    last: integer().notNull(),
    /** Of its object: 1, and one more each time that it is rewritten. */
    version: integer().notNull().default(1),
    /** The UTC day on which its events were recorded, as YYYY-MM-DD. */
    day: text().notNull(),
    /** Of its object, by which another object under its name is known. */
    etag: text().notNull(),
    /** How many events its object holds. */
    rows: integer().notNull(),
    /** How large its object is. */
    bytes: integer().notNull(),
    /** The earliest and latest `at` of its events, ms since 1970 UTC. */
    earliest: integer().notNull(),
    latest: integer().notNull(),
    /** When its first and last event were recorded, ms since 1970 UTC. */
    recordedFrom: integer("recorded_from").notNull(),
    recordedTo: integer("recorded_to").notNull(),
  },
  (table) => [
    // Which retention deletes, and where a period begins.
    index("segments_by_latest").on(table.latest),
    index("segments_by_recorded_to").on(table.recordedTo),
  ],
);

/**
 * Seqs of archived events that D1 decides about, whatever their segment says: it has them as they are, or not at all.
 * Events that stay in D1 for their type need no row.
 */
export const recalled = sqliteTable(
  "recalled",
  {
    seq: integer().primaryKey(),
    /** When somebody last relied on it, ms since 1970 UTC: who writes about its message may do so for minutes after. */
    usedAt: integer("used_at").notNull(),
    /** When the segment is to be rewritten at the latest, ms since 1970 UTC; null: not because of this one. */
    dueAt: integer("due_at"),
  },
  (table) => [index("recalled_by_due_at").on(table.dueAt).where(sql`${table.dueAt} IS NOT NULL`)],
);

/** One row, or none: room that the archive gives up to note a segment in a full D1 (archive/reserve.ts). */
export const reserve = sqliteTable("reserve", {
  id: integer().primaryKey(),
  bytes: blob({ mode: "buffer" }).notNull(),
});
