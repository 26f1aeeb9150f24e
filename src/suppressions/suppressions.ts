/**
 * Which recipients must not be mailed. An opt-out counts for the person and for every address of theirs, whichever is
 * named. "Invalid" is an address's: it counts for everybody who has it; a person's own counts while no address of
 * theirs is known. "Blocked" counts for both. Those of erased people are found by their hash.
 */
import * as v from "valibot";
import { normalAddress } from "../events/address.ts";
import { people, suppressions } from "../events/schema.ts";
import { TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { retryOnce } from "../platform/errors.ts";
import { columnName, type Sql, sql } from "../platform/sql.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";

export type SuppressionReason = "unsubscribed" | "invalid" | "blocked";

export interface Suppression {
  readonly reason: SuppressionReason;
  readonly sinceMs: number;
  /** Undefined: it lasts. */
  readonly untilMs: number | undefined;
  /**
   * "form", "one_click", "complaint", "provider", "sender", "address", "erased", the mail server's reply, or as it was
   * added.
   */
  readonly cause: string;
  /** Who decided it, of what was added with it. */
  readonly who: string | undefined;
}

/** A person, an address, or both: then this address is checked beside the one known of the person. */
export interface PersonOrAddress {
  readonly person?: string | undefined;
  readonly address?: string | undefined;
}

/** `mailed`: the address that a send went to, which counts while no other is known. */
export type PersonOrMailed = PersonOrAddress & { readonly mailed?: string | undefined };

export const SUPPRESSION_REASONS = [
  "unsubscribed",
  "invalid",
  "blocked",
] as const satisfies readonly SuppressionReason[];

/** A suppression as `/v1` answers it. Without `until` it lasts. */
export const SuppressionAnswer = v.pipe(
  v.object({
    reason: v.picklist(SUPPRESSION_REASONS),
    since: TimeAnswer,
    until: v.optional(TimeAnswer),
    cause: v.string(),
    who: v.optional(v.string()),
  }),
  v.title("SuppressionReason"),
);
export type SuppressionAnswer = v.InferOutput<typeof SuppressionAnswer>;

export function suppressionAnswer({ reason, sinceMs, untilMs, cause, who }: Suppression): SuppressionAnswer {
  const until = untilMs === undefined ? {} : { until: isoTime(untilMs) };
  return { reason, since: isoTime(sinceMs), ...until, cause, ...(who === undefined ? {} : { who }) };
}

/** The order of suppressions of one recipient: what lasts, since its first time, and then what ends last. */
export const LONGEST_FIRST = sql`coalesce(-${columnName(suppressions.until)},
  ${columnName(suppressions.since)} - 1e15)`;

export interface SuppressionRow {
  /** The recipient's index. */
  readonly nth: number;
  readonly reason: SuppressionReason;
  readonly since: number;
  readonly cause: string;
  readonly until: number | null;
  readonly who: string | null;
}

/**
 * Common table expressions for a statement that must know who is suppressed. `found`, the last, has the columns nth
 * (the recipient's index), reason, since, cause, until and who.
 */
export function suppressedSql(recipients: readonly PersonOrMailed[], nowMs: number): Sql {
  const entries = recipients.map(({ person, address, mailed }) => ({
    person,
    hasAddress: address !== undefined,
    subjects: [
      ...(person === undefined ? [] : subjectsOf(personSubject(person), "person")),
      ...(address === undefined ? [] : subjectsOf(addressSubject(normalAddress(address)), "address")),
      ...(mailed === undefined ? [] : subjectsOf(addressSubject(normalAddress(mailed)), "mailed")),
    ],
  }));
  const { subject, reason, since, cause, until, who } = suppressions;
  // An opt-out counts for every subject. Of the rest, the address that is named or known decides, and a block of the
  // person; without such an address, everything.
  return sql`recipients AS MATERIALIZED (
      SELECT entry.key AS nth, entry.value AS entry, ${people.address} AS known
      FROM json_each(${JSON.stringify(entries)}) AS entry
      LEFT JOIN ${people} ON ${people.person} = entry.value->>'person'
    ), subjects AS (
      SELECT nth, known, named.value->>'subject' AS subject, named.value->>'kind' AS kind
      FROM recipients CROSS JOIN json_each(recipients.entry, '$.subjects') AS named
      UNION ALL
      SELECT nth, known, 'address:' || known, iif(entry->>'hasAddress', 'another', 'address') FROM recipients
    ), found AS MATERIALIZED (
      SELECT nth, ${reason} AS reason, ${since} AS since, ${cause} AS cause, ${until} AS until, ${who} AS who
      FROM subjects JOIN ${suppressions} ON ${subject} = subjects.subject
      WHERE (${until} IS NULL OR ${until} > ${nowMs})
      AND (${reason} = 'unsubscribed' OR kind = 'address' OR known IS NULL
        OR (kind = 'person' AND ${reason} = 'blocked'))
    )`;
}

/** A subject, by its name and by its hash. */
function subjectsOf(subject: string, kind: "person" | "address" | "mailed") {
  return [subject, hashedSubject(subject)].map((each) => ({ subject: each, kind }));
}

/** The query whose rows `suppressionsIn` reads. */
export function suppressionsQuery(recipients: readonly PersonOrAddress[], nowMs: number): Sql {
  // SQLite reads the columns from the row with the minimum.
  return sql`WITH ${suppressedSql(recipients, nowMs)}
    SELECT nth, reason, since, cause, until, who, min(${LONGEST_FIRST})
    FROM found GROUP BY nth, reason ORDER BY nth, reason`;
}

/** The suppressions of each of `count` recipients, in their order; an empty list: they may be mailed. */
export function suppressionsIn(rows: readonly SuppressionRow[], count: number): readonly Suppression[][] {
  const found: Suppression[][] = Array.from({ length: count }, () => []);
  for (const { nth, reason, since, cause, until, who } of rows) {
    found[nth]?.push({ reason, sinceMs: since, untilMs: until ?? undefined, cause, who: who ?? undefined });
  }
  return found;
}

/** @throws D1's error when it cannot be read */
export async function suppressionsOf(
  d1: D1Database,
  recipients: readonly PersonOrAddress[],
  nowMs: number,
): Promise<readonly Suppression[][]> {
  const query = suppressionsQuery(recipients, nowMs);
  const { results } = await retryOnce(() => query.prepare(d1).all<SuppressionRow>());
  return suppressionsIn(results, recipients.length);
}
