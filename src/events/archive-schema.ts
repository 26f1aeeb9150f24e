/** The tables of the archive: which stretches of the log are in R2, and which of their events D1 decides about. */
import { sql } from "drizzle-orm";
import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Stretches of the log that are Parquet files in R2 (archive/). They do not overlap, and ascend with the log. */
export const segments = sqliteTable(
  "segments",
  {
    /** The seqs of its first and last event when it was written first; both name its object. */
    first: integer().primaryKey(),
    last: integer().notNull(),
    /** As in `message_files`: D1, restored to an earlier time, gives the seqs to other events. */
    fileToken: text("file_token").notNull(),
    /** The version of its object: 1, and one more each time that it is rewritten. */
    version: integer().notNull().default(1),
    /** As in `message_files`. */
    token: text().notNull(),
    /** The UTC day on which its events were recorded, as YYYY-MM-DD. */
    day: text().notNull(),
    /** The etag of its object, by which another object under its name is known. */
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
    /** D1 was restored to the time of this version, of which the object is a later one; null: it is the noted one's. */
    restoredTo: integer("restored_to"),
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
    /** When somebody last relied on it, ms since 1970 UTC: a writer about its message may need it for minutes after. */
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

/** Parquet files in R2 that hold rows of `message_stats`: of messages to which nothing has happened for long. */
export const messageFiles = sqliteTable("message_files", {
  /** Ascends, and is given once, but where D1 was restored to an earlier time; begins the name of its object. */
  id: integer().primaryKey({ autoIncrement: true }),
  /** In the names of all of its versions: random, so that no object of another file that had its id is taken for it. */
  fileToken: text("file_token").notNull(),
  /** The version of its object: 1, and one more each time that it is rewritten. */
  version: integer().notNull().default(1),
  /** Ends the name of its object: random, so that of two who write a version at once neither overwrites the other's. */
  token: text().notNull(),
  /** The etag of its object, by which another object under its name is known. */
  etag: text().notNull(),
  /** How many messages its object holds. */
  rows: integer().notNull(),
  /** How large its object is. */
  bytes: integer().notNull(),
  /** The lowest and the highest id of its emails, in the order of texts. */
  firstEmail: text("first_email").notNull(),
  lastEmail: text("last_email").notNull(),
  /** The lowest of the last seqs of its messages that have any: below it none has an event. */
  oldestSeq: integer("oldest_seq").notNull(),
  /**
   * Its object holds messages that have left the file. Those that left it in a later version than this one are in it
   * all the same: D1 was restored to that version's time. Null: none is.
   */
  restoredTo: integer("restored_to"),
  /** When the first of those that have left it may leave its object, too, ms since 1970 UTC; null: there is none. */
  dropAt: integer("drop_at"),
  /** How many rows of `message_filters` it has. */
  chunks: integer().notNull(),
});

/** A Bloom filter for each file, on its messages and their persons, in chunks (archive/messages/message-filter.ts). */
export const messageFilters = sqliteTable(
  "message_filters",
  {
    file: integer().notNull(),
    /** From 0 on. */
    chunk: integer().notNull(),
    bits: blob({ mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.file, table.chunk] })],
);

/** Messages whose rows came back into D1 from a file: D1 decides about them until the file is rewritten. */
export const recalledMessages = sqliteTable(
  "recalled_messages",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    person: text().notNull(),
    /** The id of the file. */
    file: integer().notNull(),
    /** As in `recalled`; ms since 1970 UTC. */
    usedAt: integer("used_at").notNull(),
    dueAt: integer("due_at").notNull(),
    /** Whether all messages of the person that the file has came back. */
    isWhole: integer("is_whole", { mode: "boolean" }).notNull().default(false),
    /** Whether it was erased since: a row that D1 has of the same names is of later events. */
    isErased: integer("is_erased", { mode: "boolean" }).notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.email, table.campaign, table.person, table.file] }),
    index("recalled_messages_by_file").on(table.file, table.person),
  ],
);

/** Counts of the messages in files, by email, campaign, UTC day and flags. */
export const dayTotals = sqliteTable(
  "day_totals",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    /** Noon of the UTC day on which they were sent, ms since 1970 UTC. */
    at: integer().notNull(),
    /** As in `message_stats`. */
    flags: integer().notNull(),
    messages: integer().notNull(),
    botClicks: integer("bot_clicks").notNull(),
    /** The earliest and the latest time at which one of them was sent, ms since 1970 UTC. */
    firstAt: integer("first_at").notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.email, table.campaign, table.at, table.flags] })],
);

/** Clicks on links by the messages in files, by email, campaign, UTC day and link. */
export const linkTotals = sqliteTable(
  "link_totals",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    /** As in `day_totals`. */
    at: integer().notNull(),
    /** The link's id; "" for all links but honeypots together. */
    link: text().notNull(),
    /** Clicks of people, and of bots. */
    clicks: integer().notNull(),
    botClicks: integer("bot_clicks").notNull(),
    /** Messages from which a person clicked, and those from which only bots did. */
    people: integer().notNull(),
    botPeople: integer("bot_people").notNull(),
  },
  (table) => [primaryKey({ columns: [table.email, table.campaign, table.at, table.link] })],
);

/** One row, once a scan of `message_stats` has begun: how far it is. */
export const messageScan = sqliteTable("message_scan", {
  /** ms since 1970 UTC. */
  startedAt: integer("started_at").primaryKey(),
  /** JSON array: email, campaign and person of the last message that was looked at; null: the scan has ended. */
  cursor: text(),
});

/** Objects that R2 does not have as `segments` and `message_files` note them (archive/lost.ts). */
export const lostFiles = sqliteTable("lost_files", {
  /** The object's name. */
  key: text().primaryKey(),
  /** When somebody first missed it, ms since 1970 UTC. */
  since: integer().notNull(),
});
