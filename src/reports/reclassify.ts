/**
 * Reclassifies clicks in the log that turned out to be a bot's. A click gets its mark and the next seq under the same
 * id, so that readers by seq see the change once; or it is retracted, where its method is set to "filter".
 */
import { type BotPolicy, patternIn } from "../bots/bot.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { EVENT_COLUMNS, storedRow } from "../events/row-sql.ts";
import { events } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { type Sql, sql } from "../platform/sql.ts";
import type { DetectedClick } from "./message-stats.ts";

const MARKED = storedRow({ is_bot: sql`1`, bot_pattern: sql`detected.pattern` });
const RETRACTED = storedRow({
  type: sql`${FILTERED_TYPE_ID}`,
  link_id: sql`NULL`,
  link: sql`NULL`,
  user_agent: sql`NULL`,
  detail: sql`json_object('retracted', ${events.type})`,
});

/** Statements for a transaction, which change clicks only where `condition` holds. */
export function reclassifyStatements(clicks: readonly DetectedClick[], policy: BotPolicy, condition: Sql): Sql[] {
  const rows = clicks.map(({ click, match }) => JSON.stringify({ seq: click.seq, pattern: patternIn(policy, match) }));
  return jsonArrays(rows).flatMap((array) => {
    const detected = sql`(SELECT value->>'seq' AS seq, value->>'pattern' AS pattern FROM json_each(${array}))`;
    return [
      sql`REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT ${MARKED}
FROM ${detected} AS detected CROSS JOIN ${events} ON ${events.seq} = detected.seq
WHERE ${condition} AND detected.pattern IS NOT NULL ORDER BY ${events.seq}`,
      sql`REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT ${RETRACTED}
FROM ${detected} AS detected CROSS JOIN ${events} ON ${events.seq} = detected.seq
WHERE ${condition} AND detected.pattern IS NULL ORDER BY ${events.seq}`,
      // REPLACE has deleted those that have a unique id.
      sql`DELETE FROM ${events} WHERE ${events.seq} IN (SELECT seq FROM ${detected}) AND ${condition}`,
    ];
  });
}
