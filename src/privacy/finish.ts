/**
 * The end of an erasure: one transaction that deletes what names these people outside of the log, hashes who must not
 * be mailed, and forgets who they were. It changes nothing while the log holds anything of theirs.
 */
import type { Column } from "drizzle-orm";
import { erasing, erasures } from "../events/privacy-schema.ts";
import { events, lifts, messageStats, otherAddresses, people, suppressions } from "../events/schema.ts";
import { assign, excluded, isOneOf, type Sql, sql } from "../platform/sql.ts";
import {
  addressSubject,
  copyLifts,
  erasedSuppression,
  hashedSubject,
  personSubject,
  SAME_SUPPRESSION,
  SUPPRESSION_COLUMNS,
} from "../suppressions/index.ts";
import { forRows, inErasureTransaction } from "./erase-batch.ts";
import { type Erasure, type Found, isWaiting, peopleToAdd, subjectsOf } from "./find.ts";

/**
 * Completes the erasure of the people found; of an address that others have, too, those come next. Returns false when
 * something of theirs has come meanwhile.
 * @throws D1's error
 */
export async function finishPeople(d1: D1Database, erasure: Erasure, found: Found, nowMs: number): Promise<boolean> {
  const { id, address } = erasure;
  const names = found.people.map(({ person }) => person);
  const subjects = found.subjects.map(({ subject }) => subject);
  const isLast = found.toAdd.length === 0;
  const isTheirs = (person: Column) => isOneOf(person, names);
  const isFound = sql`NOT EXISTS (SELECT 1 FROM ${events} WHERE ${isWaiting(erasure)})
AND NOT EXISTS (SELECT 1 FROM ${messageStats} WHERE ${isTheirs(messageStats.person)})
AND NOT EXISTS (SELECT 1 FROM (${subjectsOf(erasure)}) AS named WHERE NOT ${isOneOf(sql`named.subject`, subjects)})
AND ${isLast ? sql`NOT EXISTS (${peopleToAdd(erasure)})` : sql`true`}`;
  return await inErasureTransaction(d1, erasure, isFound, (isOurs) => [
    ...suppressionStatements(subjects, isOurs, nowMs),
    ...forRows(
      names.map((name) => ({ owner: personSubject(name), hash: hashedSubject(personSubject(name)) })),
      (rows) => [
        sql`UPDATE ${suppressions} SET ${assign(suppressions, { owner: sql`value->>'hash'` })} FROM json_each(${rows})
WHERE ${suppressions.owner} = value->>'owner' AND ${isOurs}`,
      ],
    ),
    sql`DELETE FROM ${otherAddresses}
WHERE (${isTheirs(otherAddresses.person)} OR ${otherAddresses.address} = ${isLast ? address : null}) AND ${isOurs}`,
    // A lift of an address that others have stays. One of an address that the person had before is deleted, unless an
    // event names it: late reports of it are rare.
    sql`UPDATE ${lifts} SET ${assign(lifts, { person: null })} WHERE ${isTheirs(lifts.person)} AND ${isOurs}
AND ${isShared(sql`substr(${lifts.subject}, ${addressSubject("").length + 1})`)}`,
    sql`DELETE FROM ${lifts} WHERE ${isTheirs(lifts.person)} AND ${isOurs}`,
    sql`DELETE FROM ${people} WHERE ${isTheirs(people.person)} AND ${isOurs}`,
    sql`DELETE FROM ${erasing} WHERE ${erasing.erasure} = ${id} AND ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, isLast ? { ...END, doneAt: nowMs } : { seq: null })}
WHERE ${erasures.id} = ${id} AND ${isOurs}`,
  ]);
}

const END = { address: null, seq: null, batch: null };

/** Whether somebody has an address who is not being erased. */
function isShared(address: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = ${address}
  AND ${people.person} NOT IN (SELECT ${erasing.person} FROM ${erasing}))`;
}

/**
 * Moves suppressions and lifts to the hashes of their subjects. Expired ones are dropped; those of an address that
 * others have stay.
 */
function suppressionStatements(subjects: readonly string[], isOurs: Sql, nowMs: number): Sql[] {
  const { subject, since, until } = suppressions;
  const other = excluded(until);
  const prefix = addressSubject("");
  const named = subjects.map((text) => {
    const address = text.startsWith(prefix) ? text.slice(prefix.length) : null;
    return { subject: text, hash: hashedSubject(text), address };
  });
  const isKept = isShared(sql`named.value->>'address'`);
  return forRows(named, (rows) => {
    const moved = sql`(
  SELECT named.value->>'subject' FROM json_each(${rows}) AS named WHERE NOT ${isKept}) AND ${isOurs}`;
    return [
      sql`INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
SELECT ${erasedSuppression(sql`named.value->>'hash'`)}
FROM json_each(${rows}) AS named CROSS JOIN ${suppressions} ON ${subject} = named.value->>'subject'
WHERE (${until} IS NULL OR ${until} > ${nowMs}) AND NOT ${isKept} AND ${isOurs}
ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE SET ${assign(suppressions, {
        since: sql`min(${since}, ${excluded(since)})`,
        until: sql`iif(${until} IS NULL OR ${other} IS NULL, NULL, max(${until}, ${other}))`,
      })}`,
      sql`DELETE FROM ${suppressions} WHERE ${subject} IN ${moved}`,
      copyLifts(sql`SELECT named.value->>'subject' AS source, named.value->>'hash' AS target, NULL AS person
FROM json_each(${rows}) AS named WHERE NOT ${isKept} AND ${isOurs}`),
      sql`DELETE FROM ${lifts} WHERE ${lifts.subject} IN ${moved}`,
    ];
  });
}
