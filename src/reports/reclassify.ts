/**
 * Reclassifies events in the log that were a person's and turned out to be a bot's. An event gets its mark and the
 * next seq under the same id, so that readers by seq see the change once; or it leaves the log, where its method is
 * set to "filter". An Opened may hold a later open (`detail.later`), which then replaces it; `detail.reclassified`
 * keeps the times of the opens that were replaced or marked, so that they do not return when the queue delivers them
 * again.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { ROW_COLUMNS } from "../events/row.ts";
import { events } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import type { DetectedBot } from "./message-stats.ts";

const IS_OPENED = `type = ${EVENT_TYPES.opened.id}`;
const HAS_LATER_OPEN = `${IS_OPENED} AND detail->'later' IS NOT NULL`;

/** Evaluated while writing: the consumer may have added a later open since the event was read. */
const CHANGED: Partial<Record<(typeof ROW_COLUMNS)[number], string>> = {
  at: `iif(${HAS_LATER_OPEN}, detail->'later'->>'at', at)`,
  user_agent: `iif(${HAS_LATER_OPEN}, detail->'later'->>'userAgent', user_agent)`,
  is_bot: `NOT (${HAS_LATER_OPEN})`,
  bot_pattern: `iif(${HAS_LATER_OPEN}, NULL, detected.pattern)`,
  detail: `iif(${IS_OPENED}, json_insert(json_remove(coalesce(detail, '{}'), '$.later'), '$.reclassified[#]', at),
    detail)`,
};

const COLUMNS = rawSql(ROW_COLUMNS.join(", "));
const NEW_VALUES = rawSql(ROW_COLUMNS.map((column) => CHANGED[column] ?? column).join(", "));

/** Statements for a transaction, which change events only where `condition` holds. */
export function reclassifyStatements(bots: readonly DetectedBot[], { handling }: BotPolicy, condition: Sql): Sql[] {
  const rows = bots.map(({ activity, match: { method, pattern } }) =>
    JSON.stringify({ seq: activity.seq, pattern: handling[method] === "filter" ? null : pattern }),
  );
  return jsonArrays(rows).flatMap((array) => {
    const detected = sql`(SELECT value->>'seq' AS detected_seq, value->>'pattern' AS pattern FROM json_each(${array}))`;
    return [
      sql`REPLACE INTO ${events} (${COLUMNS}) SELECT ${NEW_VALUES}
FROM ${detected} AS detected CROSS JOIN ${events} ON seq = detected_seq
WHERE ${condition} AND (detected.pattern IS NOT NULL OR ${rawSql(HAS_LATER_OPEN)}) ORDER BY seq`,
      sql`DELETE FROM ${events}
WHERE ${condition} AND seq IN (SELECT detected_seq FROM ${detected} WHERE pattern IS NULL)`,
    ];
  });
}
