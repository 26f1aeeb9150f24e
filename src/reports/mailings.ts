/**
 * When the first and the last message of each email and campaign was sent, for lists that must not read every message.
 * Guarantees the times that `GET /v1/reports/emails` answers without a period, whatever was reported late, retracted,
 * erased or deleted by retention: `message_stats` is the truth, and keeps a message's time when its events leave the
 * log; of archived messages `day_totals` is. They are written with it, at a row an email and campaign. Where the first
 * or the last message has another time now, the row is only marked; `readStaleMailings` reads its messages again when
 * somebody asks.
 *
 * Gives up: what happens to a message after retention has renamed it counts as a message of its own, sent then.
 */
import { DAY_TOTAL, DAY_TOTALS } from "../archive/index.ts";
import { NO_ID } from "../events/event.ts";
import { mailings } from "../events/mailing-schema.ts";
import { messageStats } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { assign, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";
import { IS_SENT, UNSENT_FLAGS } from "./filter.ts";
import type { MessageState } from "./message-stats.ts";

/** A message's state, and the one that it had before; undefined where it is new. */
export interface ChangedMessage {
  readonly state: MessageState;
  readonly before: MessageState | undefined;
}

/** Statements for the transaction that writes these messages. They write what changes, and read no message. */
export function mailingStatements(changed: readonly ChangedMessage[], condition: Sql): Sql[] {
  const all = [...Map.groupBy(changed, mailingOf).values()].filter(([first]) => first?.state.email !== NO_ID);
  const rows = all.map((some) =>
    rowOf(
      some,
      some.map(({ state }) => sentAtMs(state)),
    ),
  );
  const left = all.flatMap((some) => {
    const times = some.flatMap(({ state, before }) => {
      const wasAtMs = before && sentAtMs(before);
      return wasAtMs === undefined || wasAtMs === sentAtMs(state) ? [] : [wasAtMs];
    });
    return times.length === 0 ? [] : [rowOf(some, times)];
  });
  return [
    // First what was: a row that is widened has times that no message has left.
    ...jsonArrays(left).map((array) => markStale(array, condition)),
    ...jsonArrays(rows).map((array) => widen(array, condition)),
  ];
}

function mailingOf({ state: { email, campaign } }: ChangedMessage): string {
  // Ids have no slash in them.
  return `${email}/${campaign}`;
}

/** As `IS_SENT`; undefined of a message that is not. */
function sentAtMs({ flags, since }: MessageState): number | undefined {
  return (flags & UNSENT_FLAGS) === 0 ? since : undefined;
}

function rowOf([first]: readonly ChangedMessage[], times: readonly (number | undefined)[]): string {
  const known = times.filter((time) => time !== undefined);
  const period =
    known.length === 0
      ? {}
      : {
          least: known.reduce((one, other) => Math.min(one, other)),
          most: known.reduce((one, other) => Math.max(one, other)),
        };
  return JSON.stringify({ email: first?.state.email, campaign: first?.state.campaign, ...period });
}

function widen(rows: string, condition: Sql): Sql {
  const { email, campaign, firstAt, lastAt } = mailings;
  return sql`INSERT INTO ${mailings} (${columnNames(email, campaign, firstAt, lastAt)})
SELECT value->>'email', value->>'campaign', value->>'least', value->>'most' FROM json_each(${rows}) WHERE ${condition}
ON CONFLICT (${columnNames(email, campaign)}) DO UPDATE
SET ${assign(mailings, {
    firstAt: sql`coalesce(min(${firstAt}, ${excluded(firstAt)}), ${excluded(firstAt)})`,
    lastAt: sql`coalesce(max(${lastAt}, ${excluded(lastAt)}), ${excluded(lastAt)})`,
  })}
WHERE ${excluded(firstAt)} IS NOT NULL
AND (${firstAt} IS NULL OR ${excluded(firstAt)} < ${firstAt} OR ${excluded(lastAt)} > ${lastAt})`;
}

/** @param rows mailings, with the earliest and the latest of the times that messages of theirs have left */
function markStale(rows: string, condition: Sql): Sql {
  const { email, campaign, firstAt, lastAt, isStale } = mailings;
  return sql`UPDATE ${mailings} SET ${assign(mailings, { isStale: 1 })}
FROM json_each(${rows}) WHERE ${email} = value->>'email' AND ${campaign} = value->>'campaign' AND NOT ${isStale}
AND (value->>'least' <= ${firstAt} OR value->>'most' >= ${lastAt}) AND ${condition}`;
}

/**
 * For the transaction that adds messages to those of `pseudonym`, before it does: two become one, with another time.
 * @param messages rows of email, campaign and person, in parentheses
 */
export function markMerged(messages: Sql, pseudonym: string | null, condition: Sql): Sql {
  const { email, campaign, person } = messageStats;
  return sql`UPDATE ${mailings} SET ${assign(mailings, { isStale: 1 })}
WHERE (${mailings.email}, ${mailings.campaign}) IN (SELECT email, campaign FROM ${messages} AS merged
  WHERE EXISTS (SELECT 1 FROM ${messageStats}
    WHERE ${email} = merged.email AND ${campaign} = merged.campaign AND ${person} = ${pseudonym}))
AND NOT ${mailings.isStale} AND ${condition}`;
}

/** Mailings that a statement reads again. */
const READ_AT_ONCE = 20;

/**
 * Reads the messages of marked mailings again, each message once, until none is left, or until `untilMs`. Those that
 * are left have the time of a message that has another one now.
 * @throws D1's error
 */
export async function readStaleMailings(d1: D1Database, untilMs: number): Promise<void> {
  const { email, campaign, firstAt, lastAt, isStale } = mailings;
  const isOfIt = sql`${messageStats.email} = ${email} AND ${messageStats.campaign} = ${campaign} AND ${IS_SENT}`;
  const some = sql`UPDATE ${mailings} SET ${assign(mailings, { isStale: 0 })},
  (${columnNames(firstAt, lastAt)}) = (SELECT min(first), max(last) FROM (
    SELECT min(${messageStats.since}) AS first, max(${messageStats.since}) AS last FROM ${messageStats} WHERE ${isOfIt}
    UNION ALL SELECT min(${DAY_TOTAL.firstAt}), max(${DAY_TOTAL.lastAt})
    FROM ${DAY_TOTALS} WHERE ${isOfIt}))
WHERE (${email}, ${campaign}) IN (
  SELECT ${email}, ${campaign} FROM ${mailings} WHERE ${isStale} LIMIT ${READ_AT_ONCE})`;
  // Mostly none is: whoever asks for a list writes nothing then.
  const isAny = sql`SELECT 1 FROM ${mailings} WHERE ${isStale} LIMIT 1`;
  while ((await isAny.prepare(d1).first()) !== null) {
    await some.prepare(d1).run();
    if (Date.now() >= untilMs) return;
  }
}
