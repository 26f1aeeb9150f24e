import { execFile } from "node:child_process";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { PACKED_WORKER } from "../../../src/cli/deploy/config.ts";
import { WRANGLER } from "../../../src/dev/project.ts";
import { ACCOUNT_ID } from "./server.ts";
import { deployWorld, SENDER } from "./world.ts";

describe("waxseal deploy", () => {
  it("makes all that is missing, in one command, upgrades by the same one, and says how to go back", async () => {
    const { deploy, call, cloudflare, folder, env } = await deployWorld({ asksForAccount: true });
    const first = await deploy(...SENDER);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).toContain("https://waxseal.acme.workers.dev");
    const { account } = cloudflare;
    expect((await call("/healthz")).status).toBe(200);
    expect(account.databases.map(({ name }) => name)).toEqual(["waxseal"]);
    expect([...account.buckets].toSorted()).toEqual(["waxseal-archive", "waxseal-email-sources", "waxseal-extracts"]);
    expect(account.versions[0]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
    expect(account.queues.map(({ queue_name, consumers }) => [queue_name, consumers.length])).toEqual([
      ["waxseal-events", 1],
      ["waxseal-dead-letters", 1],
      ["waxseal-email-events", 1],
    ]);
    expect((await stat(join(folder, ".waxseal", "keys.env"))).mode & 0o777).toBe(0o600);

    const answers = JSON.parse(await readFile(join(folder, "waxseal.json"), "utf8"));
    expect(answers).toMatchObject({ accountId: ACCOUNT_ID });
    cloudflare.forget();
    const keys = await readFile(join(folder, ".waxseal", "keys.env"), "utf8");
    const second = await deploy();
    expect(second, second.stderr).toMatchObject({ code: 0 });
    expect(cloudflare.calls).not.toContainEqual(expect.stringMatching(/GET \/(?:accounts|memberships)$/));
    const [, back = ""] = /: npx wrangler (rollback .*)$/m.exec(second.stdout) ?? [];
    expect(back).toBe(`rollback ${account.versions[0]?.id} --name waxseal`);
    expect(account.versions).toHaveLength(2);
    expect(account.versions[1]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
    expect(cloudflare.calls.filter((made) => /^POST .*\/(database|buckets|queues)$/.test(made))).toEqual([]);
    expect(await readFile(join(folder, ".waxseal", "keys.env"), "utf8")).toBe(keys);
    const options = { cwd: folder, env: { ...process.env, ...env, CI: "true" } };
    await promisify(execFile)(process.execPath, [WRANGLER, ...back.split(" ")], options);
    expect(account.versions[2]).toBe(account.versions[0]);
    expect((await call("/healthz")).status).toBe(200);
  });
});

describe("an upgrade", () => {
  it("migrates before it uploads, and leaves the old version when that is not well with the new tables", async () => {
    const { deploy, deployBuild, cloudflare, folder } = await deployWorld();
    expect(await deploy(...SENDER)).toMatchObject({ code: 0 });
    const { account } = cloudflare;
    const build = await buildWith(folder, "0001_more.sql", "ALTER TABLE names ADD COLUMN note TEXT;");
    cloudflare.forget();
    const upgraded = await deployBuild(build);
    expect(upgraded, upgraded.stderr).toMatchObject({ code: 0 });
    const names = "SELECT name FROM d1_migrations ORDER BY id";
    const [applied] = await account.runtime.query(account.databases[0]?.uuid ?? "", names);
    expect(Object(applied).results).toEqual([{ name: "0000_log.sql" }, { name: "0001_more.sql" }]);
    const order = cloudflare.calls
      .filter((call) => /query$|versions$/.test(call))
      .map((call) => call.split("/").at(-1));
    expect(order.lastIndexOf("query")).toBeLessThan(order.indexOf("versions"));
    expect(account.versions).toHaveLength(2);

    const breaking = await buildWith(folder, "0002_break.sql", "DROP TABLE aggregated;");
    const stopped = await deployBuild(breaking);
    expect(stopped.stderr).toContain("The version that runs is not well with the migrated database: ");
    expect(stopped.stderr).toContain("npx wrangler d1 time-travel restore waxseal --timestamp ");
    expect([stopped.code, account.versions.length]).toEqual([1, 2]);
  });
});

describe("--jurisdiction eu and --dry-run", () => {
  it("say what would be made in the EU and make nothing, and then make all of it there", async () => {
    const { deploy, cloudflare, folder } = await deployWorld();
    const eu = ["--name", "acme-mail", "--domain", "t.example.com", "--jurisdiction", "eu", ...SENDER];
    const plan = await deploy(...eu, "--dry-run");
    expect(plan.stdout).toMatch(
      /make the database acme-mail \(eu\)\n.*[\s\S]*give it the domain t\.example\.com\n[\s\S]*Nothing was done/,
    );
    expect(cloudflare.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
    expect(await readdir(folder)).toEqual([]);

    const made = await deploy(...eu);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect(made.stdout).toContain("https://t.example.com");
    const { databases, buckets, queues, domains, uploadedAs, versions } = cloudflare.account;
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
});

/** The built Worker with one more migration. */
async function buildWith(folder: string, name: string, sql: string): Promise<string> {
  const build = join(dirname(folder), "build");
  await cp(PACKED_WORKER, build, { recursive: true });
  await writeFile(join(build, "migrations", name), sql);
  return build;
}
