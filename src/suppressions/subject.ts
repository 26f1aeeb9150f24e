/**
 * Whom a suppression is of: an address, a person, or either under its hash once they were erased. The hash keeps somebody from being mailed
 * who is named again; it is not kept from whoever guesses the name.
 */
import { sha256Hex } from "../platform/sha256.ts";

export const personSubject = (person: string): string => `person:${person}`;
/** `address` trimmed and in lower case. */
export const addressSubject = (address: string): string => `address:${address}`;

/** `sha256:` and the SHA-256 of a subject in hexadecimal. */
export function hashedSubject(subject: string): string {
  return `sha256:${sha256Hex(subject)}`;
}

/** ?1 pairs of a subject and its hash. */
const NAME_AGAIN = `INSERT INTO suppressions (subject, reason, since, cause, until, event)
SELECT value->>0, reason, since, cause, until, event
FROM json_each(?1) CROSS JOIN suppressions ON subject = value->>1 WHERE true ON CONFLICT DO NOTHING`;
const FORGET_HASHES = "DELETE FROM suppressions WHERE subject IN (SELECT value->>1 FROM json_each(?1))";

/**
 * The statements, for a transaction, that put suppressions from under their hash back under their subject: whoever is named to the log
 * again is found by name. So the subjects of everybody in `people` are always names.
 */
export function restoreSuppressions(d1: D1Database, subjects: readonly string[]): D1PreparedStatement[] {
  const pairs = JSON.stringify(subjects.map((subject) => [subject, hashedSubject(subject)]));
  return [d1.prepare(NAME_AGAIN).bind(pairs), d1.prepare(FORGET_HASHES).bind(pairs)];
}
