/**
 * Addresses of people, as senders and bounces name them, and the suppressions that follow. Whoever is named with an
 * unsubscribed address is unsubscribed, and so is an address that is named of somebody who is: an opt-out outlives a
 * change of address, and a record that is deleted and made again. What follows has the owner of what it follows, so
 * that subscribing again lifts both.
 *
 * Statements of a transaction rely on each other's order: docs/design/suppressions.md, "The order of statements".
 */
import type { Column } from "drizzle-orm";
import { ADDRESS_ERASED } from "../events/erased-row.ts";
import { holdersOf } from "../events/holders.ts";
import { events, lifts, otherAddresses, people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { assign, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";
import { copyLifts, isLifted } from "./lifts.ts";
import {
  addressSubject,
  personSubject,
  restoreSuppressions,
  SAME_SUPPRESSION,
  SUPPRESSION_COLUMNS,
  suppressionRow,
} from "./subject.ts";

/**
 * The cause of a person's row that follows an address's: they have not unsubscribed themselves. Of an erased address
 * nobody knows who did; there the cause stays "erased".
 */
export const BY_ADDRESS = "address";

const { subject, reason, since, cause, event, lastAt, owner } = suppressions;

/** When the latest of what suppresses a subject happened. */
export const LATEST = sql`coalesce(${lastAt}, ${since})`;

/**
 * A SELECT of those whose opt-outs suppress the subject of a row of `suppressions`: a person, and of an address also
 * the others who have it.
 */
export function deciders(decider: string): Sql {
  const address = sql`substr(${subject}, ${"address:".length + 1})`;
  return sql`SELECT ${decider} UNION ${holdersOf(address, () => sql`${subject} LIKE 'address:%'`)}`;
}

/**
 * Statements that store addresses, for a transaction, after `restoreSuppressions` of those named.
 * @param named a WITH clause whose last table, `named`, has the columns nth (the order), person and address
 * @param replacedAtMs the time at which a sender decorates for them, so that they replace other addresses; undefined:
 * events of sends name them, and an address that a sender has named stays
 */
export function storeAddresses(named: Sql, replacedAtMs?: number): Sql[] {
  const known = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = named.person`;
  const suppressPerson = sql`${named} INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT ${suppressionRow({
      subject: sql`'person:' || named.person`,
      cause: sql`iif(${cause} = 'erased', ${cause}, ${BY_ADDRESS})`,
    })}
    FROM named CROSS JOIN ${suppressions} ON ${subject} IN ('address:' || named.address, 'address:' || (${known}))
    WHERE ${reason} = 'unsubscribed' ON CONFLICT DO NOTHING`;
  // What suppressed a person before any address of theirs was known passes to their first address, for good, and so do
  // the lifts of it.
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
  const isMailed = replacedAtMs === undefined;
  const whenKnown = isMailed ? KEEP_FIRST : replace(replacedAtMs);
  // Opt-outs of those named before in the same list: an address gets the opt-out of one of them only after this.
  const optOuts = sql`SELECT other.nth, other.address, ${owner} AS owner FROM named AS other
    CROSS JOIN ${suppressions} ON ${subject} = 'person:' || other.person WHERE ${reason} = 'unsubscribed'`;
  // Not an address that somebody else has unsubscribed: subscribing again lifts the opt-out of the person's address,
  // and whoever can name addresses could lift any.
  // Made once: nearly always nobody is in it, and looking through all who are named for each of them takes a square.
  const store = sql`${named}, opted AS MATERIALIZED (${optOuts})
    INSERT INTO ${people} (${columnNames(people.person, people.address, people.isMailed)})
    SELECT named.person, named.address, ${Number(isMailed)} FROM named
    WHERE NOT EXISTS (SELECT 1 FROM ${suppressions} WHERE ${subject} = 'address:' || named.address
      AND ${reason} = 'unsubscribed' AND ${owner} IS NOT 'person:' || named.person)
    AND NOT EXISTS (SELECT 1 FROM opted WHERE opted.address = named.address AND opted.nth < named.nth
      AND opted.owner IS NOT 'person:' || named.person)
    ON CONFLICT (${columnNames(people.person)}) DO UPDATE ${whenKnown}`;
  return [
    suppressPerson,
    suppressFirstAddress,
    liftFirstAddress,
    keepOther(
      named,
      sql`SELECT ${people.person}, ${people.address} FROM named
      CROSS JOIN ${people} ON ${people.person} = named.person WHERE ${people.address} <> named.address`,
    ),
    store,
    keepOther(named, sql`SELECT named.person, named.address FROM named WHERE named.address IS NOT (${known})`),
    suppressAddress(named, sql`${reason} = 'unsubscribed'`),
    // Others who are named with the same address, whoever is first.
    suppressPerson,
  ];
}

/** Keeps the first in the alphabet of addresses that only events name, whatever their order. */
const KEEP_FIRST = sql`SET ${assign(people, { address: excluded(people.address) })}
  WHERE ${people.isMailed} AND ${excluded(people.address)} < ${people.address}`;

function replace(replacedAtMs: number): Sql {
  const isOther = sql`${people.address} <> ${excluded(people.address)}`;
  return sql`SET ${assign(people, {
    address: excluded(people.address),
    replacedAt: sql`iif(${isOther}, ${replacedAtMs}, ${people.replacedAt})`,
    isMailed: 0,
  })} WHERE ${isOther} OR ${people.isMailed}`;
}

function keepOther(named: Sql, kept: Sql): Sql {
  return sql`${named} INSERT INTO ${otherAddresses} (${columnNames(otherAddresses.person, otherAddresses.address)})
    ${kept} ON CONFLICT DO NOTHING`;
}

/** An address that an event of a send names, as the person's. */
export interface NamedAddress {
  readonly person: string;
  /** Trimmed and in lower case. */
  readonly address: string;
}

/** An address that an event names, with the ids of the event and of its Sent. */
interface ReportedAddress extends NamedAddress {
  readonly event: string;
  readonly sent: string;
}

/** A row of `newAddresses`. */
export interface NewAddress {
  readonly person: string;
  readonly newAddress: string;
  /** Whether anything is stored of erased people, so that it may be theirs. */
  readonly hasHashes: 0 | 1;
}

/**
 * The query for those of them that are not known of their persons. It runs before the insert of the events: what
 * is reported again of an event whose address was erased is not new.
 */
export function newAddresses(named: readonly ReportedAddress[]): Sql {
  const { person, address } = otherAddresses;
  const { uniqueId, detail } = events;
  return sql`SELECT DISTINCT value->>'person' AS person, value->>'address' AS newAddress,
      (EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isHash(subject)})
      OR EXISTS (SELECT 1 FROM ${lifts} WHERE ${isHash(lifts.subject)})) AS hasHashes
    FROM json_each(${JSON.stringify(named)}) LEFT JOIN ${people} ON ${people.person} = value->>'person'
    WHERE ${people.address} IS NOT value->>'address' AND NOT EXISTS (
      SELECT 1 FROM ${otherAddresses} WHERE ${person} = value->>'person' AND ${address} = value->>'address')
    AND NOT (EXISTS (SELECT 1 FROM ${events} WHERE ${uniqueId} = value->>'event') AND EXISTS (
      SELECT 1 FROM ${events}
      WHERE ${uniqueId} IN (value->>'event', value->>'sent') AND ${detail}->>${ADDRESS_ERASED}))`;
}

/** Makes them their persons' addresses, and what suppresses either of the two becomes the other's. */
export async function storeNewAddresses(d1: D1Database, found: readonly NewAddress[]): Promise<void> {
  if (found.length === 0) return;
  // Hashing takes as long as all the rest, and most logs hold no hashes.
  const hashed = found.filter(({ hasHashes }) => hasHashes === 1);
  const subjects = hashed.flatMap(({ person, newAddress }) => [personSubject(person), addressSubject(newAddress)]);
  const restore = hashed.length === 0 ? [] : restoreSuppressions(d1, [...new Set(subjects)]);
  const named = sql`WITH named AS (SELECT key AS nth, value->>'person' AS person, value->>'newAddress' AS address
    FROM json_each(${JSON.stringify(found)}))`;
  const store = storeAddresses(named).map((statement) => statement.prepare(d1));
  await retryOnce(() => d1.batch([...restore, ...store]));
}

/** A range, so that the primary key finds one at once. */
function isHash(column: Column): Sql {
  return sql`${column} >= 'sha256:' AND ${column} < 'sha256;'`;
}

/**
 * Suppresses the addresses named for what suppresses their persons, under a condition. One that is suppressed for a
 * decision of the same person, reported from there, has their first and their latest.
 */
function suppressAddress(named: Sql, condition: Sql): Sql {
  const isFirst = sql`${excluded(since)} < ${since}`;
  const latest = sql`coalesce(${excluded(lastAt)}, ${excluded(since)})`;
  return sql`${named} INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT ${suppressionRow({ subject: sql`'address:' || named.address` })}
    FROM named CROSS JOIN ${suppressions} ON ${subject} = 'person:' || named.person
    WHERE ${condition} ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE SET ${assign(suppressions, {
      since: sql`min(${since}, ${excluded(since)})`,
      cause: sql`iif(${isFirst}, ${excluded(cause)}, ${cause})`,
      event: sql`iif(${isFirst}, ${excluded(event)}, ${event})`,
      lastAt: sql`max(${LATEST}, ${latest})`,
    })} WHERE ${owner} = ${excluded(owner)} AND (${isFirst} OR ${latest} > ${LATEST})`;
}
