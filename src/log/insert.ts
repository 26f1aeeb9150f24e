/**
 * Rows into D1, once each: a row whose id stands there already adds nothing.
 *
 * One statement with one parameter, the rows as a JSON array: a statement of `VALUES (?, …)` takes 100 parameters at most.
 */
import { ROW_COLUMNS } from "../events/row.ts";
import { twice } from "./errors.ts";
import { jsonArrays } from "./json-arrays.ts";

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

/** Inserts rows, all or none of them. Throws D1's error when they may not have been inserted: trying again is harmless. */
export async function insertRows(d1: D1Database, groups: readonly string[]): Promise<void> {
  const statements = insertStatements(d1, groups);
  const [only] = statements;
  if (only === undefined) return;
  await twice<unknown>(() => (statements.length === 1 ? only.run() : d1.batch(statements)));
}
