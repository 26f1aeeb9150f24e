/**
 * The list of suppressions, the latest first. Guarantees that a page reads its own rows and, once, all rows of the
 * recipients on it, and that each suppression that does not change meanwhile is on exactly one page. Of several bounces
 * of one recipient, the entry is the one that the check answers; a page may be shorter for it.
 */
import { suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { joined, type Sql, sql } from "../platform/sql.ts";
import { LONGEST_FIRST, SUPPRESSION_REASONS, type Suppression, type SuppressionReason } from "./suppressions.ts";

export interface SuppressionQuery {
  /** Default: all. */
  readonly reason: SuppressionReason | undefined;
  /** Those that began at this time or later. */
  readonly sinceMs: number | undefined;
  readonly limit: number;
  /** The end of the page before, as `next` has it. */
  readonly after: string | undefined;
}

export interface ListedSuppression extends Suppression {
  /** "person:7", "address:marie@example.com", or the hash of an erased one. */
  readonly subject: string;
}

export interface SuppressionPage {
  readonly entries: readonly ListedSuppression[];
  /** Undefined at the end. */
  readonly next: string | undefined;
}

interface Row {
  readonly subject: string;
  readonly reason: SuppressionReason;
  /** The index of the reason in SUPPRESSION_REASONS. */
  readonly nth: number;
  readonly source: string;
  readonly since: number;
  readonly until: number | null;
  readonly cause: string;
  readonly who: string | null;
  readonly isShown: 0 | 1;
}

/** The key of the last row of a page. */
type Position = readonly [since: number, subject: string, reason: number, source: string];

const ORDER = sql`ORDER BY since DESC, subject DESC, nth DESC, source DESC`;

/** @throws D1's error */
export async function suppressionPage(
  d1: D1Database,
  { reason: only, sinceMs, limit, after }: SuppressionQuery,
  nowMs: number,
): Promise<SuppressionPage> {
  const { subject, reason, source, since, until, cause, who } = suppressions;
  const position = after === undefined ? undefined : (JSON.parse(after) as Position);
  // A query for each reason, so that each reads its part of the index, which is by an expression.
  const ofReason = (each: SuppressionReason): Sql => sql`SELECT * FROM (
    SELECT ${subject}, ${reason}, ${SUPPRESSION_REASONS.indexOf(each)} AS nth, ${source}, ${since}, ${until},
      ${cause}, ${who}
    FROM ${suppressions} WHERE ${reason} || '' = ${each} AND ${since} >= ${sinceMs ?? Number.MIN_SAFE_INTEGER}
    AND ${position === undefined ? sql`true` : isAfter(each, position)}
    ORDER BY ${since} DESC, ${subject} DESC, ${source} DESC LIMIT ${limit + 1})`;
  const all = joined((only === undefined ? SUPPRESSION_REASONS : [only]).map(ofReason), " UNION ALL ");
  // Looked up for each recipient of the page, not for each row: a recipient may have a thousand bounces. SQLite reads
  // the source from the row with the minimum. What has ended never lasts longer than what has not.
  const longest = sql`SELECT subject, reason, (SELECT source FROM (
      SELECT ${source} AS source, min(${LONGEST_FIRST}) FROM ${suppressions}
      WHERE ${subject} = recipients.subject AND ${reason} = recipients.reason))
    FROM (SELECT DISTINCT subject, reason FROM listed) AS recipients`;
  const query = sql`WITH listed AS MATERIALIZED (${all} ${ORDER} LIMIT ${limit + 1})
    SELECT listed.*, (until IS NULL OR until > ${nowMs}) AND (subject, reason, source) IN (${longest}) AS isShown
    FROM listed ${ORDER}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<Row>());
  const page = results.slice(0, limit);
  const last = results.length > limit ? page.at(-1) : undefined;
  return {
    entries: page.filter((row) => row.isShown === 1).map(entryOf),
    next: last && JSON.stringify([last.since, last.subject, last.nth, last.source] satisfies Position),
  };
}

/** Whether rows of a reason come after the position. */
function isAfter(reason: SuppressionReason, [sinceMs, name, nth, lastSource]: Position): Sql {
  const { subject, since, source } = suppressions;
  const own = SUPPRESSION_REASONS.indexOf(reason);
  if (own === nth) return sql`(${since}, ${subject}, ${source}) < (${sinceMs}, ${name}, ${lastSource})`;
  return sql`(${since}, ${subject}) ${own < nth ? sql`<=` : sql`<`} (${sinceMs}, ${name})`;
}

function entryOf({ subject, reason, since, until, cause, who }: Row): ListedSuppression {
  return { subject, reason, sinceMs: since, untilMs: until ?? undefined, cause, who: who ?? undefined };
}
