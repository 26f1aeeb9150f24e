import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { events, people } from "../../src/events/schema.ts";
import {
  assign,
  assignExcluded,
  columnName,
  columnNames,
  decodedRow,
  everyColumn,
  excluded,
  joined,
  rawSql,
  readBatch,
  type Sql,
  sql,
} from "../../src/platform/sql.ts";

/** The text and the values that a statement gives to D1. */
function bound(statement: Sql): { text: string; values: unknown[] } {
  let values: unknown[] = [];
  let text = "";
  statement.prepare({
    prepare: (query: string) => {
      text = query;
      return {
        bind: (...given: unknown[]) => {
          values = given;
        },
      };
    },
  } as unknown as D1Database);
  return { text, values };
}

describe("SQL", () => {
  it("joins pieces by commas, or by another text", () => {
    const [one, two] = [sql`a = ${1}`, sql`b = ${2}`];
    expect(bound(joined([one, two]))).toEqual({ text: "a = ?1, b = ?2", values: [1, 2] });
    expect(bound(joined([one, two], " AND ")).text).toBe("a = ?1 AND b = ?2");
    expect(bound(joined([one], " AND ")).text).toBe("a = ?1");
    expect(bound(joined([])).text).toBe("");
  });

  it("binds values in the order of their use", () => {
    expect(bound(sql`SELECT ${"a"}, ${2}, ${null}`)).toEqual({
      text: "SELECT ?1, ?2, ?3",
      values: ["a", 2, null],
    });
  });

  it("binds equal values once, but not a number and its text", () => {
    expect(bound(sql`SELECT ${1}, ${"1"}, ${1}, ${"1"}`)).toEqual({
      text: "SELECT ?1, ?2, ?1, ?2",
      values: [1, "1"],
    });
  });

  it("names tables and columns by reference", () => {
    expect(bound(sql`SELECT ${events.linkId} FROM ${events}`).text).toBe('SELECT "events"."link_id" FROM "events"');
  });

  it("reads whole rows as the schema has them: booleans, JSON and null", async () => {
    const ids = { id: "a", email: "7", person: "p", campaign: "c" };
    const row = { ...ids, type: 10, at: 1, recorded_at: 1, is_bot: 1, detail: '{"n":[1]}' };
    const columns = Object.keys(row).join(", ");
    await env.DB.prepare(`INSERT INTO events (${columns}) SELECT ${Object.keys(row).map((key) => `value->>'${key}'`)}
      FROM json_each(json_array(json(?)))`)
      .bind(JSON.stringify(row))
      .run();
    const stored = await sql`SELECT ${everyColumn(events)} FROM ${events} WHERE ${events.uniqueId} = ${"a"}`
      .prepare(env.DB)
      .first();
    expect(decodedRow(events, stored ?? {})).toMatchObject({ isBot: true, detail: { n: [1] }, linkId: null, at: 1 });
  });

  it("names columns without their table where INSERT and SET need it", () => {
    const columns = sql`${columnName(events.isBot)}; ${columnNames(people.person, people.address)}`;
    expect(bound(columns).text).toBe('"is_bot"; "person", "address"');
  });

  it("assigns to columns by reference, for SET", () => {
    const values = assign(events, { linkId: "l", at: sql`${events.at} + 1`, send: null });
    expect(bound(sql`UPDATE ${events} SET ${values}`)).toEqual({
      text: 'UPDATE "events" SET "link_id" = ?1, "at" = "events"."at" + 1, "send" = ?2',
      values: ["l", null],
    });
  });

  it("names what an upsert would have inserted", () => {
    const both = sql`${excluded(events.at)}; ${assignExcluded(events.at, events.linkId)}`;
    expect(bound(both).text).toBe('excluded."at"; "at" = excluded."at", "link_id" = excluded."link_id"');
  });

  it("reads the rows of several queries", async () => {
    const rows = await readBatch<[{ one: number }, { two: string }]>(env.DB, [
      sql`SELECT ${1} AS one`,
      sql`SELECT ${"2"} AS two`,
    ]);
    expect(rows).toEqual([[{ one: 1 }], [{ two: "2" }]]);
  });

  it("nests pieces, whose values share the statement's numbers", () => {
    const condition = sql`${people.person} = ${"7"} OR ${people.address} = ${"a@b.example"}`;
    expect(bound(sql`SELECT ${"7"} FROM ${people} WHERE ${condition} LIMIT ${1}`)).toEqual({
      text: 'SELECT ?1 FROM "people" WHERE "people"."person" = ?1 OR "people"."address" = ?2 LIMIT ?3',
      values: ["7", "a@b.example", 1],
    });
  });

  it("keeps raw text as it is", () => {
    expect(bound(sql`SELECT 1 ${rawSql("ORDER BY 1")}`)).toEqual({ text: "SELECT 1 ORDER BY 1", values: [] });
  });

  it("binds hostile text as a value", async () => {
    const text = "'); DROP TABLE events; --";
    expect(await sql`SELECT ${text} AS text`.prepare(env.DB).first("text")).toBe(text);
  });

  it("runs in D1 with tables and columns of the schema", async () => {
    await sql`INSERT INTO ${people} (${columnNames(people.person, people.address)})
      VALUES (${"sql-7"}, ${"a@b.example"})`
      .prepare(env.DB)
      .run();
    const query = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${"sql-7"}`;
    expect(await query.prepare(env.DB).first("address")).toBe("a@b.example");
  });
});
