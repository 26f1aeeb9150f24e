/** Whether D1 has every table and column that this version names, apart from the archive's. */
import { getTableColumns, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { joined, type Sql, sql } from "../platform/sql.ts";
import * as mailings from "./mailing-schema.ts";
import * as privacy from "./privacy-schema.ts";
import * as log from "./schema.ts";
import * as sessions from "./session-schema.ts";
import * as sources from "./source-schema.ts";
import * as webhooks from "./webhook-schema.ts";

const TABLES = [log, mailings, privacy, sessions, sources, webhooks].flatMap((schema) =>
  Object.values<unknown>(schema).filter((exported) => is(exported, SQLiteTable)),
);

/**
 * Reads no row. A migration that takes a table or a column away from a version which still runs makes it fail; columns
 * that are added do not matter to that version, because SQLite adds none without a value for rows that do not name it.
 */
export const HAS_TABLES: Sql = sql`SELECT ${joined(TABLES.map(countOfNothing))}`;

function countOfNothing(table: SQLiteTable): Sql {
  const columns = Object.values(getTableColumns(table)).map((column) => sql`${column}`);
  return sql`(SELECT count(*) FROM (SELECT ${joined(columns)} FROM ${table} LIMIT 0))`;
}
