/**
 * Reclassifies clicks in the log that turned out to be a bot's. A click gets its mark and the next seq under the same
 * id, so that readers by seq see the change once; or its row is filtered, where its method is set to "filter".
 */

import type { BotPolicy } from "../bots/bot.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { ROW_COLUMNS } from "../events/row.ts";
import { events } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { type DetectedClick, patternIn } from "./message-stats.ts";

const CHANGED: Partial<Record<(typeof ROW_COLUMNS)[number], string>> = {
  is_bot: "1",
  bot_pattern: "detected.pattern",
};

const COLUMNS = rawSql(ROW_COLUMNS.join(", "));
const NEW_VALUES = rawSql(ROW_COLUMNS.map((column) => CHANGED[column] ?? column).join(", "));

/** Statements for a transaction, which change clicks only where `condition` holds. */
export function reclassifyStatements(clicks: readonly DetectedClick[], policy: BotPolicy, condition: Sql): Sql[] {
  const rows = clicks.map(({ click, match }) => JSON.stringify({ seq: click.seq, pattern: patternIn(policy, match) }));
  return jsonArrays(rows).flatMap((array) => {
    const detected = sql`(SELECT value->>'seq' AS detected_seq, value->>'pattern' AS pattern FROM json_each(${array}))`;
    return [
      sql`REPLACE INTO ${events} (${COLUMNS}) SELECT ${NEW_VALUES}
FROM ${detected} AS detected CROSS JOIN ${events} ON seq = detected_seq
WHERE ${condition} AND detected.pattern IS NOT NULL ORDER BY seq`,
      sql`UPDATE ${events} SET type = ${FILTERED_TYPE_ID}, link_id = NULL, link = NULL, user_agent = NULL, detail = NULL
WHERE ${condition} AND seq IN (SELECT detected_seq FROM ${detected} WHERE pattern IS NULL)`,
    ];
  });
}
