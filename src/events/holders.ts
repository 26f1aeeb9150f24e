/**
 * Who has or had an address, and which addresses somebody has or had: `people` and `other_addresses` say it together.
 * Most who need both ask here, so that neither of the two is forgotten; a statement that must tell them apart, or that
 * follows one index, reads them itself.
 */
import type { Column } from "drizzle-orm";
import { type Sql, sql } from "../platform/sql.ts";
import { otherAddresses, people } from "./schema.ts";

/** A condition on a column that has persons. */
type OfPerson = (person: Column) => Sql;

/**
 * A SELECT of `person`: everybody who has or had an address.
 * @param isWanted whom of them. Default: all
 */
export function holdersOf(address: string | Sql, isWanted: OfPerson = () => sql`true`): Sql {
  return sql`SELECT ${people.person} AS person FROM ${people}
WHERE ${people.address} = ${address} AND ${isWanted(people.person)}
UNION SELECT ${otherAddresses.person} FROM ${otherAddresses}
WHERE ${otherAddresses.address} = ${address} AND ${isWanted(otherAddresses.person)}`;
}

/**
 * FROM and WHERE of those who had an address and do not have it any more: their rows of `other_addresses`, beside those
 * of `people` with the address that they have; without one where nobody knows it.
 */
export function fromFormerHolders(address: string | null): Sql {
  return sql`FROM ${otherAddresses} LEFT JOIN ${people} ON ${people.person} = ${otherAddresses.person}
WHERE ${otherAddresses.address} = ${address} AND ${people.address} IS NOT ${address}`;
}

/** A SELECT of `address`: all that persons have or had. */
export function addressesOf(isTheirs: OfPerson): Sql {
  return sql`SELECT ${people.address} AS address FROM ${people} WHERE ${isTheirs(people.person)}
UNION SELECT ${otherAddresses.address} FROM ${otherAddresses} WHERE ${isTheirs(otherAddresses.person)}`;
}
