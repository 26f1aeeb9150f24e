/** The tables of erasure and retention: what they are doing, and how far they are. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Requested erasures (privacy/). Whom they erase is in them until they are done. */
export const erasures = sqliteTable(
  "erasures",
  {
    /** Random, or made of a random key. */
    id: text().primaryKey(),
    /** ms since 1970 UTC. */
    requestedAt: integer("requested_at").notNull(),
    /** As in `people`; null when a person was named, and when it is done. */
    address: text(),
    /** Who is worked on, and the pseudonym that replaces them; without one they stay, and only the address goes. */
    person: text(),
    pseudonym: text(),
    /** The person's events are done up to here. */
    seq: integer().notNull().default(0),
    /** How many events it has changed. */
    events: integer().notNull().default(0),
    /** ms since 1970 UTC. */
    doneAt: integer("done_at"),
    /** The id of the latest batch: one that was read before it is not written any more; null before the first. */
    batch: text(),
  },
  (table) => [index("erasures_to_do").on(table.requestedAt).where(sql`${table.doneAt} IS NULL`)],
);

/** One row at most: how far the day's round of retention is (privacy/retention.ts). */
export const retention = sqliteTable("retention", {
  /** Older events are deleted; ms since 1970 UTC. */
  before: integer().primaryKey(),
  stage: text({ enum: ["sends", "retries", "events", "messages", "unaggregated", "done"] }).notNull(),
  /** JSON: the last key that the stage has read; null at its beginning. */
  cursor: text(),
  /** Events up to this seq were in the log at `endAt` of a round half a day before, at least. */
  waitedSeq: integer("waited_seq").notNull(),
  /** The last seq of the log at `endAt`. */
  endSeq: integer("end_seq").notNull(),
  /** ms since 1970 UTC. */
  endAt: integer("end_at").notNull(),
  /** The last seq of an event that was deleted because it was old: a reader behind it may have missed events. */
  deletedSeq: integer("deleted_seq").notNull().default(0),
});
