/**
 * What a sender told of recipients, emails and campaigns: addresses for the unsubscribe page and for suppressions, names for
 * readers of the log.
 */
import { normalAddress } from "../events/address.ts";
import { retryOnce } from "../platform/errors.ts";
import { addressSubject, personSubject, restoreSuppressions } from "./subject.ts";
import { type Suppression, suppressionsIn, suppressionsStatement } from "./suppressions.ts";

export interface Told {
  readonly email: { readonly id: string; readonly name?: string | undefined };
  readonly campaign: { readonly id: string; readonly name?: string | undefined };
  readonly person: { readonly id: string; readonly address?: string | undefined };
}

const NAME = `INSERT INTO names (kind, id, name) VALUES (?1, ?2, ?3)
ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name`;

const ADDRESS = `INSERT INTO people (person, address) VALUES (?1, ?2)
ON CONFLICT (person) DO UPDATE SET address = excluded.address WHERE address <> excluded.address`;

/** A person who unsubscribed before their address was known: the address takes it on, and keeps it. */
const ADDRESS_TAKES_ON = `INSERT INTO suppressions (subject, reason, since, cause, until, event)
SELECT 'address:' || ?2, reason, since, cause, until, event FROM suppressions
WHERE subject = 'person:' || ?1 AND NOT EXISTS (SELECT 1 FROM people WHERE person = ?1)
ON CONFLICT DO NOTHING`;

/**
 * Remembers names and the address, and answers what stands against mailing the person, in one transaction. What is known
 * already writes no row. Throws D1's error when it may not be stored.
 */
export async function upsertRecipient(
  d1: D1Database,
  { email, campaign, person }: Told,
  nowMs: number,
): Promise<readonly Suppression[]> {
  const statements: D1PreparedStatement[] = [];
  if (email.name !== undefined) statements.push(d1.prepare(NAME).bind("email", email.id, email.name));
  if (campaign.name !== undefined)
    statements.push(d1.prepare(NAME).bind("campaign", campaign.id, campaign.name));
  if (person.address !== undefined) {
    const address = normalAddress(person.address);
    statements.push(
      ...restoreSuppressions(d1, [personSubject(person.id), addressSubject(address)]),
      d1.prepare(ADDRESS_TAKES_ON).bind(person.id, address),
      d1.prepare(ADDRESS).bind(person.id, address),
    );
  }
  statements.push(suppressionsStatement(d1, [{ person: person.id, address: person.address }], nowMs));
  const results = await retryOnce(() => d1.batch(statements));
  const [suppressions = []] = suppressionsIn(results.at(-1), 1);
  return suppressions;
}

/** The address of a person, when the sender told it. */
export async function addressOf(d1: D1Database, person: string): Promise<string | undefined> {
  const query = d1.prepare("SELECT address FROM people WHERE person = ?1").bind(person);
  return (await query.first<string>("address")) ?? undefined;
}
