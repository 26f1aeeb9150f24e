/**
 * SQL text with its values where they are used. A reference to drizzle's table or column does not compile once that is
 * renamed; docs/design/log.md lists the files whose statements have names in text.
 *
 * ```ts
 * await sql`SELECT ${events.id} FROM ${events} WHERE ${events.seq} > ${after} AND ${condition}`.prepare(d1).all();
 * ```
 */
import { Column, getTableColumns, getTableName, is, type Table } from "drizzle-orm";

/** What D1 binds. */
export type SqlValue = string | number | null;

type Part = SqlValue | Sql | Column | Table;

/** A piece of SQL. Pieces nest; equal values of a statement are bound once. */
export class Sql {
  readonly #strings: readonly string[];
  readonly #parts: readonly Part[];

  constructor(strings: readonly string[], parts: readonly Part[]) {
    this.#strings = strings;
    this.#parts = parts;
  }

  prepare(d1: D1Database): D1PreparedStatement {
    const values = new Map<SqlValue, number>();
    const text = this.#textWith(values);
    return d1.prepare(text).bind(...values.keys());
  }

  /** Runs the statement in the SQLite of a Durable Object. */
  exec<Row extends Record<string, SqlStorageValue>>(storage: SqlStorage): SqlStorageCursor<Row> {
    const values = new Map<SqlValue, number>();
    const text = this.#textWith(values);
    return storage.exec<Row>(text, ...values.keys());
  }

  /** The text with `?1`, `?2` … for values, which are added to `values` with their numbers. */
  #textWith(values: Map<SqlValue, number>): string {
    return this.#strings.reduce((text, string, index) => {
      const part = this.#parts[index - 1];
      return part === undefined ? text + string : text + partText(part, values) + string;
    });
  }

  static textOf(sql: Sql, values: Map<SqlValue, number>): string {
    return sql.#textWith(values);
  }
}

function partText(part: Part, values: Map<SqlValue, number>): string {
  if (part instanceof Sql) return Sql.textOf(part, values);
  if (typeof part === "object" && part !== null) return quotedName(part);
  const number = values.get(part) ?? values.size + 1;
  values.set(part, number);
  return `?${number}`;
}

const quotedNames = new WeakMap<Column | Table, string>();

/** Each is made once: drizzle takes a while to say what something is, and a statement has dozens of names. */
function quotedName(part: Column | Table): string {
  const known = quotedNames.get(part);
  if (known !== undefined) return known;
  const name = is(part, Column) ? `"${getTableName(part.table)}"."${part.name}"` : `"${getTableName(part)}"`;
  quotedNames.set(part, name);
  return name;
}

/** Tags SQL text; see the file's example. */
export function sql(strings: TemplateStringsArray, ...parts: readonly Part[]): Sql {
  return new Sql(strings, parts);
}

/** Runs statements in one transaction, in one round trip. */
export async function runBatch<Row = unknown>(d1: D1Database, statements: readonly Sql[]): Promise<D1Result<Row>[]> {
  return await d1.batch<Row>(statements.map((statement) => statement.prepare(d1)));
}

/** Reads in one transaction, in one round trip: the rows of each query, in the order of the queries. */
export async function readBatch<Rows extends readonly unknown[]>(
  d1: D1Database,
  queries: { readonly [Index in keyof Rows]: Sql },
): Promise<{ readonly [Index in keyof Rows]: readonly Rows[Index][] }> {
  const results = await runBatch<Rows[number]>(d1, queries);
  return results.map((result) => result.results) as { readonly [Index in keyof Rows]: readonly Rows[Index][] };
}

/** SQL text as it is, without values. Never from input. */
export function rawSql(text: string): Sql {
  return new Sql([text], []);
}

/** A column's name alone, as column lists of INSERT and SET need it. */
export function columnName(column: Column): Sql {
  return rawSql(`"${column.name}"`);
}

/**
 * Pieces one after the other: separated by commas, as lists of columns and values need them, or by another text.
 * @example joined(conditions, " AND ")
 */
export function joined(pieces: readonly Sql[], separator = ", "): Sql {
  return new Sql(["", ...pieces.slice(1).map(() => separator), ""], pieces);
}

/** Whether it is one of `values`, however many they are: D1 binds at most 100 parameters. */
export function isOneOf(value: Sql | Column, values: readonly (string | number)[]): Sql {
  return sql`${value} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

/** All columns of a table under the names that its rows have in code, for a SELECT: `"t"."due_at" AS "dueAt", …`. */
export function everyColumn(table: Table): Sql {
  return namedAs(getTableColumns(table));
}

/** Columns under the names that a row has in code, for a SELECT. */
export function namedAs<Row>(columns: { readonly [Key in keyof Row]: Sql | Column }): Sql {
  return joined(Object.entries<Sql | Column>(columns).map(([key, column]) => sql`${column} AS ${rawSql(`"${key}"`)}`));
}

/** A row of `everyColumn(table)` as the schema has it: SQLite returns booleans as 0 and 1, and JSON as text. */
export function decodedRow<T extends Table>(table: T, row: Readonly<Record<string, unknown>>): T["$inferSelect"] {
  const columns = getTableColumns(table);
  const decoded = Object.entries(row).map(([key, value]) => [
    key,
    value === null ? null : columns[key]?.mapFromDriverValue(value),
  ]);
  return Object.fromEntries(decoded);
}

/** Columns' names alone, for an INSERT. */
export function columnNames(...columns: readonly Column[]): Sql {
  return rawSql(columns.map(({ name }) => `"${name}"`).join(", "));
}

/** Columns with their new values, for SET: `"seq" = ?1, "batch" = NULL`. */
export function assign<T extends Table>(
  table: T,
  values: { readonly [Key in keyof T["_"]["columns"]]?: SqlValue | Sql },
): Sql {
  const columns = getTableColumns(table);
  const assignments = Object.entries(values).flatMap(([key, value]) => {
    const column = columns[key];
    return column === undefined || value === undefined ? [] : [sql`${columnName(column)} = ${value}`];
  });
  return joined(assignments);
}

/** The value that an upsert would have inserted: `excluded."seq"`. */
export function excluded(column: Column): Sql {
  return rawSql(`excluded."${column.name}"`);
}

/** Columns that an upsert overwrites, for its SET: `"seq" = excluded."seq"`. */
export function assignExcluded(...columns: readonly Column[]): Sql {
  return rawSql(columns.map(({ name }) => `"${name}" = excluded."${name}"`).join(", "));
}
