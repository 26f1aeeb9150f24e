/**
 * The tables in D1; the other *-schema.ts have more. `npm run db:generate` writes migrations/ from all of them.
 *
 * `events` has two B-trees: the rows by `seq`, the readers' cursor, and the unique id, which makes writes idempotent.
 * Each costs one written row an event; every further index would cost one more. Of a group of clicks only the first
 * is in the second (ingest/row-group.ts). The other indexes have few events: what people decide, by person; bounces, by
 * email; removals from the suppressions, by address, since they may name nobody. AUTOINCREMENT gives no `seq` twice.
 */
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { DECISION_TYPE_IDS, EVENT_TYPES } from "./event.ts";

/** The last file of migrations/, without which this version does not run. */
export const LATEST_MIGRATION = "0000_log.sql";

/** Type ids as text, because a schema has no parameters. */
const CLICK = sql.raw(String(EVENT_TYPES.clicked.id));
const REMOVAL = sql.raw(String(EVENT_TYPES.suppressionRemoved.id));
const BOUNCES = sql.raw(`${EVENT_TYPES.hardBounced.id}, ${EVENT_TYPES.softBounced.id}`);
const DECISIONS = sql.raw(DECISION_TYPE_IDS.join(", "));

export const events = sqliteTable(
  "events",
  {
    /** Ascends in the order of recording, with gaps: a duplicate that is not inserted may use one up. */
    seq: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull(),
    /** The id, by which events are looked up. Null for a click behind the first of its group (ingest/row-group.ts). */
    uniqueId: text("unique_id").generatedAlwaysAs(sql`iif(type = ${CLICK} AND instr(id, '/') > 0, NULL, id)`, {
      mode: "virtual",
    }),
    /** An id of EVENT_TYPES. */
    type: integer().notNull(),
    /** When it happened, ms since 1970 UTC. */
    at: integer().notNull(),
    /** When it was written under this seq, ms since 1970 UTC. Never descends with seq (events/recorded.ts). */
    recordedAt: integer("recorded_at").notNull(),
    email: text().notNull(),
    person: text().notNull(),
    campaign: text().notNull(),
    send: text(),
    linkId: text("link_id"),
    link: text(),
    userAgent: text("user_agent"),
    isBot: integer("is_bot", { mode: "boolean" }).notNull().default(false),
    botPattern: text("bot_pattern"),
    /** JSON object: fields of some types only (Unsubscribed: cause, clientIp, referrer, query, formFields). */
    detail: text({ mode: "json" }).$type<Record<string, unknown>>(),
  },
  (table) => [
    uniqueIndex("events_unique_id").on(table.uniqueId).where(sql`${table.uniqueId} IS NOT NULL`),
    index("events_decisions").on(table.person, table.at).where(sql`${table.type} IN (${DECISIONS})`),
    index("events_removals").on(sql`${table.detail}->>'address'`, table.person).where(sql`${table.type} = ${REMOVAL}`),
    index("events_bounces").on(table.email).where(sql`${table.type} IN (${BOUNCES})`),
  ],
);

/** Persons' addresses, as the sender reported them. No token holds an address. */
export const people = sqliteTable(
  "people",
  {
    person: text().primaryKey(),
    /** Trimmed and in lower case. */
    address: text().notNull(),
    /** When it replaced another one, ms since 1970 UTC; null: it is the first. */
    replacedAt: integer("replaced_at"),
    /** Only events of sends name it; of several the first in the alphabet. */
    isMailed: integer("is_mailed", { mode: "boolean" }).notNull().default(false),
  },
  (table) => [index("people_by_address").on(table.address)],
);

/**
 * Addresses of persons who have more than the one in `people`, or none there: those that were replaced, and those that
 * events of their sends name. A person's opt-out becomes theirs.
 */
export const otherAddresses = sqliteTable(
  "other_addresses",
  {
    person: text().notNull(),
    /** As in `people`. */
    address: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.person, table.address] }),
    index("other_addresses_by_address").on(table.address),
  ],
);

