/** How messages leave D1 for a file: statements of a transaction, and the condition on which it may change anything. */
import { earlierSeqs, messageStats } from "../../events/schema.ts";
import { jsonArrays } from "../../platform/json-arrays.ts";
import { type Sql, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";
import type { FiledMessage } from "./message-file.ts";
import { addTotals } from "./totals.ts";

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

/** Statements that add messages to the totals and delete their rows, where `condition` holds. */
export function leave(messages: readonly Message[], condition: Sql): Sql[] {
  return keyArrays(messages).flatMap((array) => {
    const rows = sql`(SELECT ${messageStats}.* FROM json_each(${array}) AS written
  CROSS JOIN ${messageStats} ON ${IS_WRITTEN})`;
    const keys = sql`(SELECT value->>'email', value->>'campaign', value->>'person' FROM json_each(${array}))`;
    return [
      ...addTotals(rows, 1, condition),
      sql`DELETE FROM ${earlierSeqs}
WHERE (${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person}) IN ${keys} AND ${condition}`,
      sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN ${keys} AND ${condition}`,
    ];
  });
}

/** What names messages, as JSON arrays that D1 takes. */
export function keyArrays(messages: readonly Message[]): readonly string[] {
  return jsonArrays(
    messages.map((message) => {
      return JSON.stringify({ email: message.email, campaign: message.campaign, person: message.person });
    }),
  );
}
