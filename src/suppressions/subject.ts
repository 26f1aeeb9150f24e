/**
 * The subject of a suppression: an address, a person, or the hash of either once they were erased. A hash lets a
 * suppression outlive an erasure; it does not hide an address from somebody who guesses it.
 */
import { lifts, suppressions } from "../events/schema.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, sql } from "../platform/sql.ts";
import { copyLifts } from "./lifts.ts";

const { subject, reason, since, cause, until, event, lastAt, owner } = suppressions;

/** What an INSERT into `suppressions` fills, in this order. */
export const SUPPRESSION_COLUMNS = columnNames(subject, reason, since, cause, until, event, lastAt, owner);

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

/**
 * Statements that move suppressions and lifts from the hashes of `subjects` back to the subjects themselves, for a
 * transaction.
 * Run for everybody who is reported again after an erasure, so that a subject known to `people` is never stored as a
 * hash.
 */
export function restoreSuppressions(d1: D1Database, subjects: readonly string[]): D1PreparedStatement[] {
  const pairs = JSON.stringify(subjects.map((text) => ({ subject: text, hash: hashedSubject(text) })));
  const restore = sql`INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT value->>'subject', ${reason}, ${since}, ${cause}, ${until}, ${event}, ${lastAt}, ${owner}
    FROM json_each(${pairs}) CROSS JOIN ${suppressions} ON ${subject} = value->>'hash'
    WHERE true ON CONFLICT DO NOTHING`;
  const hashes = sql`(SELECT value->>'hash' FROM json_each(${pairs}))`;
  const statements = [
    restore,
    sql`DELETE FROM ${suppressions} WHERE ${subject} IN ${hashes}`,
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { owner: sql`value->>'subject'` })} FROM json_each(${pairs})
      WHERE ${owner} = value->>'hash'`,
    copyLifts(sql`SELECT value->>'hash' AS source, value->>'subject' AS target, NULL AS person
      FROM json_each(${pairs})`),
    sql`DELETE FROM ${lifts} WHERE ${lifts.subject} IN ${hashes}`,
  ];
  return statements.map((statement) => statement.prepare(d1));
}