/** Names of emails and campaigns, as the sender reported them. */
export const names = sqliteTable(
  "names",
  {
    kind: text({ enum: ["email", "campaign"] }).notNull(),
    id: text().notNull(),
    name: text().notNull(),
    /** The name as it is searched: `foldedName` of names.ts. */
    folded: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
);

/**
 * Addresses and persons that must not be mailed: a row for each cause (`source`), so that a cause can go without the
 * others. The subject of erased people is hashed (suppressions/subject.ts).
 */
export const suppressions = sqliteTable(
  "suppressions",
  {
    /** "address:<address>" or "person:<id>", or "sha256:" and the hash of it. */
    subject: text().notNull(),
    reason: text({ enum: ["unsubscribed", "invalid", "blocked"] }).notNull(),
    /** The id of the Hard Bounced; "added" by the API; "" for all that people decide themselves. */
    source: text().notNull().default(""),
    /** ms since 1970 UTC. */
    since: integer().notNull(),
    /** For people to read: what suppressions.ts lists. */
    cause: text().notNull(),
    /** ms since 1970 UTC; null: for ever. */
    until: integer(),
    /** The id of the Unsubscribed or Hard Bounced behind it; null when that is no longer in the log. */
    event: text(),
    /** When the latest decision or addition happened, `since` being the first; null: there was only one. */
    lastAt: integer("last_at"),
    /** Who decided it, by POST /v1/suppressions. */
    who: text(),
    /** The person whose decision an opt-out is or follows, as a subject; by the hash once they were erased. */
    owner: text(),
  },
  // By event, to forget those that are deleted; by owner, who may lift it; by time, for lists; by end, of blocks.
  (table) => [
    primaryKey({ columns: [table.subject, table.reason, table.source] }),
    index("suppressions_by_event").on(table.event),
    // For the list alone, so it is by an expression: SQLite takes each reason for a rare one, and by a plain index it
    // would look for one person's opt-outs among everybody's.
    index("suppressions_by_since").on(sql`(${table.reason} || '')`, table.since, table.subject, table.source),
    index("suppressions_by_owner").on(table.owner).where(sql`${table.owner} IS NOT NULL`),
    index("suppressions_by_until").on(table.until).where(sql`${table.until} IS NOT NULL`),
  ],
);

/**
 * When somebody last subscribed again, or an invalid address was removed: what happened before and is reported
 * afterwards suppresses nothing. Kept as long as reports are believed (suppressions/lifts.ts).
 */
export const lifts = sqliteTable(
  "lifts",
  {
    /** As in `suppressions`. */
    subject: text().notNull(),
    reason: text({ enum: ["unsubscribed", "invalid", "blocked"] }).notNull(),
    /** ms since 1970 UTC. */
    at: integer().notNull(),
    /** Who subscribed again; null once they are erased, and of an address that was removed. */
    person: text(),
  },
  (table) => [
    primaryKey({ columns: [table.subject, table.reason] }),
    index("lifts_by_at").on(table.at),
    index("lifts_by_person").on(table.person),
  ],
);

/**
 * Sends that bounced softly, each with its retry schedule. A send's row stays when its schedule has ended, so that a
 * late soft bounce starts no second one, until retention deletes it or its message leaves D1.
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
    /** Time of the first attempt, from which the schedule counts; ms since 1970 UTC. */
    firstAt: integer("first_at").notNull(),
    /** JSON object: the Bounce that started the schedule. */
    bounce: text().notNull(),
    /** How many retries are done or skipped. */
    slot: integer().notNull().default(0),
    /** Time of the next retry, ms since 1970 UTC; null when there is none. */
    dueAt: integer("due_at"),
  },
  (table) => [index("soft_bounced_sends_by_due_at").on(table.dueAt)],
);

/** Due retries, in that order: GET /v1/retries lists them by cursor. Each is an event of the log, too. */
export const retries = sqliteTable("retries", {
  seq: integer().primaryKey({ autoIncrement: true }),
  /** The send's key, a hyphen, and the slot. */
  id: text().notNull().unique(),
  key: text().notNull(),
  slot: integer().notNull(),
  /** ms since 1970 UTC. */
  dueAt: integer("due_at").notNull(),
});

