/** Lists of an event's columns and of their values, for statements that write rows. */
import { commaSeparated, rawSql, type Sql, sql } from "../platform/sql.ts";
import { ROW_COLUMNS, type RowColumn } from "./row.ts";
import { events } from "./schema.ts";

/** Values other than those that a row has. */
type ChangedValues = Partial<Readonly<Record<RowColumn, Sql>>>;

/** The columns that a row fills, for an INSERT. */
export const EVENT_COLUMNS = commaSeparated(ROW_COLUMNS.map(nameOf));

/** The values of a row of the log, in the order of `EVENT_COLUMNS`. */
export function storedRow(changed: ChangedValues): Sql {
  return commaSeparated(ROW_COLUMNS.map((column) => changed[column] ?? sql`${events}.${nameOf(column)}`));
}

/** The values of a `NamedRow` that `json_each` yields as `value`, in the order of `EVENT_COLUMNS`. */
export function jsonRow(changed: ChangedValues = {}): Sql {
  return commaSeparated(ROW_COLUMNS.map((column) => changed[column] ?? rawSql(`value->>'${column}'`)));
}

function nameOf(column: RowColumn): Sql {
  return rawSql(`"${column}"`);
}
