/**
 * The list of suppressions, the latest first. Guarantees that a page reads a bounded number of rows, and that each
 * suppression that does not change meanwhile is on exactly one page. Several bounces of one recipient are one entry,
 * of the first; a page may be shorter for it.
 */
import { suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { SUPPRESSION_REASONS, type Suppression, type SuppressionReason } from "./suppressions.ts";

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
  /** Of the reason, in SUPPRESSION_REASONS. */
  readonly nth: number;
  readonly since: number;
  readonly until: number | null;
  readonly cause: string;
  readonly who: string | null;
  readonly isFirst: 0 | 1;
}

type Position = readonly [since: number, subject: string, reason: number];

/** @throws D1's error */
export async function suppressionPage(
  d1: D1Database,
  { reason: only, sinceMs, limit, after }: SuppressionQuery,
  nowMs: number,
): Promise<SuppressionPage> {
  const { subject, reason, source, since, until, cause, who } = suppressions;
  const position = after === undefined ? undefined : (JSON.parse(after) as Position);
  // A query for each reason, so that each reads its part of the index.
  const ofReason = (each: SuppressionReason): Sql => sql`SELECT * FROM (
    SELECT ${subject}, ${reason}, ${SUPPRESSION_REASONS.indexOf(each)} AS nth, ${source}, ${since}, ${until},
      ${cause}, ${who}
    FROM ${suppressions} WHERE ${reason} = ${each} AND ${since} >= ${sinceMs ?? Number.MIN_SAFE_INTEGER}
    AND ${position === undefined ? sql`true` : isAfter(each, position)}
    ORDER BY ${since} DESC, ${subject} DESC, ${source} DESC LIMIT ${limit + 1})`;
  const [first, ...others] = (only === undefined ? SUPPRESSION_REASONS : [only]).map(ofReason);
  const all = others.reduce((union, each) => sql`${union} UNION ALL ${each}`, first ?? sql``);
  // Of several at the same time the one that the page has first, because the cursor leads behind all of them.
  const isFirst = sql`NOT EXISTS (SELECT 1 FROM ${suppressions}
    WHERE ${subject} = listed.subject AND ${reason} = listed.reason
    AND (${since} < listed.since OR (${since} = listed.since AND ${source} > listed.source)))`;
  const query = sql`SELECT listed.*, ${isFirst} AND (until IS NULL OR until > ${nowMs}) AS isFirst
    FROM (${all}) AS listed ORDER BY since DESC, subject DESC, nth DESC, source DESC LIMIT ${limit + 1}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<Row>());
  const page = results.slice(0, limit);
  const last = results.length > limit ? page.at(-1) : undefined;
  return {
    entries: page.filter((row) => row.isFirst === 1).map(entryOf),
    next: last && JSON.stringify([last.since, shortened(last.subject), last.nth] satisfies Position),
  };
}

/** Whether rows of a reason stand behind the position. */
function isAfter(reason: SuppressionReason, [sinceMs, name, nth]: Position): Sql {
  const { subject, since } = suppressions;
  const isBehind = SUPPRESSION_REASONS.indexOf(reason) < nth ? sql`${subject} <= ${name}` : sql`${subject} < ${name}`;
  return sql`${since} <= ${sinceMs} AND (${since} < ${sinceMs} OR ${isBehind})`;
}

const MAX_SUBJECT_BYTES = 270;

/** A subject that a cursor has no room for is cut, so that its entry stands on the next page once more. */
function shortened(name: string): string {
  return new TextEncoder().encode(name).length <= MAX_SUBJECT_BYTES ? name : `${name.slice(0, 60)}\u{10FFFF}`;
}

function entryOf({ subject, reason, since, until, cause, who }: Row): ListedSuppression {
  return { subject, reason, sinceMs: since, untilMs: until ?? undefined, cause, who: who ?? undefined };
}
