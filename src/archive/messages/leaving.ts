/** How messages leave D1 for a file: statements of a transaction, and the condition on which it may change anything. */
import { earlierSeqs, messageStats } from "../../events/schema.ts";
import { jsonArrays } from "../../platform/json-arrays.ts";
import { type Sql, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";
import { REWRITE_AFTER_MS } from "../relied-on.ts";
import { leaveWithMessages } from "../staying.ts";
import { type FiledMessage, seqsOfFiled } from "./message-file.ts";
import { changeTotals } from "./totals.ts";

const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;

/** Whether a row of `message_stats` is that of `written.value`, a JSON object. */
const IS_WRITTEN = sql`${email} = written.value->>'email' AND ${campaign} = written.value->>'campaign'
AND ${person} = written.value->>'person'`;

/** Whether D1 has these messages as they were read. What `earlier_seqs` has of one changes only with its list. */
export function areAsRead(messages: readonly FiledMessage[]): Sql {
  return jsonArrays(messages.map((message) => JSON.stringify(message))).reduce(
    (all, array) => sql`${all} AND NOT EXISTS (
  SELECT 1 FROM json_each(${array}) AS written LEFT JOIN ${messageStats} ON ${IS_WRITTEN}
  WHERE ${since} IS NOT written.value->>'since' OR ${flags} IS NOT written.value->>'flags'
  OR ${outcomeAt} IS NOT written.value->>'outcomeAt' OR ${clicks} IS NOT written.value->>'clicks'
  OR ${botClicks} IS NOT written.value->>'botClicks' OR ${recent} IS NOT written.value->>'recent'
  OR ${seqs} IS NOT written.value->>'seqs')`,
    sql`true`,
  );
}

/** A message that leaves D1. */
export interface LeavingMessage extends Message {
  /** As in `message_stats`. */
  readonly flags: number;
}

/** Makes the statements that delete what a capability has in D1 of messages, where `condition` holds. */
export type StatementsForLeaving = (messages: readonly LeavingMessage[], condition: Sql) => readonly Sql[];

/**
 * Statements that delete the rows of messages and add them to the totals, where `condition` holds and D1 has them as
 * they are here. In this order: in a full D1 the rows make room for the totals, mostly.
 * @param deletionsWith what else D1 has of these messages, and is deleted with them
 */
export function leave(messages: readonly FiledMessage[], condition: Sql, deletionsWith: StatementsForLeaving): Sql[] {
  const deletes = keyArrays(messages).flatMap((array) => {
    const keys = sql`(SELECT value->>'email', value->>'campaign', value->>'person' FROM json_each(${array}))`;
    return [
      sql`DELETE FROM ${earlierSeqs}
WHERE (${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person}) IN ${keys} AND ${condition}`,
      sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN ${keys} AND ${condition}`,
    ];
  });
  const counted = jsonArrays(messages.map((message) => JSON.stringify(countedPart(message))));
  const listed = jsonArrays(messages.flatMap(seqsOfFiled).map(String));
  const dueAtMs = Date.now() + REWRITE_AFTER_MS;
  return [
    ...deletes,
    ...deletionsWith(messages, condition),
    ...counted.flatMap((array) => changeTotals(statsRowsIn(array, sql`true`), 1, condition)),
    ...listed.map((array) => leaveWithMessages(array, dueAtMs, condition)),
  ];
}

/**
 * Rows of `message_stats` that are in a JSON array, as a subquery.
 * @param condition on `value`, an object of the array
 */
export function statsRowsIn(array: string, condition: Sql): Sql {
  return sql`(SELECT value->>'email' AS email, value->>'campaign' AS campaign, value->>'person' AS person,
  value->>'since' AS since, value->>'flags' AS flags, value->>'outcomeAt' AS outcome_at, value->>'clicks' AS clicks,
  value->>'botClicks' AS bot_clicks, value->>'recent' AS recent, value->>'seqs' AS seqs
FROM json_each(${array}) WHERE ${condition})`;
}

/** What totals count of a message. */
function countedPart(message: FiledMessage) {
  const { since, flags, clicks, botClicks } = message;
  return { email: message.email, campaign: message.campaign, person: message.person, since, flags, clicks, botClicks };
}

/** What names messages, as JSON arrays that D1 takes. */
export function keyArrays(messages: readonly Message[]): readonly string[] {
  return jsonArrays(
    messages.map((message) => {
      return JSON.stringify({ email: message.email, campaign: message.campaign, person: message.person });
    }),
  );
}
