/** Lists of an event's columns and of their values, for statements that write rows. */
import { columnName, joined, rawSql, type Sql, sql } from "../platform/sql.ts";
import { RECORDED_NOW } from "./recorded.ts";
import { ROW_COLUMNS, type RowColumn } from "./row.ts";
import { events } from "./schema.ts";

/** Values other than those that a row has. */
type ChangedValues = Partial<Readonly<Record<RowColumn, Sql>>>;

/** The columns that a statement fills, for an INSERT. */
export const EVENT_COLUMNS = joined([columnName(events.recordedAt), ...ROW_COLUMNS.map(nameOf)]);

/** The values of a row of the log that is written again now, in the order of `EVENT_COLUMNS`. */
export function storedRow(changed: ChangedValues): Sql {
  const values = ROW_COLUMNS.map((column) => changed[column] ?? sql`${events}.${nameOf(column)}`);
  return joined([RECORDED_NOW, ...values]);
}

/** The values of a `NamedRow` that `json_each` yields as `value`, written now, in the order of `EVENT_COLUMNS`. */
export function jsonRow(changed: ChangedValues = {}): Sql {
  const values = ROW_COLUMNS.map((column) => changed[column] ?? rawSql(`value->>'${column}'`));
  return joined([RECORDED_NOW, ...values]);
}

function nameOf(column: RowColumn): Sql {
  return rawSql(`"${column}"`);
}
