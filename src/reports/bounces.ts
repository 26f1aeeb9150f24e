/** Bounces by their reason and by what the mail server said. */
import { deferralCause } from "../delivery/index.ts";
import { CATEGORY } from "../events/bounce.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { events, messageStats, people } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { patternOfWords, withoutAddresses } from "./bounce-words.ts";
import { DOMAIN } from "./domains.ts";
import { filterCondition, isOfEmails, type ReportFilter } from "./filter.ts";

export interface BounceReason {
  readonly type: "hard_bounced" | "soft_bounced";
  /** As in `CATEGORY`. */
  readonly category: number;
  readonly reason: string;
  readonly subcategory: string | null;
  readonly status: string | null;
  /** An example of what servers said, without addresses; empty when they said nothing. */
  readonly words: string;
}

export interface BounceCounts extends BounceReason {
  readonly bounces: number;
  /** What its bounces have in common: other rows have another one. */
  readonly key: string;
}

/** A group of bounces with the same words. */
interface BounceRow extends Omit<BounceReason, "type" | "reason" | "words"> {
  readonly type: number;
  readonly words: string | null;
  /** The part of the address before the "@", where the words have it. */
  readonly name: string | null;
  readonly bounces: number;
}

/** Groups that have their words in common but for what is particular to a mail. */
interface BounceGroup extends Omit<BounceCounts, "reason"> {
  /** Bounces with its very words. */
  readonly most: number;
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [CATEGORY.blocked, "blocked"],
  [CATEGORY.invalidRecipient, "invalid_recipient"],
  [CATEGORY.temporary, "temporary"],
  [CATEGORY.technical, "technical"],
  [CATEGORY.unclear, "unclear"],
]);
export const BOUNCE_REASONS = [
  "blocked",
  "invalid_recipient",
  "rate_limited",
  "greylisted",
  "temporary",
  "technical",
  "unclear",
] as const;

const { hardBounced, softBounced } = EVENT_TYPES;
/** The very condition of the index `events_bounces`, which SQLite uses for no other. */
const IS_BOUNCE = sql`${events.type} IN (${rawSql(`${hardBounced.id}, ${softBounced.id}`)})`;
/** The bounces that the log has, by the index of them, each with its message. */
const BOUNCES = sql`${events} INDEXED BY events_bounces CROSS JOIN ${messageStats}
  ON ${messageStats.email} = ${events.email} AND ${messageStats.campaign} = ${events.campaign}
  AND ${messageStats.person} = ${events.person}`;

/**
 * All bounces of the messages.
 * @param max how many bounces are read; undefined is returned when they are more, or when so many differ in their words
 * @throws D1's error
 */
export async function bounceCounts(
  d1: D1Database,
  { domain, ...filter }: ReportFilter & { readonly domain?: string | undefined },
  max: { readonly bounces: number; readonly words: number },
): Promise<readonly BounceCounts[] | undefined> {
  const isRead = sql`${IS_BOUNCE} AND ${isOfEmails(events.email, filter)} AND ${filterCondition(filter)}
  AND ${isToDomain(domain)}`;
  const said = detail("details");
  const name = sql`lower(substr(${detail("address")}, 1, instr(${detail("address")}, '@') - 1))`;
  // An address that stands for all, so that words are alike already here.
  const words = sql`replace(${said}, coalesce(${detail("address")}, ''), 'a@a')`;
  const query = sql`SELECT type, category, subcategory, status, words,
  iif(instr(lower(words), name), name, NULL) AS name, count(*) AS bounces
FROM (SELECT ${events.type} AS type, ${detail("category")} AS category, ${detail("subcategory")} AS subcategory,
  ${detail("status")} AS status, ${words} AS words, nullif(${name}, '') AS name
  FROM ${BOUNCES} WHERE ${isRead} LIMIT ${max.bounces + 1})
GROUP BY type, category, subcategory, status, words, 6 LIMIT ${max.words + 1}`;
  const { results } = await query.prepare(d1).all<BounceRow>();
  const read = results.reduce((sum, { bounces }) => sum + bounces, 0);
  return read > max.bounces || results.length > max.words ? undefined : reasonsOf(results);
}

/** Whether a message of `message_stats` went to the domain; of every one without a domain. */
function isToDomain(domain: string | undefined): Sql {
  if (domain === undefined) return sql`true`;
  const isTheirs = sql`${people.person} = ${messageStats.person}`;
  return sql`EXISTS (SELECT 1 FROM ${people} WHERE ${isTheirs} AND ${DOMAIN} = lower(${domain}))`;
}

function detail(field: "address" | "category" | "details" | "status" | "subcategory"): Sql {
  return sql`${events.detail}->>${field}`;
}

/** Rows whose words are alike are one, with the words of the most frequent and the reason that those give. */
function reasonsOf(rows: readonly BounceRow[]): readonly BounceCounts[] {
  const byPattern = new Map<string, BounceGroup>();
  for (const { type, category, subcategory, status, name, bounces, ...row } of rows) {
    const words = withoutAddresses(row.words ?? "", name);
    const key = JSON.stringify([type, category, subcategory, status, patternOfWords(words)]);
    const before = byPattern.get(key);
    const isMostFrequent = bounces > (before?.most ?? 0);
    byPattern.set(key, {
      type: type === EVENT_TYPES.hardBounced.id ? "hard_bounced" : "soft_bounced",
      category,
      subcategory,
      status,
      words: isMostFrequent ? words : (before?.words ?? words),
      bounces: bounces + (before?.bounces ?? 0),
      key,
      most: isMostFrequent ? bounces : (before?.most ?? 0),
    });
  }
  return [...byPattern.values()].map(({ most: _, ...counts }) => ({ ...counts, reason: reasonOf(counts) }));
}

function reasonOf({ type, category, status, words }: Omit<BounceReason, "reason">): string {
  return deferralCause(type === "soft_bounced", status, words) ?? REASONS.get(category) ?? "unclear";
}
