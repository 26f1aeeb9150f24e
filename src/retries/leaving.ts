/** What leaves D1 with a message that moves into a file of the archive. */
import type { LeavingMessage } from "../archive/index.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { retries, softBouncedSends } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { type Sql, sql } from "../platform/sql.ts";

/**
 * Statements that delete the schedules of retries of messages, those that have ended, and the retries of these. A soft
 * bounce that is reported later begins no new one: the Sent says that it was tried long ago.
 */
export function statementsForLeaving(messages: readonly LeavingMessage[], condition: Sql): readonly Sql[] {
  const softBounced = messages.filter(({ flags }) => (flags & MESSAGE_FLAGS.softBounced) !== 0);
  // Keys of sends begin with the message and a slash, which "0" follows in ASCII.
  const isOf = (key: Sql) => sql`${key} >= named.value || '/' AND ${key} < named.value || '0'`;
  return jsonArrays(softBounced.map((message) => JSON.stringify(sendKey(message).slice(0, -1)))).flatMap((array) => {
    const named = sql`json_each(${array}) AS named`;
    return [
      sql`DELETE FROM ${softBouncedSends} WHERE ${softBouncedSends.dueAt} IS NULL AND ${condition}
AND ${softBouncedSends.key} IN (SELECT ended.key FROM ${named} CROSS JOIN ${softBouncedSends} AS ended
  ON ${isOf(sql`ended.key`)})`,
      sql`DELETE FROM ${retries} WHERE ${condition}
AND ${retries.seq} IN (SELECT recorded.seq FROM ${named} CROSS JOIN ${retries} AS recorded ON ${isOf(sql`recorded.id`)})
AND NOT EXISTS (SELECT 1 FROM ${softBouncedSends} WHERE ${softBouncedSends.key} = ${retries.key})`,
    ];
  });
}
