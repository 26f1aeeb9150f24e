/**
 * When the first and the last message of each email and campaign was sent. Guarantees the times that `message_stats`
 * has: they are written with it, and read again out of it where the first or the last message of them has moved.
 */
import { NO_ID } from "../events/event.ts";
import { mailings } from "../events/mailing-schema.ts";
import { messageStats } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { assign, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";
import type { MessageState } from "./message-stats.ts";

/** A message's time, as it is now; and as it was, where it was another. */
export interface TimedMessage extends Pick<MessageState, "email" | "campaign" | "since"> {
  readonly was?: number | undefined;
}

/** Statements for the transaction that writes these messages, behind that. They write what changes. */
export function mailingStatements(messages: readonly TimedMessage[], condition: Sql): Sql[] {
  const all = [...Map.groupBy(messages, mailingOf)].filter(([, [some]]) => some?.email !== NO_ID);
  const rows = all.map(([, some]) =>
    rowOf(
      some,
      some.map(({ since }) => since),
    ),
  );
  const moved = all.flatMap(([, some]) => {
    const times = some.flatMap(({ was }) => was ?? []);
    return times.length === 0 ? [] : [rowOf(some, times)];
  });
  return [
    ...jsonArrays(rows).map((array) => widen(array, condition)),
    ...jsonArrays(moved).map((array) => readAgain(array, condition)),
  ];
}

function mailingOf({ email, campaign }: TimedMessage): string {
  // Ids have no slash in them.
  return `${email}/${campaign}`;
}

function rowOf([first]: readonly TimedMessage[], times: readonly number[]): string {
  const [least, most] = times.reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)] as const, [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as const);
  return JSON.stringify({ email: first?.email, campaign: first?.campaign, least, most });
}

function widen(rows: string, condition: Sql): Sql {
  const { email, campaign, firstAt, lastAt } = mailings;
  return sql`INSERT INTO ${mailings} (${columnNames(email, campaign, firstAt, lastAt)})
SELECT value->>'email', value->>'campaign', value->>'least', value->>'most' FROM json_each(${rows}) WHERE ${condition}
ON CONFLICT (${columnNames(email, campaign)}) DO UPDATE
SET ${assign(mailings, {
    firstAt: sql`min(${firstAt}, ${excluded(firstAt)})`,
    lastAt: sql`max(${lastAt}, ${excluded(lastAt)})`,
  })}
WHERE ${excluded(firstAt)} < ${firstAt} OR ${excluded(lastAt)} > ${lastAt}`;
}

/** @param rows mailings, with the earliest and the latest of the times that messages of theirs have left */
function readAgain(rows: string, condition: Sql): Sql {
  const { email, campaign, firstAt, lastAt } = mailings;
  const { since } = messageStats;
  const ofMailing = sql`${messageStats.email} = ${email} AND ${messageStats.campaign} = ${campaign}`;
  return sql`UPDATE ${mailings} SET ${assign(mailings, {
    firstAt: sql`(SELECT min(${since}) FROM ${messageStats} WHERE ${ofMailing})`,
    lastAt: sql`(SELECT max(${since}) FROM ${messageStats} WHERE ${ofMailing})`,
  })}
FROM json_each(${rows}) WHERE ${email} = value->>'email' AND ${campaign} = value->>'campaign'
AND (value->>'least' <= ${firstAt} OR value->>'most' >= ${lastAt}) AND ${condition}`;
}
