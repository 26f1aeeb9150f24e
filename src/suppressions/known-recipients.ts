/** What is known of a recipient besides suppressions: a mistyped name looks like somebody who may be mailed. */
import { messageStats, otherAddresses, people } from "../events/schema.ts";
import { type Sql, sql } from "../platform/sql.ts";

export interface KnownRecipient {
  /** Whether a sender or an event has named them. Events of the last minute may be missing. */
  readonly isKnown: boolean;
  /** The address of the person. Undefined: none was named, or no person. */
  readonly address: string | undefined;
}

export interface KnownRow {
  readonly isKnown: 0 | 1;
  readonly address: string | null;
}

/** @param recipient its address in lower case */
export function knownQuery(recipient: {
  readonly person?: string | undefined;
  readonly address?: string | undefined;
}): Sql {
  const [person, address] = [recipient.person ?? null, recipient.address ?? null];
  const ofPerson = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
  return sql`SELECT (${ofPerson}) AS address, EXISTS (${ofPerson})
    OR EXISTS (SELECT 1 FROM ${messageStats} WHERE ${messageStats.person} = ${person})
    OR EXISTS (SELECT 1 FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person})
    OR EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = ${address})
    OR EXISTS (SELECT 1 FROM ${otherAddresses} WHERE ${otherAddresses.address} = ${address}) AS isKnown`;
}

/** What its query has found. */
export function knownIn([row]: readonly KnownRow[]): KnownRecipient {
  return { isKnown: row?.isKnown === 1, address: row?.address ?? undefined };
}
