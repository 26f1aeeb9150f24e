/**
 * What reports change of sends that the log knows: the time and address of the Sent, the schedule of retries, and whom
 * a hard bounce suppresses. So that what the log, the schedules and the suppressions end with does not depend on the
 * order of reports.
 *
 * Few reports change any of it, so one query of the transaction that inserts the events finds those sends, and a second
 * transaction changes them. If that fails, so does the request; it is reported again, and the query finds them again.
 */
import { type Edition, runInEdition } from "../archive/index.ts";
import { ADDRESS_ERASED } from "../events/erased-row.ts";
import type { OutcomeEvent } from "../events/event.ts";
import { events, softBouncedSends } from "../events/schema.ts";
import { hardBouncedId, sendKey, sentId } from "../events/send-key.ts";
import { areNone, type NamedStatements } from "../platform/named-statements.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { type Earliest, earliestStatement, moveSchedules, type ScheduleTimes } from "../retries/index.ts";
import { suppressAddresses, type UnaddressedBounce, unaddressedBounces } from "./hard-bounces.ts";
import { addressSents, moveImpliedSents } from "./implied-sent.ts";

/** A send whose Sent is in the log, as far as reports may change it. */
export interface KnownSend {
  readonly knownKey: string;
  readonly sentAt: number;
  readonly isImplied: 1 | null;
  /** The Sent's; empty where it was erased, so that no other is less. */
  readonly address: string | null;
  /** The first attempt of its schedule of retries; null when nothing is due any more. */
  readonly firstAt: number | null;
  /** Whether it has a Hard Bounced that names no address. */
  readonly isUnaddressed: 0 | 1;
}

/** The query for the sends of these events that may change. It runs before the insert of the events. */
export function knownSends(reported: readonly OutcomeEvent[]): Sql {
  const keys = JSON.stringify([...new Set(reported.map(({ message }) => sendKey(message)))]);
  const { uniqueId, at, detail } = events;
  const { key, firstAt, dueAt } = softBouncedSends;
  const isAddressErased = sql`${detail}->>${ADDRESS_ERASED}`;
  return sql`SELECT known.*, ${firstAt} AS firstAt, ${uniqueId} IS NOT NULL AS isUnaddressed FROM (
    SELECT value AS knownKey, ${at} AS sentAt, ${detail}->>'implied' AS isImplied,
      coalesce(${detail}->>'address', iif(${isAddressErased}, '', NULL)) AS address
    FROM json_each(${keys}) CROSS JOIN ${events} ON ${uniqueId} = ${sentId("")} || value) AS known
  LEFT JOIN ${events} ON ${uniqueId} = ${hardBouncedId("")} || knownKey AND ${detail}->>'address' IS NULL
    AND ${isAddressErased} IS NULL
  LEFT JOIN ${softBouncedSends} ON ${key} = knownKey AND ${dueAt} IS NOT NULL
  WHERE known.isImplied OR known.address IS NULL OR ${uniqueId} IS NOT NULL OR ${firstAt} IS NOT NULL`;
}

/**
 * Changes known sends as the reported events, which are in the log, say. Repeating it is harmless. Throws D1's error,
 * also when the archive is another than the edition in which they were found in D1.
 * @returns when the retry clock's alarm must be set at the latest; undefined: no schedule has changed
 */
export async function changeKnownSends(
  d1: D1Database,
  known: readonly KnownSend[],
  reported: readonly OutcomeEvent[],
  { times, edition }: { readonly times: ScheduleTimes; readonly edition: Edition },
): Promise<number | undefined> {
  const sends = new Map(known.map((send) => [send.knownKey, send]));
  const changing = (isChanged: (send: KnownSend, event: OutcomeEvent) => boolean) =>
    reported.filter((event) => {
      const send = sends.get(sendKey(event.message));
      return send !== undefined && isChanged(send, event);
    });
  const earlier = changing(
    ({ isImplied, sentAt }, { type, atMs }) => isImplied === 1 && type !== "sent" && atMs < sentAt,
  );
  const addressed = changing((send, event) => event.address !== undefined && isAddressedBy(send, event.address));
  const attempts = changing(
    ({ firstAt }, { type, atMs }) => firstAt !== null && (type === "sent" || type === "softBounced") && atMs < firstAt,
  );
  const bounced = changing(({ isUnaddressed }, { address }) => isUnaddressed === 1 && address !== undefined);
  const schedules = moveSchedules(
    d1,
    attempts.map(({ message, atMs }) => ({ key: sendKey(message), atMs })),
    times,
  );
  const changedSents = [...moveImpliedSents(earlier), ...addressSents(addressed)];
  const changes: NamedStatements<ChangedRows> = [
    ["sents", changedSents.map((statement) => statement.prepare(d1))],
    ["schedules", schedules],
    ["earliest", schedules.length === 0 ? [] : [earliestStatement(d1)]],
    ["bounced", bounced.length === 0 ? [] : [unaddressedBounces(bounced).prepare(d1)]],
  ];
  if (areNone(changes)) return undefined;
  const results = await runInEdition(d1, edition, changes);
  await suppressAddresses(d1, results.selected("bounced"));
  return results.selected("earliest")[0]?.dueAt ?? undefined;
}

/** What the statements select. */
interface ChangedRows {
  readonly sents: never;
  readonly schedules: never;
  readonly earliest: Earliest;
  readonly bounced: UnaddressedBounce;
}

function isAddressedBy({ isImplied, address: known }: KnownSend, address: string): boolean {
  return known === null || (isImplied === 1 && address < known);
}
