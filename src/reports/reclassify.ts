/**
 * Events that turned out to be a machine's, in the log. One is written anew with its mark: the same id, the next place, so that readers
 * by place see the change once; or it leaves the log. In an Opened a later open may stand by (`detail.later`), which takes its row
 * then; `detail.judged` keeps the time of the one that gave way, so that it does not come back when the queue delivers it again.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { ROW_COLUMNS } from "../events/row.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import type { FoundMachine } from "./message-stats.ts";

/** What ?2 holds: [place, pattern], the pattern null for what leaves the log. */
const FOUND = "(SELECT value->>0 AS found_seq, value->>1 AS pattern FROM json_each(?2))";

const IS_OPENED = `type = ${EVENT_TYPE_IDS.opened}`;
const GIVES_WAY = `${IS_OPENED} AND detail->'later' IS NOT NULL`;

/** Asked when it is written: the consumer may have put a later open there since the event was read. */
const MOVED: Partial<Record<(typeof ROW_COLUMNS)[number], string>> = {
  at: `iif(${GIVES_WAY}, detail->'later'->>'at', at)`,
  user_agent: `iif(${GIVES_WAY}, detail->'later'->>'userAgent', user_agent)`,
  is_bot: `NOT (${GIVES_WAY})`,
  bot_pattern: `iif(${GIVES_WAY}, NULL, pattern)`,
  detail: `iif(${IS_OPENED}, json_insert(json_remove(coalesce(detail, '{}'), '$.later'), '$.judged[#]', at), detail)`,
};

/** Statements of a transaction that do what they do where `condition` holds. It may have the parameter ?1, which is `bound`. */
export function reclassifyStatements(
  d1: D1Database,
  found: readonly FoundMachine[],
  { handling }: BotPolicy,
  condition: string,
  bound: number,
): D1PreparedStatement[] {
  const move = `REPLACE INTO events (${ROW_COLUMNS.join(", ")})
SELECT ${ROW_COLUMNS.map((column) => MOVED[column] ?? column).join(", ")}
FROM ${FOUND} CROSS JOIN events ON seq = found_seq
WHERE ${condition} AND (pattern IS NOT NULL OR ${GIVES_WAY}) ORDER BY seq`;
  const leave = `DELETE FROM events
WHERE ${condition} AND seq IN (SELECT found_seq FROM ${FOUND} WHERE pattern IS NULL)`;
  const rows = found.map(({ activity, bot: { method, pattern } }) =>
    JSON.stringify([activity.seq, handling[method] === "filter" ? null : pattern]),
  );
  return jsonArrays(rows).flatMap((array) =>
    [move, leave].map((text) => d1.prepare(text).bind(bound, array)),
  );
}
