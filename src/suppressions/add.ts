/**
 * Suppressions that a sender adds: one, or an import from another system. An opt-out that is added counts by its time
 * as every other: whoever subscribed again after it is not suppressed, whatever is reported first. It is no event of
 * the log, which says what people did with the mails of this Worker; so it has a row of its own beside the person's
 * own decisions, which do not depend on it. What is added again changes nothing.
 */
import type { Column } from "drizzle-orm";
import { otherAddresses, people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { assign, excluded, type Sql, sql } from "../platform/sql.ts";
import { LATEST, storeAddresses } from "./addresses.ts";
import { giveNextSubscribedEffect, hasSubscribedSince } from "./decisions.ts";
import { isLifted } from "./lifts.ts";
import {
  ADDED,
  addressSubject,
  personSubject,
  restoreSuppressions,
  SAME_SUPPRESSION,
  SUPPRESSION_COLUMNS,
} from "./subject.ts";
import type { SuppressionReason } from "./suppressions.ts";

/** At least one of `person` and `address`. */
export interface SuppressionToAdd {
  readonly person: string | undefined;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
  readonly reason: SuppressionReason;
  readonly cause: string;
  /** Who decided it, for people to read. */
  readonly who: string | undefined;
  readonly atMs: number;
  /** Whether the time was given. Otherwise it is now, and what was added before stays as it is. */
  readonly isTimed: boolean;
  /** Undefined: it lasts. */
  readonly untilMs: number | undefined;
}

/**
 * Adds them in one transaction. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function addSuppressions(
  d1: D1Database,
  added: readonly SuppressionToAdd[],
  nowMs: number,
): Promise<void> {
  const subjects = added.flatMap(({ person, address }) => [
    ...(person === undefined ? [] : [personSubject(person)]),
    ...(address === undefined ? [] : [addressSubject(address)]),
  ]);
  const lists = jsonArrays(added.map((one) => JSON.stringify(one))).map(itemsIn);
  const statements = [
    ...lists.flatMap((items) => storeAddresses(namedIn(items))),
    ...lists.map((items) => insertAdded(items, nowMs)),
    ...lists.map((items) => giveNextSubscribedEffect(optOutsIn(items))),
  ];
  await retryOnce(() =>
    d1.batch([
      ...restoreSuppressions(d1, [...new Set(subjects)]),
      ...statements.map((statement) => statement.prepare(d1)),
    ]),
  );
}

/** A WITH clause: `items`, some of what is added. */
function itemsIn(json: string): Sql {
  return sql`WITH items AS MATERIALIZED (
    SELECT key AS nth, value->>'person' AS person, value->>'address' AS address, value->>'reason' AS reason,
      value->>'cause' AS cause, value->>'who' AS who, value->>'atMs' AS at, value->>'untilMs' AS until,
      iif(value->>'isTimed', value->>'atMs', NULL) AS given_at
    FROM json_each(${json}))`;
}

function namedIn(items: Sql): Sql {
  return sql`${items}, named AS (
    SELECT nth, person, address FROM items WHERE person IS NOT NULL AND address IS NOT NULL)`;
}

function optOutsIn(items: Sql): Sql {
  return sql`${items} SELECT person, at FROM items WHERE person IS NOT NULL AND reason = 'unsubscribed'
    UNION ALL SELECT ${people.person}, at FROM items CROSS JOIN ${people} ON ${people.address} = items.address
    WHERE items.person IS NULL AND reason = 'unsubscribed'`;
}

/** An opt-out is the person's and all of their addresses'; invalid is the address, as long as one is known. */
function insertAdded(items: Sql, nowMs: number): Sql {
  // Whoever subscribes again lifts the opt-out of the address that is stored of them.
  const holder = sql`SELECT ${people.person} FROM ${people} WHERE ${people.address} = found.address`;
  const isLate = sql`found.reason = 'unsubscribed' AND iif(found.person IS NULL,
    EXISTS (${holder} AND ${hasSubscribedSince(sql`${people.person}`, sql`found.at`)}),
    ${isLifted(sql`'person:' || found.person`, sql`'unsubscribed'`, sql`found.at`)}
      OR ${hasSubscribedSince(sql`found.person`, sql`found.at`)})`;
  return sql`${items}, recipients AS (
      SELECT items.*, coalesce(items.address, ${people.address}) AS mailed
      FROM items LEFT JOIN ${people} ON ${people.person} = items.person
    ), found AS (
      SELECT 'address:' || mailed AS subject, recipients.* FROM recipients WHERE mailed IS NOT NULL
      UNION ALL SELECT 'person:' || person, recipients.* FROM recipients
        WHERE person IS NOT NULL AND (reason <> 'invalid' OR mailed IS NULL)
      UNION ALL SELECT 'address:' || ${people.address}, recipients.*
        FROM recipients CROSS JOIN ${people} ON ${people.person} = recipients.person WHERE reason = 'unsubscribed'
      UNION ALL SELECT 'address:' || ${otherAddresses.address}, recipients.*
        FROM recipients CROSS JOIN ${otherAddresses} ON ${otherAddresses.person} = recipients.person
        WHERE reason = 'unsubscribed'
    )
    INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT subject, reason, ${ADDED}, at, cause, until, NULL, given_at, who,
      iif(reason = 'unsubscribed', coalesce('person:' || person, subject), NULL)
    FROM found WHERE coalesce(found.until > ${nowMs}, true) AND NOT (${isLate})
      AND NOT ${isLifted(sql`found.subject`, sql`found.reason`, sql`found.at`)}
    ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE ${keptOfTwo(nowMs)}`;
}

/**
 * The SET of an upsert, and its WHERE clause: keeps the earlier of two, the time of the later, and the later end. One
 * that has ended is replaced.
 */
function keptOfTwo(nowMs: number): Sql {
  const { since, cause, until, lastAt, who, owner } = suppressions;
  const order = (value: (column: Column) => Sql) =>
    sql`(${value(since)}, ${value(cause)}, coalesce(${value(who)}, ''), ${value(owner)})`;
  const hasEnded = sql`coalesce(${until} <= ${nowMs}, false)`;
  const isFirst = sql`(${hasEnded} OR ${order(excluded)} < ${order((column) => sql`${column}`)})`;
  const first = (column: Column) => sql`iif(${isFirst}, ${excluded(column)}, ${column})`;
  // NULL: no time was given.
  const isLast = sql`(${hasEnded} OR coalesce(${excluded(lastAt)} > ${LATEST}, false))`;
  const values = {
    since: first(since),
    cause: first(cause),
    until: sql`max(${until}, ${excluded(until)})`,
    lastAt: sql`iif(${isLast}, ${excluded(lastAt)}, ${LATEST})`,
    who: first(who),
    owner: first(owner),
  };
  const endsLater = sql`coalesce(${excluded(until)} > ${until}, false)`;
  return sql`SET ${assign(suppressions, values)} WHERE ${isFirst} OR ${isLast} OR ${endsLater}`;
}
