/** What writes about messages begins again when the archive changes: D1 has to fail the transaction, in these words. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Edition, inOneEdition, nextEdition, requireEdition, runInEdition } from "../../src/archive/edition.ts";
import { runBatch, sql } from "../../src/platform/sql.ts";

const changeArchive = () => nextEdition(sql`true`).prepare(env.DB).run();
const name = sql`INSERT INTO names (kind, id, name, folded) VALUES ('edition', '1', '', '')`;
const write = (edition: Edition) => runBatch(env.DB, [requireEdition(edition), name]);
const namesWritten = () => env.DB.prepare("SELECT count(*) AS count FROM names WHERE kind = 'edition'").first("count");

describe("a write in one edition of the archive", () => {
  it("begins again, and writes nothing, when the archive has changed before it", async () => {
    const seen: number[] = [];
    await inOneEdition(env.DB, async (edition) => {
      seen.push(edition.number);
      if (seen.length === 1) {
        await changeArchive();
        await expect(write(edition)).rejects.toThrow("NOT NULL constraint failed: aggregated.archived");
        expect(await namesWritten()).toBe(0);
      }
      await write(edition);
    });
    expect(seen).toEqual([expect.any(Number), (seen[0] ?? 0) + 1]);
    expect(await namesWritten()).toBe(1);
  });

  it("also writes nothing when its statements have names", async () => {
    const before = await namesWritten();
    const edition = await inOneEdition(env.DB, async (current) => current);
    await changeArchive();
    const other = env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('edition', '2', '', '')");
    await expect(runInEdition<{ names: never }>(env.DB, edition, [["names", [other]]])).rejects.toThrow(
      "NOT NULL constraint failed: aggregated.archived",
    );
    expect(await namesWritten()).toBe(before);
  });

  it("fails when the archive changes before each try", async () => {
    const work = async (edition: Edition) => {
      await changeArchive();
      await write(edition);
    };
    await expect(inOneEdition(env.DB, work)).rejects.toThrow("the archive changes all the time");
  });

  it("is not tried again after another error", async () => {
    let tries = 0;
    const work = async (edition: Edition) => {
      tries++;
      await runBatch(env.DB, [requireEdition(edition), name, name]);
    };
    await expect(inOneEdition(env.DB, work)).rejects.toThrow("UNIQUE constraint failed: names");
    expect(tries).toBe(1);
  });
});
