/**
 * The log's tables in D1. `npm run db:generate` writes migrations/ from this file, and what the log reads has its types; it is
 * not part of the Worker, where drizzle's query builder would be a sixth of the bundle.
 *
 * `events` has two B-trees: the rows by `place`, the reader's cursor, and the unique `id`, the writer's idempotency. Each
 * costs one written row an event; every further index would cost one more. AUTOINCREMENT, because a place must never be
 * given twice, not even after the newest rows were erased.
 */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const events = sqliteTable("events", {
  /** Ascends in the order of recording. Has gaps: a refused duplicate may use one up. */
  place: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull().unique(),
  /** One of EVENT_TYPE_IDS. */
  type: integer().notNull(),
  /** When it happened, ms since 1970 UTC. */
  at: integer().notNull(),
  email: text().notNull(),
  person: text().notNull(),
  campaign: text().notNull(),
  send: text(),
  linkId: text("link_id"),
  link: text(),
  userAgent: text("user_agent"),
  isBot: integer("is_bot", { mode: "boolean" }).notNull().default(false),
  botPattern: text("bot_pattern"),
  /** JSON object: what only one type carries (Unsubscribed: cause, clientIp, referrer, query, formFields). */
  detail: text({ mode: "json" }).$type<Record<string, unknown>>(),
});

/** What the sender told of a person. Addresses stand here alone, never in a token. */
export const people = sqliteTable(
  "people",
  {
    person: text().primaryKey(),
    /** Trimmed and in lower case. */
    address: text().notNull(),
  },
  (table) => [index("people_by_address").on(table.address)],
);

/** The names that the sender gave emails and campaigns. */
export const names = sqliteTable(
  "names",
  {
    kind: text({ enum: ["email", "campaign"] }).notNull(),
    id: text().notNull(),
    name: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
);

/**
 * Who must not be mailed. An address's row decides (it outlives the person's record); a person's row says that this
 * person's Unsubscribed stands in the log, and decides while no address is known.
 */
export const suppressions = sqliteTable(
  "suppressions",
  {
    /** "address:<address>" or "person:<id>". */
    subject: text().notNull(),
    reason: text({ enum: ["unsubscribed"] }).notNull(),
    /** ms since 1970 UTC. */
    since: integer().notNull(),
    cause: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.subject, table.reason] })],
);
