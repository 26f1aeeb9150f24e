import { execFile } from "node:child_process";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WRANGLER } from "../../../src/dev/project.ts";
import type { Ended } from "../command.ts";
import { buildWith } from "./build.ts";
import { ACCOUNT_ID } from "./server.ts";
import { deployWorld, type LastingWorld, lastingWorld, SENDER } from "./world.ts";

/** The domains of the Worker, as DNS knows them. */
const dns = vi.hoisted(() => ({ domains: [] as readonly string[] }));
vi.mock("node:dns/promises", () => {
  const resolve = async (host: string) => (dns.domains.includes(host) ? ["192.0.2.1"] : []);
  return { resolve4: resolve, resolve6: resolve, resolveCname: resolve };
});

const VARIABLES = { RETENTION_DAYS: "400", TRACKING_ORIGINS: '{"https://b.example.net": {"name": "Brand"}}' };

/** Deployed once, from a folder that knows no account. */
let deployed: LastingWorld;
let first: Ended;
beforeAll(async () => {
  deployed = await lastingWorld({ asksForAccount: true });
  const answers = { name: "waxseal", senderName: "Lavande", variables: VARIABLES };
  await writeFile(join(deployed.folder, "waxseal.json"), JSON.stringify(answers));
  first = await deployed.deploy("--domain", "t.example.com", ...SENDER);
  await deployed.end();
  dns.domains = [...deployed.cloudflare.account.domains];
});
afterAll(() => deployed?.remove());

const keysOf = (folder: string) => readFile(join(folder, ".waxseal", "keys.env"), "utf8");

describe("waxseal deploy", () => {
  it("makes all that is missing, in one command", async () => {
    const { call, cloudflare, folder } = await deployWorld({ from: deployed });
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).toContain("https://t.example.com");
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
    expect(account.domains).toEqual(["t.example.com", "b.example.net"]);
    expect((await stat(join(folder, ".waxseal", "keys.env"))).mode & 0o777).toBe(0o600);
    const answers = JSON.parse(await readFile(join(folder, "waxseal.json"), "utf8"));
    expect(answers).toMatchObject({ accountId: ACCOUNT_ID, senderName: "Maison Lavande" });
  });
});

describe("an upgrade", () => {
  it("is the same command: it migrates before it uploads, keeps all else, and says how to go back", async () => {
    const { deployBuild, call, cloudflare, folder, env } = await deployWorld({ from: deployed, asksForAccount: true });
    const { account } = cloudflare;
    const keys = await keysOf(folder);
    const build = await buildWith(folder, { "0001_more.sql": "ALTER TABLE names ADD COLUMN note TEXT;" });
    const second = await deployBuild(build);
    expect(second, second.stderr).toMatchObject({ code: 0 });
    const names = "SELECT name FROM d1_migrations ORDER BY id";
    const [applied] = await account.runtime.query(account.databases[0]?.uuid ?? "", names);
    expect(Object(applied).results).toEqual([{ name: "0000_log.sql" }, { name: "0001_more.sql" }]);
    const order = cloudflare.calls
      .filter((made) => /query$|versions$/.test(made))
      .map((made) => made.split("/").at(-1));
    expect(order.lastIndexOf("query")).toBeLessThan(order.indexOf("versions"));
    expect(cloudflare.calls).not.toContainEqual(expect.stringMatching(/GET \/(?:accounts|memberships)$/));
    expect(cloudflare.calls.filter((made) => /^POST .*\/(database|buckets|queues)$/.test(made))).toEqual([]);
    expect(account.versions).toHaveLength(2);
    expect(account.versions[1]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
    expect(second.stderr).not.toContain("It lacks");
    expect(await keysOf(folder)).toBe(keys);
    const [, back = ""] = /: npx wrangler (rollback .*)$/m.exec(second.stdout) ?? [];
    expect(back).toBe(`rollback ${account.versions[0]?.id} --name waxseal`);
    const options = { cwd: folder, env: { ...process.env, ...env, CI: "true" } };
    await promisify(execFile)(process.execPath, [WRANGLER, ...back.split(" ")], options);
    expect(account.versions[2]).toBe(account.versions[0]);
    expect((await call("/healthz")).status).toBe(200);
  });

  it("leaves an old version that is not healthy with the new tables, and says what was migrated", async () => {
    const { deployBuild, cloudflare, folder } = await deployWorld({ from: deployed });
    // A clone of the folder, as in CI, has the answers alone.
    for (const other of ["wrangler.json", ".waxseal"]) await rm(join(folder, other), { recursive: true });
    const two = { "0002_more.sql": "CREATE TABLE more (id INTEGER);", "0003_wrong.sql": "DROP TABLE nowhere;" };
    const halfway = await deployBuild(await buildWith(folder, two));
    expect(halfway.stderr).toMatch(/\nMade so far: the tables of 0002_more\.sql\.\n/);
    const breaking = await buildWith(folder, { "0003_wrong.sql": "ALTER TABLE people DROP COLUMN replaced_at;" });
    const stopped = await deployBuild(breaking);
    expect(stopped.stderr).toContain("The version that runs is not healthy with the migrated database: ");
    expect(stopped.stderr).toContain("npx wrangler d1 time-travel restore waxseal --timestamp ");
    expect([stopped.code, cloudflare.account.versions.length]).toEqual([1, 1]);
  });
});

describe("a Worker that another folder deployed", () => {
  it("is taken over by --adopt, with its variables and domains, and keeps a domain that gets a successor", async () => {
    const { waxseal, cloudflare, folder } = await deployWorld({ from: deployed });
    const { account } = cloudflare;
    const other = join(folder, "..", "other");
    const deployThere = (...args: readonly string[]) => waxseal("deploy", "--folder", other, ...SENDER, ...args);
    expect((await deployThere()).stderr).toContain("already, which this folder did not deploy.");
    account.domains.push("by-hand.example.com", "given-up.example.com");
    const chosen = ["--adopt", "--domain", "mail.example.com", "--remove-domain", "given-up.example.com"];
    const plan = await deployThere("--dry-run", ...chosen);
    const lines = plan.stdout.split("\n").filter((line) => line.includes("the domain"));
    expect(lines.map((line) => line.trim())).toEqual([
      "- give it the domain mail.example.com",
      "- take the domain given-up.example.com away",
    ]);
    const moved = await deployThere(...chosen);
    expect(moved, moved.stderr).toMatchObject({ code: 0 });
    expect(moved.stderr).toContain("It keeps the domain by-hand.example.com, to which links in sent emails may lead");
    expect(moved.stderr).toContain(
      'TRACKING_ORIGIN becomes "https://mail.example.com"; it was "https://t.example.com".',
    );
    const all = ["mail.example.com", "b.example.net", "t.example.com", "by-hand.example.com"];
    expect(account.domains).toEqual(all);
    expect(JSON.parse(await readFile(join(other, "waxseal.json"), "utf8"))).toMatchObject({
      ...{ trackingDomain: "mail.example.com", domains: account.domains, variables: VARIABLES },
      origin: "https://waxseal.acme.workers.dev",
    });
    const config = JSON.parse(await readFile(join(other, "wrangler.json"), "utf8"));
    expect(config).toMatchObject({ account_id: ACCOUNT_ID, vars: VARIABLES });
  });
});
