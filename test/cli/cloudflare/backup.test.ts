import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { deployWorld, SENDER } from "./world.ts";

const HTML = "<p>Ünïcode 𝒽tml</p>";
const FOLDER = "log/v1/day=2026-10-01";
const PARQUET = "PAR1 …";
const segment = (first: number, last: number, version: number) =>
  `INSERT INTO segments VALUES (${first}, ${last}, 'a', ${version}, 'b', '2026-10-01', 'e', 1, 8, 1, 1, 1, 1, NULL)`;
const HISTORY = [
  "INSERT INTO email_sources (email, hash, version, kept_at, changes) VALUES ('42', 'h', 1, 1, 1)",
  "INSERT INTO email_sources (email, hash, version, kept_at, changes) VALUES ('gone', 'h', 1, 1, 1)",
  "INSERT INTO events (id, type, at, recorded_at, email, person, campaign) VALUES ('e', 6, 1, 2, '42', '7', '3')",
  segment(1, 3, 2),
  segment(4, 5, 1),
  "INSERT INTO message_files VALUES (1, 'a', 1, 'b', 'e', 1, 8, '42', '42', 1, NULL, NULL, 1)",
].join(";");

it("a Worker in a jurisdiction is backed up from a clone, and restored into a fresh deploy", async () => {
  const first = await deployWorld();
  expect(await first.deploy(...SENDER, "--jurisdiction", "eu")).toMatchObject({ code: 0 });
  const { databases, runtime, objects } = first.cloudflare.account;
  await runtime.query(databases[0]?.uuid ?? "", HISTORY);
  objects.set("eu/waxseal-email-sources/42.html", HTML);
  objects.set(`eu/waxseal-archive/${FOLDER}/1-3.a.v2.b.parquet`, PARQUET);
  objects.set("eu/waxseal-archive/messages/v1/1.a.v1.b.parquet", PARQUET);
  const copy = join(first.folder, "copy");
  // As CI has it.
  const clone = join(first.folder, "..", "clone");
  await mkdir(clone);
  await copyFile(join(first.folder, "waxseal.json"), join(clone, "waxseal.json"));
  const made = await first.waxseal("backup", "--folder", clone, "--out", copy);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  expect(made.stderr).toContain("R2 does not hold the HTML of gone.html");
  expect(made.stderr).toMatch(
    /Copying the archive, 3 files of 0\.0 MB[\s\S]*R2 does not hold \S+\/4-5\.a\.v1\.b\.parquet, of/,
  );
  expect(await readFile(join(copy, "emails", "42.html"), "utf8")).toBe(HTML);
  expect(await readFile(join(copy, "archive", FOLDER, "1-3.a.v2.b.parquet"), "utf8")).toBe(PARQUET);

  const second = await deployWorld();
  expect(await second.deploy(...SENDER, "--jurisdiction", "eu")).toMatchObject({ code: 0 });
  const restored = await second.waxseal("restore", copy);
  expect(restored, restored.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("archive check --deep") });
  const { account } = second.cloudflare;
  expect(await account.runtime.dump(account.databases[0]?.uuid ?? "")).toBe(
    await runtime.dump(databases[0]?.uuid ?? ""),
  );
  expect([...account.objects].toSorted()).toEqual([
    [`eu/waxseal-archive/${FOLDER}/1-3.a.v2.b.parquet`, PARQUET],
    ["eu/waxseal-archive/messages/v1/1.a.v1.b.parquet", PARQUET],
    ["eu/waxseal-email-sources/42.html", HTML],
  ]);
  const again = await second.waxseal("restore", copy);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("The database is not empty")]);

  first.cloudflare.failAt(/export$/, "hang up");
  const failed = await first.waxseal("backup", "--out", join(first.folder, "other"));
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("wrangler failed while exporting")]);
});
