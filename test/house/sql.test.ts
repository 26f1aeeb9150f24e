/** What docs/design/log.md says of the tables, and of SQL that does not name them by reference. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getTableName } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { namesInText, schemaTables, sqlTexts } from "./sql-text.ts";

const page = readFileSync(join(projectRoot, "docs/design/log.md"), "utf8");

/** What is in backquotes in a column of the table whose heading begins with this. */
function codeInTable(heading: string, column: number): readonly string[] {
  const lines =
    page
      .slice(page.indexOf(`\n| ${heading} |`) + 1)
      .split("\n\n")[0]
      ?.split("\n") ?? [];
  const cells = lines.slice(2).map((line) => line.split("|")[column + 1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code));
}

describe("docs/design/log.md", () => {
  it("has a row for every table of the schema", async () => {
    const tables = (await schemaTables()).map(getTableName);
    expect(codeInTable("table", 0).toSorted()).toEqual(tables.toSorted());
  });

  it("names every file whose SQL names tables or columns of D1 in text, and none that is gone", async () => {
    const names = await namesInText();
    const listed = codeInTable("file", 0);
    const missing = [...names].filter(([file]) => !listed.includes(file));
    expect(missing.map(([file, found]) => `${file}: ${found.join(", ")}`)).toEqual([]);
    expect(listed.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
  });
});

describe("SQL texts", () => {
  it("are read without their values, each template within another for itself", () => {
    const source = "sql`SELECT #{a} FROM x WHERE y = 'z_z' AND #{b ? sql`c_c = #{{ d }}` : sql`true`} AND e`";
    expect(sqlTexts(source.replaceAll("#", "$"))).toEqual([
      "SELECT  ?  FROM x WHERE y = '' AND  ?  AND e",
      "c_c =  ? ",
      "true",
    ]);
  });
});
