/**
 * What a sender told of recipients, emails and campaigns: addresses for the unsubscribe page and for suppressions, names for
 * readers of the log.
 */
import { twice } from "./errors.ts";

export interface Told {
  readonly email: { readonly id: string; readonly name?: string | undefined };
  readonly campaign: { readonly id: string; readonly name?: string | undefined };
  readonly person: { readonly id: string; readonly address?: string | undefined };
}

/** Addresses are compared trimmed and in lower case: no mail server in use tells "Marie@" from "marie@". */
export function normalAddress(address: string): string {
  return address.trim().toLowerCase();
}

const NAME = `INSERT INTO names (kind, id, name) VALUES (?1, ?2, ?3)
ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name`;

const ADDRESS = `INSERT INTO people (person, address) VALUES (?1, ?2)
ON CONFLICT (person) DO UPDATE SET address = excluded.address WHERE address <> excluded.address`;

/** A person who unsubscribed before their address was known: the address takes it on, and keeps it. */
const ADDRESS_TAKES_ON = `INSERT INTO suppressions (subject, reason, since, cause)
SELECT 'address:' || ?2, reason, since, cause FROM suppressions
WHERE subject = 'person:' || ?1 AND NOT EXISTS (SELECT 1 FROM people WHERE person = ?1)
ON CONFLICT DO NOTHING`;

/** Remembers names and the address. Unchanged ones write no row. Throws D1's error when they may not be stored. */
export async function learn(d1: D1Database, { email, campaign, person }: Told): Promise<void> {
  const statements: D1PreparedStatement[] = [];
  if (email.name !== undefined) statements.push(d1.prepare(NAME).bind("email", email.id, email.name));
  if (campaign.name !== undefined)
    statements.push(d1.prepare(NAME).bind("campaign", campaign.id, campaign.name));
  if (person.address !== undefined) {
    const address = normalAddress(person.address);
    statements.push(
      d1.prepare(ADDRESS_TAKES_ON).bind(person.id, address),
      d1.prepare(ADDRESS).bind(person.id, address),
    );
  }
  if (statements.length > 0) await twice(() => d1.batch(statements));
}

/** The address of a person, when the sender told it. */
export async function addressOf(d1: D1Database, person: string): Promise<string | undefined> {
  const query = d1.prepare("SELECT address FROM people WHERE person = ?1").bind(person);
  return (await query.first<string>("address")) ?? undefined;
}
