/** Names of tables and columns of D1 in SQL text of src/, where a reference to the schema could not be written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getTableColumns, getTableName, is, Table } from "drizzle-orm";
import { projectRoot } from "../../src/dev/project.ts";

const SRC = join(projectRoot, "src");
/** Takes the place of a template's value. */
const VALUE = " ? ";

/** The tables of src/events/schema.ts and the other *-schema.ts. */
export async function schemaTables(): Promise<readonly Table[]> {
  const files = readdirSync(join(SRC, "events")).filter((name) => name.endsWith("schema.ts"));
  const modules = await Promise.all(files.map((name) => import(join(SRC, "events", name)) as Promise<object>));
  return modules.flatMap((module) => Object.values(module).filter((each) => is(each, Table)));
}

/**
 * The files of src/, with the names that each has in text. A column counts where its name can be nothing else: in
 * quotes, or with an underscore, unless the file gives that name by AS; a table counts behind FROM and its like.
 */
export async function namesInText(): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await schemaTables();
  const columns = new Set(tables.flatMap((table) => Object.values(getTableColumns(table)).map(({ name }) => name)));
  const tableNames = new Set(tables.map(getTableName));
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  const found = files.map((name) => {
    const texts = sqlTexts(readFileSync(join(SRC, name), "utf8"));
    const own = new Set(texts.flatMap((text) => [...text.matchAll(/\bAS "?(\w+)/gi)].map(([, as = ""]) => as)));
    const names = texts.flatMap((text) => [
      ...[...text.matchAll(/"([a-z_]+)"|\b([a-z]+_[a-z_]+)\b/g)]
        .filter(([, , bare]) => bare === undefined || !own.has(bare))
        .map(([, quoted, bare = ""]) => quoted ?? bare)
        .filter((each) => columns.has(each) || tableNames.has(each)),
      ...[...text.matchAll(/\b(?:FROM|INTO|JOIN|UPDATE) ([a-z_]+)/g)]
        .map(([, table = ""]) => table)
        .filter((each) => tableNames.has(each) && !own.has(each)),
    ]);
    return [`src/${name}`, [...new Set(names)]] as const;
  });
  return new Map(found.filter(([, names]) => names.length > 0));
}

/** The SQL of a program: its templates `sql` and its texts in rawSql(…), without values and without 'texts' of SQL. */
export function sqlTexts(source: string): readonly string[] {
  const templates = [...source.matchAll(/\bsql`/g)].map(({ index }) => templateAt(source, index + "sql`".length).text);
  const raw = [...source.matchAll(/\brawSql\(\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)/g)].map(
    ([, double, single, template = ""]) => (double ?? single ?? template).replaceAll(/\$\{[^}]*\}/g, VALUE),
  );
  return [...templates, ...raw].map((text) => text.replaceAll(/'[^']*'/g, "''"));
}

/** The text of a template from `start` on, and where it ends. */
function templateAt(source: string, start: number): { readonly text: string; readonly end: number } {
  let text = "";
  let at = start;
  while (at < source.length && source[at] !== "`") {
    if (source.startsWith("${", at)) {
      at = endOfValue(source, at + 2);
      text += VALUE;
    } else text += source[at++];
  }
  return { text, end: at };
}

/** Where a value ends that begins at `start`: behind its "}". Templates in it are read apart. */
function endOfValue(source: string, start: number): number {
  let at = start;
  for (let depth = 1; depth > 0 && at < source.length; at++) {
    if (source[at] === "{") depth++;
    else if (source[at] === "}") depth--;
    else if (source[at] === "`") at = templateAt(source, at + 1).end;
    else if (source[at] === '"') at = source.indexOf('"', at + 1);
  }
  return at;
}
