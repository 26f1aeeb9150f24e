/**
 * Which recipients must not be mailed. The suppressions of an address apply to everybody who has it. A person's own
 * apply while no address of theirs is known; a person's "blocked" always applies. Those of erased people are found by
 * their hash.
 */
import { normalAddress } from "../events/address.ts";
import { people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { sql } from "../platform/sql.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";

export type SuppressionReason = "unsubscribed" | "invalid" | "blocked";

export interface Suppression {
  readonly reason: SuppressionReason;
  readonly sinceMs: number;
  /** Undefined: it lasts. */
  readonly untilMs: number | undefined;
  /** "form", "one_click", "complaint", "erased", or what the mail server said. */
  readonly cause: string;
}

/** A person, an address, or both: then this address is checked instead of the one known of the person. */
export interface PersonOrAddress {
  readonly person?: string | undefined;
  readonly address?: string | undefined;
}

/** A suppression as `/v1` answers it. Times are ISO 8601; without `until` it lasts. */
export interface SuppressionAnswer {
  readonly reason: SuppressionReason;
  readonly since: string;
  readonly until?: string;
  readonly cause: string;
}

export function suppressionAnswer({ reason, sinceMs, untilMs, cause }: Suppression): SuppressionAnswer {
  const until = untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() };
  return { reason, since: new Date(sinceMs).toISOString(), ...until, cause };
}

interface Row {
  /** The recipient's index. */
  readonly nth: number;
  readonly reason: SuppressionReason;
  readonly since: number;
  readonly cause: string;
  readonly until: number | null;
}

/** The statement whose result `suppressionsIn` reads, for a transaction. */
export function suppressionsStatement(
  d1: D1Database,
  recipients: readonly PersonOrAddress[],
  nowMs: number,
): D1PreparedStatement {
  const entries = recipients.map(({ person, address }) => {
    const normal = address === undefined ? undefined : normalAddress(address);
    return {
      person,
      address: normal,
      personHash: person === undefined ? undefined : hashedSubject(personSubject(person)),
      addressHash: normal === undefined ? undefined : hashedSubject(addressSubject(normal)),
    };
  });
  const { subject, reason, since, cause, until } = suppressions;
  const query = sql`WITH recipients AS MATERIALIZED (
      SELECT entry.key AS nth, entry.value->>'person' AS person,
        coalesce(entry.value->>'address', ${people.address}) AS address,
        entry.value->>'personHash' AS person_hash, entry.value->>'addressHash' AS address_hash
      FROM json_each(${JSON.stringify(entries)}) AS entry
      LEFT JOIN ${people} ON ${people.person} = entry.value->>'person'
    ), subjects AS (
      SELECT nth, 'address:' || address AS subject, NULL AS only_reason FROM recipients WHERE address IS NOT NULL
      UNION ALL
      SELECT nth, address_hash, NULL FROM recipients WHERE address_hash IS NOT NULL
      UNION ALL
      SELECT nth, 'person:' || person, iif(address IS NULL, NULL, 'blocked') FROM recipients WHERE person IS NOT NULL
      UNION ALL
      SELECT nth, person_hash, iif(address IS NULL, NULL, 'blocked') FROM recipients WHERE person_hash IS NOT NULL
    )
    SELECT nth, ${reason}, min(${since}) AS since, ${cause}, max(${until}) AS until
    FROM subjects JOIN ${suppressions} ON ${subject} = subjects.subject
    WHERE (only_reason IS NULL OR ${reason} = only_reason) AND (${until} IS NULL OR ${until} > ${nowMs})
    GROUP BY nth, ${reason} ORDER BY nth, ${reason}`;
  return query.prepare(d1);
}

/** The suppressions of each of `count` recipients, in their order; an empty list: they may be mailed. */
export function suppressionsIn(result: D1Result<unknown> | undefined, count: number): readonly Suppression[][] {
  const found: Suppression[][] = Array.from({ length: count }, () => []);
  for (const { nth, reason, since, cause, until } of (result?.results ?? []) as Row[]) {
    found[nth]?.push({ reason, sinceMs: since, untilMs: until ?? undefined, cause });
  }
  return found;
}

/** @throws D1's error when it cannot be read */
export async function suppressionsOf(
  d1: D1Database,
  recipients: readonly PersonOrAddress[],
  nowMs: number,
): Promise<readonly Suppression[][]> {
  const result = await retryOnce(() => suppressionsStatement(d1, recipients, nowMs).all());
  return suppressionsIn(result, recipients.length);
}
