/**
 * Rows into D1. Guarantees that each is there once: a row whose id exists adds nothing. Opened rows whose id exists are
 * reconciled with the stored row: a person's replaces a bot's, and a person's later one is kept as a candidate, in
 * whatever order they arrive, and however often.
 */
import { EVENT_TYPES } from "../events/event.ts";
import { namedRow, ROW_COLUMNS } from "../events/row.ts";
import { events } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { columnName, rawSql, type Sql, sql } from "../platform/sql.ts";

/**
 * One statement with one parameter, because D1 binds at most 100. Each row becomes JSONB once: `->>` on text would
 * parse it again for every column, which takes twice the time.
 */
const INSERT = `WITH rows AS MATERIALIZED (SELECT jsonb(value) AS columns FROM json_each(?1))
INSERT INTO events (${ROW_COLUMNS.join(", ")})
SELECT ${ROW_COLUMNS.map((_, index) => `columns->>${index}`).join(", ")} FROM rows WHERE true
ON CONFLICT (id) DO NOTHING`;

/** The statement that inserts the rows of a JSON array. */
export function insertStatement(d1: D1Database, rows: string): D1PreparedStatement {
  return d1.prepare(INSERT).bind(rows);
}

/**
 * The statements that insert rows, for a transaction; none without rows.
 * @param groups rows as the inside of a JSON array: `[…],[…]`
 */
export function insertStatements(d1: D1Database, groups: readonly string[]): D1PreparedStatement[] {
  return jsonArrays(groups).map((rows) => insertStatement(d1, rows));
}

/**
 * Inserts rows, all or none of them. Trying again is harmless.
 * @param groups rows as the inside of a JSON array: `[…],[…]`
 * @throws D1's error when the rows may not be inserted, or their opens not reconciled
 */
export async function insertRows(d1: D1Database, groups: readonly string[]): Promise<void> {
  const arrays = jsonArrays(groups);
  const statements = arrays.map((rows) => insertStatement(d1, rows));
  const [only] = statements;
  if (only === undefined) return;
  const results = await retryOnce<readonly D1Result[]>(async () =>
    statements.length === 1 ? [await only.run()] : await d1.batch(statements),
  );
  const reconciling = arrays.flatMap((rows, index) =>
    reconcileOpens(rows, results[index]?.meta.changes ?? 0).map((statement) => statement.prepare(d1)),
  );
  if (reconciling.length > 0) await retryOnce(() => d1.batch(reconciling));
}

/** The type of an Opened in the text of its row, behind the id. */
const OPENED_TYPE = `",${EVENT_TYPES.opened.id},`;

/** The statements that reconcile persons' opens with the rows of their ids; none when all rows were inserted. */
function reconcileOpens(rows: string, inserted: number): Sql[] {
  // Most batches hold no open, and need not be parsed.
  if (!rows.includes(OPENED_TYPE)) return [];
  const parsed: readonly (readonly unknown[])[] = JSON.parse(rows);
  if (inserted >= parsed.length) return [];
  const opens = parsed.map(namedRow).filter(({ type, is_bot }) => type === EVENT_TYPES.opened.id && is_bot === 0);
  if (opens.length === 0) return [];
  const json = JSON.stringify(opens);
  return [replaceBotOpen(json), keepCandidateOpen(json)];
}

/**
 * `candidates`: persons' opens, with the stored row of the same id. Those that were reclassified as a bot's before, and
 * are delivered again, are left out.
 */
function candidates(opens: string): Sql {
  return sql`arrived AS MATERIALIZED (
  SELECT value AS entry, value->>'id' AS id, value->>'at' AS at FROM json_each(${opens})
), candidates AS (
  SELECT arrived.*, ${events.at} AS stored_at, ${events.isBot} AS stored_is_bot, ${events.detail} AS stored_detail
  FROM arrived JOIN ${events} ON ${events.id} = arrived.id
  WHERE NOT EXISTS (SELECT 1 FROM json_each(${events.detail}, '$.reclassified') WHERE value = arrived.at)
)`;
}

/** Replaces a bot's open by the earliest person's, at the end of the log; `detail` stays. */
function replaceBotOpen(opens: string): Sql {
  const fromRow = ROW_COLUMNS.filter((column) => column !== "detail");
  return sql`WITH ${candidates(opens)}
REPLACE INTO ${events} (${rawSql(fromRow.join(", "))}, ${columnName(events.detail)})
SELECT ${rawSql(fromRow.map((column) => `entry->>'${column}'`).join(", "))}, stored_detail
FROM (SELECT entry, stored_detail, min(at) FROM candidates WHERE stored_is_bot = 1 GROUP BY id)`;
}

/** Keeps the earliest open that came later than the stored person's in its `detail`. */
function keepCandidateOpen(opens: string): Sql {
  return sql`WITH ${candidates(opens)}
UPDATE ${events} SET ${columnName(events.detail)} = json_set(
  coalesce(${events.detail}, '{}'), '$.later', json_object('at', later.at, 'userAgent', entry->>'user_agent')
) FROM (
  SELECT id, entry, min(at) AS at FROM candidates
  WHERE stored_is_bot = 0 AND at > stored_at AND stored_detail->'later' IS NULL GROUP BY id
) AS later
WHERE ${events.id} = later.id`;
}
