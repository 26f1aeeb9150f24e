/** A Worker in a jurisdiction: how it is deployed, backed up and restored. */
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Ended } from "../command.ts";
import { deployWorld, type LastingWorld, lastingWorld, SENDER } from "./world.ts";

vi.mock("node:dns/promises", () => {
  const none = async () => [];
  return { resolve4: none, resolve6: none, resolveCname: none };
});

const EU = ["--name", "acme-mail", "--domain", "t.example.com", "--jurisdiction", "eu", ...SENDER];

let deployed: LastingWorld;
let first: Ended;
beforeAll(async () => {
  deployed = await lastingWorld();
  first = await deployed.deploy(...EU);
  await deployed.end();
});
afterAll(() => deployed?.remove());

it("--jurisdiction eu with --dry-run says what would be made in the EU, and makes nothing", async () => {
  const { deploy, cloudflare, folder } = await deployWorld();
  const plan = await deploy(...EU, "--dry-run", "--folder", join(folder, "..", "not-made"));
  for (const line of ["make the database acme-mail (eu)", "make the queue acme-mail-events (eu)"])
    expect(plan.stdout).toContain(line);
  expect(plan.stdout).toMatch(/give it the domain t\.example\.com\n[\s\S]*Nothing was done/);
  expect(cloudflare.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
  expect(await readdir(join(folder, ".."))).not.toContain("not-made");
});

it("--jurisdiction eu makes all of it there", () => {
  expect(first, first.stderr).toMatchObject({ code: 0 });
  expect(first.stdout).toContain("https://t.example.com");
  const { databases, buckets, queues, domains, uploadedAs, versions } = deployed.cloudflare.account;
  expect(databases).toMatchObject([{ name: "acme-mail", jurisdiction: "eu" }]);
  expect([...buckets].toSorted()).toEqual([
    "eu/acme-mail-archive",
    "eu/acme-mail-email-sources",
    "eu/acme-mail-extracts",
  ]);
  expect(queues.map(({ queue_name, jurisdiction }) => `${jurisdiction}/${queue_name}`).toSorted()).toEqual(
    ["dead-letters", "email-events", "events"].map((end) => `eu/acme-mail-${end}`),
  );
  expect([domains, uploadedAs]).toEqual([["t.example.com"], "acme-mail"]);
  const variables = versions[0]?.settings.bindings.map(({ name, text }) => [name, text]);
  expect(variables).toEqual(
    expect.arrayContaining([
      ["JURISDICTION", "eu"],
      ["SENDER_NAME", "Maison Lavande"],
      ["TRACKING_ORIGIN", "https://t.example.com"],
    ]),
  );
});

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
  const first = await deployWorld({ from: deployed });
  const { databases, runtime, objects } = first.cloudflare.account;
  await runtime.query(databases[0]?.uuid ?? "", HISTORY);
  objects.set("eu/acme-mail-email-sources/42.html", HTML);
  objects.set(`eu/acme-mail-archive/${FOLDER}/1-3.a.v2.b.parquet`, PARQUET);
  objects.set("eu/acme-mail-archive/messages/v1/1.a.v1.b.parquet", PARQUET);
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

  const second = await deployWorld({ from: deployed });
  const restored = await second.waxseal("restore", copy);
  expect(restored, restored.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("archive check --deep") });
  const { account } = second.cloudflare;
  expect(await account.runtime.dump(account.databases[0]?.uuid ?? "")).toBe(
    await runtime.dump(databases[0]?.uuid ?? ""),
  );
  expect([...account.objects].toSorted()).toEqual([
    [`eu/acme-mail-archive/${FOLDER}/1-3.a.v2.b.parquet`, PARQUET],
    ["eu/acme-mail-archive/messages/v1/1.a.v1.b.parquet", PARQUET],
    ["eu/acme-mail-email-sources/42.html", HTML],
  ]);
  const again = await second.waxseal("restore", copy);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("The database is not empty")]);

  first.cloudflare.failAt(/export$/, "hang up");
  const failed = await first.waxseal("backup", "--out", join(first.folder, "other"));
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("wrangler failed while exporting")]);
});
