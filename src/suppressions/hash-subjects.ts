/**
 * Who must not be mailed, once their names are erased: suppressions and lifts move to the hashes of their subjects, and
 * owners of opt-outs are hashed, too.
 */
import { lifts, suppressions } from "../events/schema.ts";
import { assign, excluded, type Sql, sql } from "../platform/sql.ts";
import { copyLifts } from "./lifts.ts";
import { addressSubject, erasedSuppression, hashedSubject, SAME_SUPPRESSION, SUPPRESSION_COLUMNS } from "./subject.ts";

interface Hashing {
  /** Whether others have an address: then what is under it stays. */
  readonly isShared: (address: Sql) => Sql;
  /** The statements apply only where it holds. */
  readonly condition: Sql;
  /** Suppressions that have expired by then are dropped. */
  readonly nowMs: number;
}

/** Statements for a transaction. */
export function hashSubjects(subjects: readonly string[], { isShared, condition, nowMs }: Hashing): Sql[] {
  const { subject, since, until, owner } = suppressions;
  const prefix = addressSubject("");
  const named = subjects.map((text) => {
    const address = text.startsWith(prefix) ? text.slice(prefix.length) : null;
    return { subject: text, hash: hashedSubject(text), address };
  });
  const rows = sql`json_each(${JSON.stringify(named)}) AS named`;
  const isMoved = sql`NOT ${isShared(sql`named.value->>'address'`)} AND ${condition}`;
  const moved = sql`(SELECT named.value->>'subject' FROM ${rows} WHERE ${isMoved})`;
  const other = excluded(until);
  return [
    sql`INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS}) SELECT ${erasedSuppression(sql`named.value->>'hash'`)}
FROM ${rows} CROSS JOIN ${suppressions} ON ${subject} = named.value->>'subject'
WHERE (${until} IS NULL OR ${until} > ${nowMs}) AND ${isMoved}
ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE SET ${assign(suppressions, {
      since: sql`iif(${until} <= ${nowMs}, ${excluded(since)}, min(${since}, ${excluded(since)}))`,
      until: sql`iif(${until} IS NULL OR ${other} IS NULL, NULL, max(${until}, ${other}))`,
    })}`,
    sql`DELETE FROM ${suppressions} WHERE ${subject} IN ${moved}`,
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { owner: sql`named.value->>'hash'` })} FROM ${rows}
WHERE ${owner} = named.value->>'subject' AND ${condition}`,
    copyLifts(sql`SELECT named.value->>'subject' AS source, named.value->>'hash' AS target, NULL AS person
FROM ${rows} WHERE ${isMoved}`),
    sql`DELETE FROM ${lifts} WHERE ${lifts.subject} IN ${moved}`,
  ];
}
