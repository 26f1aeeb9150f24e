/**
 * The Sents that outcomes imply: some providers report what happened to an email, and never that it was sent. What the
 * log ends with does not depend on the order of reports: an implied Sent has the time of the earliest outcome, and a
 * Sent without an address gets it from whichever event of the send names one, because retries and suppressions need
 * it. A Sent that is reported later has the same id and adds nothing else. A complaint is logged as an Unsubscribed and
 * implies none, like an open or a click.
 */
import type { OutcomeEvent, Sent } from "../events/event.ts";
import { EVENT_COLUMNS, storedRow } from "../events/row-sql.ts";
import { events } from "../events/schema.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { type Sql, sql } from "../platform/sql.ts";

/** One Sent for each send, at the time of its earliest outcome. */
export function impliedSents(outcomes: readonly OutcomeEvent[]): Sent[] {
  const sents = new Map<string, Sent>();
  for (const { message, address, atMs } of outcomes) {
    const id = sentId(sendKey(message));
    const known = sents.get(id);
    sents.set(id, {
      type: "sent",
      id,
      message,
      isImplied: true,
      atMs: Math.min(atMs, known?.atMs ?? atMs),
      address: lesser(known?.address, address),
    });
  }
  return [...sents.values()];
}

/** Of two addresses that contradict each other the first in the alphabet counts, not the first reported. */
export function lesser(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

/**
 * The statements that give implied Sents the time of earlier outcomes in the log. A Sent whose time changes gets the
 * next seq, so that readers see it again.
 */
export function moveImpliedSents(outcomes: readonly OutcomeEvent[]): Sql[] {
  const rows = outcomes.map(({ id, message, atMs }) =>
    JSON.stringify({ sent: sentId(sendKey(message)), event: id, at: atMs }),
  );
  // An outcome that is reported with another time than the log has does not count.
  const isLogged = sql`EXISTS (SELECT 1 FROM ${events}
    WHERE ${events.uniqueId} = value->>'event' AND ${events.at} = value->>'at')`;
  return jsonArrays(rows).map(
    (array) => sql`WITH earlier AS MATERIALIZED (
    SELECT ${events.seq} AS sent_seq, min(value->>'at') AS at
    FROM json_each(${array}) CROSS JOIN ${events} ON ${events.uniqueId} = value->>'sent'
    WHERE value->>'at' < ${events.at} AND ${events.detail}->>'implied' AND ${isLogged}
    GROUP BY ${events.seq})
  REPLACE INTO ${events} (${EVENT_COLUMNS})
  SELECT ${storedRow({ at: sql`earlier.at` })}
  FROM earlier CROSS JOIN ${events} ON ${events.seq} = earlier.sent_seq ORDER BY ${events.seq}`,
  );
}

/**
 * The statements that give the addresses of events to Sents in the log that have none. Such a Sent moves to the end of
 * the log, so that readers see its address.
 */
export function addressSents(addressed: readonly OutcomeEvent[]): Sql[] {
  const rows = addressed.map(({ message, address }) => JSON.stringify({ sent: sentId(sendKey(message)), address }));
  const { uniqueId, detail } = events;
  const address = sql`${detail}->>'address'`;
  const withAddress = sql`json_set(coalesce(${detail}, '{}'), '$.address', named.address)`;
  return jsonArrays(rows).map(
    (array) => sql`REPLACE INTO ${events} (${EVENT_COLUMNS})
  SELECT ${storedRow({ detail: withAddress })} FROM (
    SELECT value->>'sent' AS sent, min(value->>'address') AS address FROM json_each(${array})
    GROUP BY value->>'sent') AS named CROSS JOIN ${events} ON ${uniqueId} = named.sent
  WHERE ${address} IS NULL OR (${detail}->>'implied' AND named.address < ${address}) ORDER BY ${events.seq}`,
  );
}
