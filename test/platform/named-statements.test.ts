import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { areNone, runNamed } from "../../src/platform/named-statements.ts";

const select = (text: string) => env.DB.prepare(`SELECT ${text} AS found`);
const insert = (...ids: readonly string[]) =>
  ids.map((id) => env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('group', ?1, '', '')").bind(id));
const COUNT = "(SELECT count(*) FROM names WHERE kind = 'group')";
const count = async () => Number(await select(COUNT).first("found"));

describe("named statements", () => {
  it("run in their order, and each name has its own results", async () => {
    const before = await count();
    const results = await runNamed<{ before: { found: number }; none: never; rows: never; after: { found: number } }>(
      env.DB,
      [
        ["before", [select("7"), select(COUNT)]],
        ["none", []],
        ["rows", insert("a", "b")],
        ["after", [select(COUNT)]],
      ],
    );
    expect(results.selected("before")).toEqual([{ found: 7 }, { found: before }]);
    expect(results.selected("none")).toEqual([]);
    expect(results.changed("none")).toBe(0);
    expect(results.changed("rows")).toBe(2);
    expect(results.selected("after")).toEqual([{ found: before + 2 }]);
  });

  it("are one transaction", async () => {
    const before = await count();
    const twice = runNamed<{ rows: never; again: never }>(env.DB, [
      ["rows", insert("c")],
      ["again", insert("c")],
    ]);
    await expect(twice).rejects.toThrow("UNIQUE");
    expect(await count()).toBe(before);
  });

  it("do not run where two have one name, of which one would be lost", async () => {
    const before = await count();
    const twice = runNamed<{ rows: never }>(env.DB, [
      ["rows", insert("d")],
      ["rows", insert("e")],
    ]);
    await expect(twice).rejects.toThrow('two of the statements have the name "rows"');
    expect(await count()).toBe(before);
  });

  it("have no results under a name that is not among them", async () => {
    const results = await runNamed<{ rows: never; others: never }>(env.DB, [["rows", [select("7")]]]);
    expect(() => results.selected("others")).toThrow('no statements have the name "others"');
  });

  it("are none when no name has one", () => {
    const areNoneWith = (...others: readonly D1PreparedStatement[]) =>
      areNone<{ some: never; others: never }>([
        ["some", []],
        ["others", others],
      ]);
    expect(areNoneWith()).toBe(true);
    expect(areNoneWith(...insert("f"))).toBe(false);
  });
});
