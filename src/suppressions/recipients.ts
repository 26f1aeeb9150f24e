/** What senders report of recipients, emails and campaigns: people's addresses, and names for readers of the log. */
import { normalAddress } from "../events/address.ts";
import { type NamedEmail, nameStatements } from "../events/names.ts";
import { people } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { type NamedAddress, storeAddresses } from "./addresses.ts";
import { addressSubject, personSubject, restoreSuppressions } from "./subject.ts";
import { type Suppression, type SuppressionRow, suppressionsIn, suppressionsQuery } from "./suppressions.ts";

interface ReportedPerson {
  readonly id: string;
  readonly address?: string | undefined;
}

export interface ReportedRecipient extends NamedEmail {
  readonly person: ReportedPerson;
}

export interface ReportedRecipients {
  /** Statements of `nameStatements`. */
  readonly names: readonly Sql[];
  readonly persons: readonly ReportedPerson[];
}

/** As `upsertRecipients`, of one, with the names of email, campaign and links. */
export async function upsertRecipient(
  d1: D1Database,
  { person, ...email }: ReportedRecipient,
  nowMs: number,
): Promise<readonly Suppression[]> {
  const names = nameStatements(email, { areUrlsKept: true });
  const [found = []] = await upsertRecipients(d1, { names, persons: [person] }, nowMs);
  return found;
}

/**
 * Stores names and addresses, and returns each person's suppressions, in one transaction. What is stored already
 * writes no row.
 * @throws D1's error when it may not be stored
 */
export async function upsertRecipients(
  d1: D1Database,
  { names, persons }: ReportedRecipients,
  nowMs: number,
): Promise<readonly (readonly Suppression[])[]> {
  const statements = names.map((statement) => statement.prepare(d1));
  for (const together of storedTogether(persons)) {
    const named = sql`WITH named AS (SELECT key AS nth, value->>'person' AS person, value->>'address' AS address
      FROM json_each(${JSON.stringify(together)}))`;
    const subjects = together.flatMap(({ person, address }) => [personSubject(person), addressSubject(address)]);
    statements.push(
      ...restoreSuppressions(d1, [...new Set(subjects)]),
      ...storeAddresses(named, nowMs).map((statement) => statement.prepare(d1)),
    );
  }
  const asked = persons.map(({ id, address }) => ({ person: id, address }));
  statements.push(suppressionsQuery(asked, nowMs).prepare(d1));
  const results = await retryOnce(() => d1.batch<SuppressionRow>(statements));
  return suppressionsIn(results.at(-1)?.results ?? [], persons.length);
}

/** Their addresses in groups that have each person once, in their order: the last address of a person stays. */
function storedTogether(persons: readonly ReportedPerson[]): NamedAddress[][] {
  const groups: Map<string, string>[] = [];
  for (const { id, address: text } of persons) {
    if (text === undefined) continue;
    const address = normalAddress(text);
    const named = groups.at(-1)?.get(id);
    if (groups.length === 0 || (named !== undefined && named !== address)) groups.push(new Map());
    groups.at(-1)?.set(id, address);
  }
  return groups.map((group) => [...group].map(([person, address]) => ({ person, address })));
}

/** The address of a person, if a sender has reported it. */
export async function addressOf(d1: D1Database, person: string): Promise<string | undefined> {
  const query = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
  return (await query.prepare(d1).first<string>("address")) ?? undefined;
}
