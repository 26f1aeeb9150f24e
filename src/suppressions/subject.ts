/**
 * The subject of a suppression: an address, a person, or the hash of either once they were erased. A hash lets a
 * suppression outlive an erasure; it does not hide an address from somebody who guesses it.
 */
import { events, lifts, suppressions } from "../events/schema.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, joined, type Sql, sql } from "../platform/sql.ts";
import { copyLifts } from "./lifts.ts";

const { subject, reason, source, since, cause, until, event, lastAt, who, owner } = suppressions;
const COLUMNS = { subject, reason, source, since, cause, until, event, lastAt, who, owner };

/** What an INSERT into `suppressions` fills, in this order. */
export const SUPPRESSION_COLUMNS = columnNames(...Object.values(COLUMNS));

/** The values of a row of `suppressions` in the order of `SUPPRESSION_COLUMNS`, some of them changed. */
export function suppressionRow(changed: Partial<Readonly<Record<keyof typeof COLUMNS, Sql>>>): Sql {
  const named: Readonly<Record<string, Sql | undefined>> = changed;
  return joined(Object.entries(COLUMNS).map(([name, column]) => named[name] ?? sql`${column}`));
}

/** What an INSERT conflicts with when the same suppresses the subject already. */
export const SAME_SUPPRESSION = columnNames(subject, reason, source);

/** The `source` of what somebody has added (POST /v1/suppressions), and of what a person decides themselves. */
export const ADDED = "added";
export const OWN = "";

/** The source of a row whose event is deleted or erased: it says no more which one that was. */
const ANONYMOUS_SOURCE = sql`iif(${source} = ${event}, lower(hex(randomblob(8))), ${source})`;
/** What such rows become, for SET. */
export const WITHOUT_EVENT = assign(suppressions, { source: ANONYMOUS_SOURCE, event: null });

/** The row of an erased subject, in the order of `SUPPRESSION_COLUMNS`. */
export function erasedSuppression(hash: Sql): Sql {
  const anonymous = { source: ANONYMOUS_SOURCE, event: sql`NULL`, who: sql`NULL` };
  return suppressionRow({ subject: hash, cause: sql`'erased'`, ...anonymous });
}

/** `person:7` */
export function personSubject(person: string): string {
  return `person:${person}`;
}

/** `address:marie@example.com`; `address` trimmed and in lower case. */
export function addressSubject(address: string): string {
  return `address:${address}`;
}

/** `sha256:` and the SHA-256 of a subject in hexadecimal. */
export function hashedSubject(text: string): string {
  return `sha256:${sha256Hex(text)}`;
}

/** Whom a subject names; undefined for a hash. */
export function recipientOf(text: string): { readonly person?: string; readonly address?: string } | undefined {
  const at = text.indexOf(":") + 1;
  if (text.startsWith("person:")) return { person: text.slice(at) };
  return text.startsWith("address:") ? { address: text.slice(at) } : undefined;
}

/** A subject that an event names; when the event is in the log, it is not reported anew. */
interface ReportedSubject {
  readonly subject: string;
  readonly event?: string | undefined;
}

/**
 * Statements that move suppressions and lifts from the hashes of `subjects` back to the subjects themselves, for a
 * transaction.
 * Run for everybody who is reported again after an erasure, so that a subject known to `people` is never stored as a
 * hash.
 */
export function restoreSuppressions(
  d1: D1Database,
  subjects: readonly (string | ReportedSubject)[],
): D1PreparedStatement[] {
  const named = subjects.map((each) => (typeof each === "string" ? { subject: each } : each));
  const pairs = JSON.stringify(named.map((each) => ({ ...each, hash: hashedSubject(each.subject) })));
  const isNew = sql`NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = value->>'event')`;
  const reported = sql`(SELECT value FROM json_each(${pairs}) WHERE ${isNew})`;
  const restore = sql`INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT ${suppressionRow({ subject: sql`value->>'subject'` })}
    FROM ${reported} CROSS JOIN ${suppressions} ON ${subject} = value->>'hash'
    WHERE true ON CONFLICT DO NOTHING`;
  const hashes = sql`(SELECT value->>'hash' FROM ${reported})`;
  const statements = [
    restore,
    sql`DELETE FROM ${suppressions} WHERE ${subject} IN ${hashes}`,
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { owner: sql`value->>'subject'` })} FROM ${reported}
      WHERE ${owner} = value->>'hash'`,
    copyLifts(sql`SELECT value->>'hash' AS source, value->>'subject' AS target, NULL AS person
      FROM ${reported}`),
    sql`DELETE FROM ${lifts} WHERE ${lifts.subject} IN ${hashes}`,
  ];
  return statements.map((statement) => statement.prepare(d1));
}
