import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { areNone, changedRows, runNamed, selectedRows } from "../../src/platform/named-statements.ts";

const select = (text: string) => env.DB.prepare(`SELECT ${text} AS found`);
const insert = (...ids: readonly string[]) =>
  ids.map((id) => env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('group', ?1, '', '')").bind(id));
const COUNT = "(SELECT count(*) FROM names WHERE kind = 'group')";

describe("named statements", () => {
  it("run in their order, and each name has its own results", async () => {
    const results = await runNamed<{ before: { found: number }; none: never; rows: never; after: { found: number } }>(
      env.DB,
      { before: [select("7"), select(COUNT)], none: [], rows: insert("a", "b"), after: [select(COUNT)] },
    );
    expect(selectedRows(results.before)).toEqual([{ found: 7 }, { found: 0 }]);
    expect(results.none).toEqual([]);
    expect(changedRows(results.rows)).toBe(2);
    expect(selectedRows(results.after)).toEqual([{ found: 2 }]);
  });

  it("are one transaction", async () => {
    await expect(
      runNamed<{ rows: never; again: never }>(env.DB, { rows: insert("c"), again: insert("c") }),
    ).rejects.toThrow("UNIQUE");
    expect(await select(COUNT).first("found")).toBe(2);
  });

  it("are none when no name has one", () => {
    expect(areNone<{ some: never; others: never }>({ some: [], others: [] })).toBe(true);
    expect(areNone<{ some: never; others: never }>({ some: [], others: insert("d") })).toBe(false);
  });
});
