import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { changesOfGroup, rowsOfGroup, runGroups } from "../../src/platform/statement-groups.ts";

const select = (text: string) => env.DB.prepare(`SELECT ${text} AS found`);
const insert = (...ids: readonly string[]) =>
  ids.map((id) => env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('group', ?1, '', '')").bind(id));
const COUNT = "(SELECT count(*) FROM names WHERE kind = 'group')";

describe("groups of statements", () => {
  it("run in their order, and each has its own results", async () => {
    const results = await runGroups<{ before: { found: number }; none: never; rows: never; after: { found: number } }>(
      env.DB,
      { before: [select("7"), select(COUNT)], none: [], rows: insert("a", "b"), after: [select(COUNT)] },
    );
    expect(rowsOfGroup(results.before)).toEqual([{ found: 7 }, { found: 0 }]);
    expect(results.none).toEqual([]);
    expect(changesOfGroup(results.rows)).toBe(2);
    expect(rowsOfGroup(results.after)).toEqual([{ found: 2 }]);
  });

  it("are one transaction", async () => {
    await expect(
      runGroups<{ rows: never; again: never }>(env.DB, { rows: insert("c"), again: insert("c") }),
    ).rejects.toThrow("UNIQUE");
    expect(await select(COUNT).first("found")).toBe(2);
  });
});
