/**
 * Rows into D1, once each: a row whose id stands there already adds nothing. But an Opened by a person takes the place of a machine's,
 * at the next place of the log, and one that comes after another person's stands by in it; whatever order they come in, and however often.
 *
 * One statement with one parameter, the rows as a JSON array: a statement of `VALUES (?, …)` takes 100 parameters at most.
 */
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { ROW_COLUMNS } from "../events/row.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";

/** Each row becomes JSONB once; read out of text, every one of its columns would parse it again: twice the time. */
const INSERT = `WITH rows AS MATERIALIZED (SELECT jsonb(value) AS columns FROM json_each(?1))
INSERT INTO events (${ROW_COLUMNS.join(", ")})
SELECT ${ROW_COLUMNS.map((_, index) => `columns->>${index}`).join(", ")} FROM rows WHERE true
ON CONFLICT (id) DO NOTHING`;

/** The statement that inserts rows, given as one JSON array of rows. */
export function insertStatement(d1: D1Database, rows: string): D1PreparedStatement {
  return d1.prepare(INSERT).bind(rows);
}

/**
 * The statements that insert rows, for a transaction. `groups` are texts of rows, each a JSON array's inside: `[…],[…]`.
 * Without groups there are none.
 */
export function insertStatements(d1: D1Database, groups: readonly string[]): D1PreparedStatement[] {
  return jsonArrays(groups).map((rows) => insertStatement(d1, rows));
}

/** Opens by persons among the rows, with the row of the same id; not those that the log has found out to be a machine's. */
const OPENS = `WITH told AS MATERIALIZED (
  SELECT jsonb(value) AS columns, value->>0 AS id, value->>2 AS at FROM json_each(?1)
  WHERE value->>1 = ${EVENT_TYPE_IDS.opened} AND value->>10 = 0
), news AS (
  SELECT told.*, events.at AS before, is_bot, detail FROM told JOIN events ON events.id = told.id
  WHERE NOT EXISTS (SELECT 1 FROM json_each(detail, '$.judged') WHERE value = told.at)
)`;

/** The earliest person's open in the place of a machine's. */
const GIVE_WAY = `${OPENS}
REPLACE INTO events (${ROW_COLUMNS.join(", ")})
SELECT ${ROW_COLUMNS.slice(0, -1)
  .map((_, index) => `columns->>${index}`)
  .join(", ")}, detail FROM (SELECT columns, detail, min(at) FROM news WHERE is_bot = 1 GROUP BY id)`;

/** The earliest of those that came later than the row's. */
const STAND_BY = `${OPENS}
UPDATE events SET detail = json_set(coalesce(events.detail, '{}'), '$.later', json_object('at', later.at, 'userAgent', columns->>9))
FROM (SELECT id, columns, min(at) AS at FROM news WHERE is_bot = 0 AND at > before AND detail->'later' IS NULL GROUP BY id) AS later
WHERE events.id = later.id`;

/** How rows follow each other in a text of rows. Nothing in a row looks like it: a quote within a text has a backslash in front. */
const BETWEEN_ROWS = '],["';
const AN_OPENED = `",${EVENT_TYPE_IDS.opened},`;

/**
 * Inserts rows, all or none of them. Throws D1's error when they may not have been inserted, or not have met those that were there:
 * trying again is harmless.
 */
export async function insertRows(d1: D1Database, groups: readonly string[]): Promise<void> {
  const arrays = jsonArrays(groups);
  const statements = arrays.map((rows) => insertStatement(d1, rows));
  const [only] = statements;
  if (only === undefined) return;
  const results = await retryOnce<readonly D1Result[]>(async () =>
    statements.length === 1 ? [await only.run()] : await d1.batch(statements),
  );
  // Only rows that were there already can be opens that have something to say to each other.
  const met = arrays.filter(
    (rows, index) =>
      (results[index]?.meta.changes ?? 0) < rows.split(BETWEEN_ROWS).length && rows.includes(AN_OPENED),
  );
  if (met.length === 0) return;
  const meetings = met.flatMap((rows) => [GIVE_WAY, STAND_BY].map((query) => d1.prepare(query).bind(rows)));
  await retryOnce(() => d1.batch(meetings));
}
