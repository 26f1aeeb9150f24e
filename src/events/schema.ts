/**
 * The log's tables in D1. `npm run db:generate` writes migrations/ from this file, and what the log reads has its
 * types; it is not part of the Worker, where drizzle's query builder would be a sixth of the bundle.
 *
 * `events` has two B-trees: the rows by `place`, the reader's cursor, and the unique `id`, the writer's idempotency.
 * Each costs one written row an event; every further index would cost one more. AUTOINCREMENT, because a place must
 * never be given twice, not even after the newest rows were erased.
 */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const events = sqliteTable("events", {
  /** Ascends in the order of recording. Has gaps: a refused duplicate may use one up. */
  seq: integer().primaryKey({ autoIncrement: true }),
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
 * person's Unsubscribed stands in the log, and decides while no address is known. Those of people who were erased stand
 * under the hash of their subject (log/subject.ts).
 */
export const suppressions = sqliteTable(
  "suppressions",
  {
    /** "address:<address>" or "person:<id>", or "sha256:" and the hash of it. */
    subject: text().notNull(),
    reason: text({ enum: ["unsubscribed", "invalid", "blocked"] }).notNull(),
    /** ms since 1970 UTC. */
    since: integer().notNull(),
    /** For people and operators to read: "form", "one_click", "complaint", "erased", or what the mail server said. */
    cause: text().notNull(),
    /** ms since 1970 UTC; null: for ever. */
    until: integer(),
    /** The id of the Unsubscribed or Hard Bounced behind it; null when that is no longer in the log. */
    event: text(),
  },
  // By event, because an event that leaves the log must leave its suppression, too.
  (table) => [
    primaryKey({ columns: [table.subject, table.reason] }),
    index("suppressions_by_event").on(table.event),
  ],
);

/**
 * Sends that bounced softly, each with its schedule of retries. One row a send, for ever: a late soft bounce starts no
 * second schedule.
 */
export const softBouncedSends = sqliteTable(
  "soft_bounced_sends",
  {
    /** The send's key (events/send-key.ts). */
    key: text().primaryKey(),
    email: text().notNull(),
    person: text().notNull(),
    campaign: text().notNull(),
    send: text(),
    address: text(),
    /** Of the first attempt, ms since 1970 UTC: the schedule counts from here. */
    firstAt: integer("first_at").notNull(),
    /** JSON object: the Bounce that began it. */
    bounce: text().notNull(),
    /** How many retries are behind it, skipped ones too. */
    slot: integer().notNull().default(0),
    /** Of the next retry, ms since 1970 UTC; null when there is none to come. */
    dueAt: integer("due_at"),
  },
  (table) => [index("soft_bounced_sends_by_due_at").on(table.dueAt)],
);

/** Retries that became due, in that order: what GET /v1/retries reads by place, and what is posted to the sender. */
export const retries = sqliteTable(
  "retries",
  {
    seq: integer().primaryKey({ autoIncrement: true }),
    /** The send's key, a hyphen, and the slot: also the webhook-id of its post. */
    id: text().notNull().unique(),
    key: text().notNull(),
    slot: integer().notNull(),
    /** ms since 1970 UTC. */
    dueAt: integer("due_at").notNull(),
    /** How many times it was posted. */
    tries: integer().notNull().default(0),
    /** Of the next post, ms since 1970 UTC; null when there is none to come. */
    postAt: integer("post_at"),
  },
  (table) => [index("retries_by_post_at").on(table.postAt)],
);

/** Programs that read and write by access tokens (`POST /v1/clients`). */
export const clients = sqliteTable("clients", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** "read", "send", "admin", separated by spaces. */
  scopes: text().notNull(),
  /** SHA-256 of the secret, in hexadecimal: 32 random bytes need no slow hash. */
  secretHash: text("secret_hash").notNull(),
  /** ms since 1970 UTC. */
  createdAt: integer("created_at").notNull(),
  revokedAt: integer("revoked_at"),
  /** When the access token was issued that is given out again until it expires; ms since 1970 UTC. */
  tokenAt: integer("token_at"),
});

/**
 * Statistics of each message, for reports: the events of the log, aggregated in the order of their seqs up to
 * `aggregated.seq`. Costs one written row for each message of a batch, not for each event, as an index for reports
 * would.
 */
export const messageStats = sqliteTable(
  "message_stats",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    person: text().notNull(),
    /** When it was sent: the first Sent's `at`, else the earliest event's; ms since 1970 UTC. */
    since: integer().notNull(),
    /** What happened to it: MESSAGE_FLAGS of reports/message-stats.ts. */
    flags: integer().notNull(),
    /** JSON object: link id → {people, bots}, the clicks by each; null without clicks. */
    clicks: text(),
    /** JSON: its latest events, to detect bursts of bots (reports/recent.ts); null without any. */
    recent: text(),
  },
  (table) => [primaryKey({ columns: [table.email, table.campaign, table.person] })],
);

/** The URL of each link of an email. */
export const links = sqliteTable(
  "links",
  { email: text().notNull(), id: text().notNull(), url: text().notNull() },
  (table) => [primaryKey({ columns: [table.email, table.id] })],
);

/** Seqs that a row of `blocks` covers. */
export const SEQS_PER_BLOCK = 10_000;

/**
 * The earliest and latest time in each block of the aggregated log, so that readers of a period skip the other blocks.
 */
export const blocks = sqliteTable("blocks", {
  /** seq / SEQS_PER_BLOCK, rounded down. */
  block: integer().primaryKey(),
  /** ms since 1970 UTC. */
  earliest: integer().notNull(),
  latest: integer().notNull(),
});

/** One row, always: the seq that `message_stats`, `links` and `blocks` are aggregated up to. */
export const aggregated = sqliteTable("aggregated", {
  seq: integer().primaryKey(),
  /** The id of the batch, within its transaction; null outside of one. */
  batch: text(),
});

/** Requested erasures (privacy/). The people they erase stand in `erasing` and `address`, until the erasure is done. */
export const erasures = sqliteTable(
  "erasures",
  {
    /** Random. */
    id: text().primaryKey(),
    /** ms since 1970 UTC. */
    askedAt: integer("asked_at").notNull(),
    /** Trimmed and in lower case; null when a person was named, and when it is done. */
    address: text(),
    /**
     * The log is scanned up to here, the same for all under way; null while it waits for a scan, and when it is done.
     */
    seq: integer(),
    /** A person was added whose events the scan may have passed: another scan has to follow. */
    rescan: integer({ mode: "boolean" }).notNull().default(false),
    /** How many events it has changed. */
    events: integer().notNull().default(0),
    /** ms since 1970 UTC. */
    doneAt: integer("done_at"),
    /** The id of the batch that is being written, within its transaction; null outside of one. */
    batch: text(),
  },
  (table) => [index("erasures_by_seq").on(table.seq)],
);

/** The people being erased, and the pseudonyms that replace them in the events that stay. */
export const erasing = sqliteTable("erasing", {
  person: text().primaryKey(),
  erasure: text().notNull(),
  pseudonym: text("pseudonym").notNull(),
});

/** One row at most: how far the day's round of retention is (privacy/retention.ts). */
export const retention = sqliteTable("retention", {
  /** Older events are deleted; ms since 1970 UTC. */
  before: integer().primaryKey(),
  stage: text({ enum: ["messages", "sends", "retries", "events", "done"] }).notNull(),
  /** JSON: the last key that the stage has read; null at its beginning. */
  cursor: text(),
});
