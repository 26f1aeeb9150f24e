/**
 * Addresses of people, as senders and bounces name them, and the suppressions that follow. Whoever is named with an
 * unsubscribed address is unsubscribed, and so is an address that is named of somebody who is: an opt-out outlives a
 * change of address, and a record that is deleted and made again. What follows has the event of what it follows, so
 * that subscribing again lifts both.
 */
import { lifts, people, suppressions } from "../events/schema.ts";
import { assign, columnNames, excluded, rawSql, type Sql, sql } from "../platform/sql.ts";
import { copyLifts, isLifted } from "./lifts.ts";
import { SUPPRESSION_COLUMNS } from "./subject.ts";

/**
 * The cause of a person's row that follows an address's: they have not unsubscribed themselves. Of an erased address
 * nobody knows who did; there the cause stays "erased".
 */
export const BY_ADDRESS = "address";

const { subject, reason, since, cause, until, event, lastAt } = suppressions;

/** When the latest of what suppresses a subject happened. */
export const LATEST = sql`coalesce(${lastAt}, ${since})`;

/**
 * Statements that store addresses, for a transaction, after `restoreSuppressions` of those named.
 * @param named a WITH clause whose last table, `named`, has the columns person and address
 * @param replacedAtMs the time at which they replace other addresses; undefined: a known address stays
 */
export function storeAddresses(named: Sql, replacedAtMs?: number): Sql[] {
  const known = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = named.person`;
  const suppressPerson = sql`${named} INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT 'person:' || named.person, ${reason}, ${since}, iif(${cause} = 'erased', ${cause}, ${BY_ADDRESS}), ${until},
      ${event}, ${lastAt}
    FROM named JOIN ${suppressions} ON ${subject} IN ('address:' || named.address, 'address:' || (${known}))
    WHERE ${reason} = 'unsubscribed' ON CONFLICT DO NOTHING`;
  // What a person was suppressed for before any address of theirs was known is their first address's, and stays so;
  // and so is that it was removed.
  const isRemoved = isLifted(sql`'address:' || named.address`, sql`${reason}`, LATEST);
  const suppressFirstAddress = suppressAddress(
    named,
    sql`${reason} <> 'unsubscribed' AND NOT EXISTS (${known}) AND NOT ${isRemoved}`,
  );
  const liftFirstAddress = copyLifts(
    sql`${named} SELECT 'person:' || named.person AS source, 'address:' || named.address AS target, named.person
      FROM named WHERE NOT EXISTS (${known})`,
    sql`${lifts.reason} = 'invalid'`,
  );
  const whenKnown = replacedAtMs === undefined ? rawSql("NOTHING") : replace(replacedAtMs);
  // Not an address that somebody else has unsubscribed: subscribing again lifts the opt-out of the person's address,
  // and whoever can name addresses could lift any.
  const store = sql`${named} INSERT INTO ${people} (${columnNames(people.person, people.address)})
    SELECT named.person, named.address FROM named
    WHERE NOT EXISTS (SELECT 1 FROM ${suppressions}
      WHERE ${subject} = 'address:' || named.address AND ${reason} = 'unsubscribed')
    OR EXISTS (SELECT 1 FROM ${suppressions}
      WHERE ${subject} = 'person:' || named.person AND ${reason} = 'unsubscribed' AND ${cause} <> ${BY_ADDRESS})
    ON CONFLICT (${columnNames(people.person)}) DO ${whenKnown}`;
  return [
    suppressPerson,
    suppressFirstAddress,
    liftFirstAddress,
    store,
    suppressAddress(named, sql`${reason} = 'unsubscribed'`),
  ];
}

function replace(replacedAtMs: number): Sql {
  return sql`UPDATE SET ${assign(people, { address: excluded(people.address), replacedAt: replacedAtMs })}
  WHERE ${people.address} <> ${excluded(people.address)}`;
}

/** Suppresses the addresses named for what suppresses their persons, under a condition. */
function suppressAddress(named: Sql, condition: Sql): Sql {
  return sql`${named} INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT 'address:' || named.address, ${reason}, ${since}, ${cause}, ${until}, ${event}, ${lastAt}
    FROM named JOIN ${suppressions} ON ${subject} = 'person:' || named.person
    WHERE ${condition} ON CONFLICT DO NOTHING`;
}
