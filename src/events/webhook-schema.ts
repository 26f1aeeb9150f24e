/** The table of the endpoints that events are posted to. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Where the sender wants events to be posted (src/webhooks/). Its secrets, and how far it is, are in its Durable
 * Object.
 */
export const webhookEndpoints = sqliteTable("webhook_endpoints", {
  id: text().primaryKey(),
  url: text().notNull(),
  description: text(),
  /** JSON array of names of WEBHOOK_TYPES; null: all events. */
  events: text({ mode: "json" }).$type<readonly string[]>(),
  /** Only events of this email, of this campaign; null: of all. */
  email: text(),
  campaign: text(),
  bots: text({ enum: ["include", "exclude"] }).notNull(),
  /** Whether an event waits for those before it. */
  ordered: integer({ mode: "boolean" }).notNull(),
  /** At most so many events a post. */
  batch: integer().notNull(),
  /** ms since 1970 UTC. */
  createdAt: integer("created_at").notNull(),
  /** Since when nothing is posted to it, ms since 1970 UTC; null: it is enabled. */
  disabledAt: integer("disabled_at"),
  /** "gone": it answered 410; "failing": it accepted nothing for days; null while it is enabled. */
  disabledReason: text("disabled_reason", { enum: ["by_sender", "gone", "failing"] }),
});