/**
 * Statistics of each message, for reports: the events of the log, aggregated in the order of their seqs up to
 * `aggregated.seq`. Costs one written row for each message of a batch, not for each event, as an index for reports
 * would. Every event up to there is in the `seqs` of a message of its person, also one that reports do not count:
 * so the index by person, which costs a row a message, leads to all events of a person.
 */
export const messageStats = sqliteTable(
  "message_stats",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    person: text().notNull(),
    /** When it was sent: the earliest Sent's `at`, else the earliest event's; ms since 1970 UTC. */
    since: integer().notNull(),
    /** What happened to it: MESSAGE_FLAGS of message-flags.ts. */
    flags: integer().notNull(),
    /** When the later of its latest Delivered and Soft Bounced happened, ms since 1970 UTC; null without either. */
    outcomeAt: integer("outcome_at"),
    /** JSON object: link id → {people, bots}, the clicks by each; null without clicks. */
    clicks: text(),
    /** Those by bots, on all links: a report that read them out of `clicks` would take several times as long. */
    botClicks: integer("bot_clicks").notNull().default(0),
    /** JSON: its latest events, to detect bursts of bots (reports/recent.ts); null without any. */
    recent: text(),
    /**
     * JSON array of its events' seqs, the latest of many (reports/event-seqs.ts); null: none is in the log any more.
     * Among them may be seqs that no event has.
     */
    seqs: text(),
  },
  (table) => [
    primaryKey({ columns: [table.email, table.campaign, table.person] }),
    index("message_stats_by_person").on(table.person),
  ],
);

/**
 * The seqs of a message's earlier events, where it has so many that its row would grow without bound. With a rowid,
 * because its rows are large: without one, a search by the key would read them.
 */
export const earlierSeqs = sqliteTable(
  "earlier_seqs",
  {
    email: text().notNull(),
    campaign: text().notNull(),
    person: text().notNull(),
    /** The highest of them. */
    last: integer().notNull(),
    /** As in `message_stats`. */
    seqs: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.email, table.campaign, table.person, table.last] })],
);

/** The URL of each link of an email that was clicked or described, and its name if it has one. */
export const links = sqliteTable(
  "links",
  {
    email: text().notNull(),
    id: text().notNull(),
    url: text().notNull(),
    name: text(),
    /**
     * JSON array of the seqs of clicks on this very URL by different people, the first eight; null: more have clicked
     * it, or the sender has reported it, so that it cannot lead to one person.
     */
    firstClicks: text("first_clicks").default("[]"),
  },
  (table) => [primaryKey({ columns: [table.email, table.id] })],
);

/** Seqs that a row of `seq_ranges` covers. */
export const SEQS_PER_RANGE = 10_000;

/** The earliest and latest time, ms since 1970 UTC, in each range of the aggregated log: readers skip other ranges. */
export const seqRanges = sqliteTable("seq_ranges", {
  /** seq / SEQS_PER_RANGE, rounded down. */
  number: integer().primaryKey(),
  earliest: integer().notNull(),
  latest: integer().notNull(),
});

/** One row, always: the seq up to which statistics are aggregated, and other state of the log's readers. */
export const aggregated = sqliteTable("aggregated", {
  seq: integer().primaryKey(),
  /** The id of the batch, within its transaction; null outside of one. */
  batch: text(),
  /** How often erasures have changed events that were not aggregated yet. */
  rewrites: integer().notNull().default(0),
  /** How often an event that may be on its way into the archive has changed under its seq. */
  changes: integer().notNull().default(0),
  /** How often the archive has changed: events left D1, or segments were rewritten or deleted (archive/edition.ts). */
  archived: integer().notNull().default(0),
  /** The seq up to which events were sent to FEED_STREAM; null: there has been none. */
  mirroredSeq: integer("mirrored_seq"),
  /** No event is recorded before this time any more: extracts have read up to it. ms since 1970 UTC. */
  readUntil: integer("read_until").notNull().default(0),
  /** The name of the last object of the archive's bucket that the sweep has looked at; "": it begins anew. */
  sweptTo: text("swept_to").notNull().default(""),
});
