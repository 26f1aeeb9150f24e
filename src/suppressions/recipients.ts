/** What senders report of recipients, emails and campaigns: a person's address, and names for readers of the log. */
import { normalAddress } from "../events/address.ts";
import { names, people } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { assignExcluded, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";
import { storeAddresses } from "./addresses.ts";
import { addressSubject, personSubject, restoreSuppressions } from "./subject.ts";
import { type Suppression, suppressionsIn, suppressionsStatement } from "./suppressions.ts";

interface Named {
  readonly id: string;
  readonly name?: string | undefined;
}

export interface ReportedRecipient {
  readonly email: Named;
  readonly campaign: Named;
  readonly person: { readonly id: string; readonly address?: string | undefined };
}

/**
 * Stores names and the address, and returns the person's suppressions, in one transaction. What is stored already
 * writes no row.
 * @throws D1's error when it may not be stored
 */
export async function upsertRecipient(
  d1: D1Database,
  { email, campaign, person }: ReportedRecipient,
  nowMs: number,
): Promise<readonly Suppression[]> {
  const statements: D1PreparedStatement[] = [];
  if (email.name !== undefined) statements.push(upsertName("email", email.id, email.name).prepare(d1));
  if (campaign.name !== undefined) {
    statements.push(upsertName("campaign", campaign.id, campaign.name).prepare(d1));
  }
  if (person.address !== undefined) {
    const address = normalAddress(person.address);
    const named = sql`WITH named AS (SELECT ${person.id} AS person, ${address} AS address)`;
    statements.push(
      ...restoreSuppressions(d1, [personSubject(person.id), addressSubject(address)]),
      ...storeAddresses(named, nowMs).map((statement) => statement.prepare(d1)),
    );
  }
  statements.push(suppressionsStatement(d1, [{ person: person.id, address: person.address }], nowMs));
  const results = await retryOnce(() => d1.batch(statements));
  const [found = []] = suppressionsIn(results.at(-1), 1);
  return found;
}

/** The address of a person, if a sender has reported it. */
export async function addressOf(d1: D1Database, person: string): Promise<string | undefined> {
  const query = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
  return (await query.prepare(d1).first<string>("address")) ?? undefined;
}

function upsertName(kind: "email" | "campaign", id: string, name: string): Sql {
  return sql`INSERT INTO ${names} (${columnNames(names.kind, names.id, names.name)}) VALUES (${kind}, ${id}, ${name})
    ON CONFLICT (${columnNames(names.kind, names.id)}) DO UPDATE SET ${assignExcluded(names.name)}
    WHERE ${names.name} <> ${excluded(names.name)}`;
}
