/**
 * What a hard bounce suppresses: a blocked recipient for 24 hours, an invalid one until it is removed. A bounce that
 * happened before a removal and is reported after it suppresses nothing.
 */
import { CATEGORY } from "../events/bounce.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { storeAddresses } from "./addresses.ts";
import { isLifted } from "./lifts.ts";
import { addressSubject, personSubject, restoreSuppressions, SUPPRESSION_COLUMNS } from "./subject.ts";

/** How long a suppression "blocked" lasts. Source: Marketo's "email event logging" page, "no email for 24 hours". */
export const BLOCKED_MS = DAY_MS;

/**
 * A bounce mail names no address that can be trusted, so the person's counts where the log has none of the send. An
 * address that replaced another one so shortly before the bounce may not be the one that was mailed: servers try
 * for up to five days (RFC 5321 §4.5.4.1), and what was decorated need not leave at once.
 */
const MAX_BOUNCE_DELAY_MS = 7 * DAY_MS;

export interface BounceSuppression {
  /** The id of the Hard Bounced. */
  readonly event: string;
  /** The id of the Sent that bounced, whether it is logged or not. */
  readonly sent: string;
  readonly person: string;
  /** Trimmed and in lower case. */
  readonly address: string | undefined;
  readonly reason: "invalid" | "blocked";
  readonly sinceMs: number;
  readonly cause: string;
}

/**
 * Statements that suppress what bounced, for a transaction. They run before the insert of the Hard Bounced events:
 * those that are logged already suppress nothing again.
 * @param which "logged": bounces in the log of which more has become known; what else they suppressed is free again
 * @throws D1's error when it cannot be asked for the addresses that bounces do not name
 */
export async function suppressBounced(
  d1: D1Database,
  bounces: readonly BounceSuppression[],
  which: "new" | "logged" = "new",
): Promise<D1PreparedStatement[]> {
  const unaddressed = bounces.filter(({ address }) => address === undefined);
  const addresses = await sentAddresses(d1, unaddressed);
  const subjects = bounces.flatMap(({ person, address, event }) => {
    const named = [personSubject(person), ...(address === undefined ? [] : [addressSubject(address)])];
    return named.map((text) => ({ subject: text, event: which === "logged" ? undefined : event }));
  });
  const bounced = bouncedRows(bounces, which);
  // Stores an address that only this bounce names. Without it, the person would be suppressed instead of the address,
  // and their next address with them.
  const named = sql`${bounced}, named AS (
    SELECT row_number() OVER () AS nth, person, address FROM bounced WHERE address IS NOT NULL)`;
  const isMailed = sql`(${people.replacedAt} IS NULL OR ${people.replacedAt} < bounced.since - ${MAX_BOUNCE_DELAY_MS})`;
  const suppress = sql`${bounced}, recipients AS (
      SELECT bounced.*, coalesce(bounced.address, iif(${isMailed}, ${people.address}, NULL)) AS mailed,
        ${people.person} IS NOT NULL AS is_known
      FROM bounced LEFT JOIN ${people} ON ${people.person} = bounced.person
    )
    INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
    SELECT subject, reason, event, since, cause, until, event, NULL, NULL, NULL FROM (
      SELECT 'address:' || mailed AS subject, recipients.* FROM recipients WHERE mailed IS NOT NULL
      UNION ALL
      SELECT 'person:' || person, recipients.* FROM recipients
      WHERE reason = 'blocked' OR (mailed IS NULL AND NOT is_known)
    ) AS found WHERE NOT ${isLifted(sql`found.subject`, sql`found.reason`, sql`found.since`)}
    ON CONFLICT DO NOTHING`;
  const free = which === "logged" ? [deleteBounced(bounced)] : [];
  const statements = [...free, ...storeAddresses(named), suppress];
  const restore = restoreSuppressions(d1, [...subjects, ...addresses.map(addressSubject)]);
  return [...restore, ...statements.map((statement) => statement.prepare(d1))];
}

/** The addresses that these were sent to, as far as the log has them. */
async function sentAddresses(d1: D1Database, bounces: readonly BounceSuppression[]): Promise<string[]> {
  if (bounces.length === 0) return [];
  const sentIds = JSON.stringify(bounces.map(({ sent }) => sent));
  const query = sql`SELECT ${events.detail}->>'address' AS address
    FROM json_each(${sentIds}) AS sent CROSS JOIN ${events} ON ${events.uniqueId} = sent.value`;
  const { results } = await query.prepare(d1).all<{ address: string | null }>();
  return results.flatMap(({ address }) => address ?? []);
}

/**
 * A WITH clause: `bounced`, the bounces that are not logged yet. The address is the bounce's, else the one of its
 * Sent, whatever address the person has now.
 */
function bouncedRows(bounces: readonly BounceSuppression[], which: "new" | "logged"): Sql {
  const rows = bounces.map(({ sinceMs, ...bounce }) => ({
    ...bounce,
    since: sinceMs,
    until: bounce.reason === "blocked" ? sinceMs + BLOCKED_MS : null,
  }));
  const isLogged = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = value->>'event')`;
  // Somebody else may have changed it since it was read.
  const isAsLogged = sql`(SELECT ${events.at} = value->>'since'
      AND iif(${events.detail}->>'category' = ${CATEGORY.blocked}, 'blocked', 'invalid') = value->>'reason'
    FROM ${events} WHERE ${events.uniqueId} = value->>'event')`;
  return sql`WITH bounced AS (
    SELECT value->>'event' AS event, value->>'person' AS person, value->>'reason' AS reason, value->>'since' AS since,
      value->>'until' AS until, value->>'cause' AS cause,
      coalesce(value->>'address', (
        SELECT ${events.detail}->>'address' FROM ${events} WHERE ${events.uniqueId} = value->>'sent')) AS address
    FROM json_each(${JSON.stringify(rows)})
    WHERE ${which === "new" ? sql`NOT ${isLogged}` : isAsLogged})`;
}

/** Deletes all that bounces have suppressed. */
function deleteBounced(bounced: Sql): Sql {
  return sql`${bounced} DELETE FROM ${suppressions} WHERE ${suppressions.event} IN (SELECT event FROM bounced)`;
}
