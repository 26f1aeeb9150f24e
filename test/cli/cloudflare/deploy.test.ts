import { execFile } from "node:child_process";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { WRANGLER } from "../../../src/dev/project.ts";
import { buildWith } from "./build.ts";
import { ACCOUNT_ID } from "./server.ts";
import { deployWorld, SENDER } from "./world.ts";

/** The domains of the Worker, as DNS knows them. */
const dns = vi.hoisted(() => ({ domains: [] as readonly string[] }));
vi.mock("node:dns/promises", () => {
  const resolve = async (host: string) => (dns.domains.includes(host) ? ["192.0.2.1"] : []);
  return { resolve4: resolve, resolve6: resolve, resolveCname: resolve };
});

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
  it("migrates before it uploads, and leaves an old version that is not healthy with the new tables", async () => {
    const { deploy, deployBuild, cloudflare, folder } = await deployWorld();
    expect(await deploy("--domain", "t.example.com", ...SENDER)).toMatchObject({ code: 0 });
    const { account } = cloudflare;
    dns.domains = account.domains;
    const build = await buildWith(folder, { "0001_more.sql": "ALTER TABLE names ADD COLUMN note TEXT;" });
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

    // A clone of the folder, as in CI, has the answers alone.
    for (const other of ["wrangler.json", ".waxseal"]) await rm(join(folder, other), { recursive: true });
    const second = { "0002_more.sql": "CREATE TABLE more (id INTEGER);", "0003_wrong.sql": "DROP TABLE nowhere;" };
    const halfway = await deployBuild(await buildWith(folder, second));
    expect(halfway.stderr).toMatch(/\nMade so far: the tables of 0002_more\.sql\.\n/);
    const breaking = await buildWith(folder, { "0003_wrong.sql": "ALTER TABLE people DROP COLUMN replaced_at;" });
    const stopped = await deployBuild(breaking);
    expect(stopped.stderr).toContain("The version that runs is not healthy with the migrated database: ");
    expect(stopped.stderr).toContain("npx wrangler d1 time-travel restore waxseal --timestamp ");
    expect([stopped.code, account.versions.length]).toEqual([1, 2]);
  });
});

describe("a Worker that another folder deployed", () => {
  it("is taken over by --adopt, with its variables and domains, and keeps a domain that gets a successor", async () => {
    const { deploy, waxseal, cloudflare, folder } = await deployWorld();
    dns.domains = [];
    const { account } = cloudflare;
    const variables = { RETENTION_DAYS: "400", TRACKING_ORIGINS: '{"https://b.example.net": {"name": "Brand"}}' };
    const answers = { name: "waxseal", senderName: "Maison Lavande", trackingDomain: "t.example.com", variables };
    await writeFile(join(folder, "waxseal.json"), JSON.stringify(answers));
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(account.domains).toEqual(["t.example.com", "b.example.net"]);
    dns.domains = [...account.domains];

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
      ...{ trackingDomain: "mail.example.com", domains: account.domains, variables },
      origin: "https://waxseal.acme.workers.dev",
    });
    const config = JSON.parse(await readFile(join(other, "wrangler.json"), "utf8"));
    expect(config).toMatchObject({ account_id: ACCOUNT_ID, vars: variables });
  });
});

describe("--jurisdiction eu and --dry-run", () => {
  it("say what would be made in the EU and make nothing, and then make all of it there", async () => {
    const { deploy, cloudflare, folder } = await deployWorld();
    dns.domains = [];
    const eu = ["--name", "acme-mail", "--domain", "t.example.com", "--jurisdiction", "eu", ...SENDER];
    const plan = await deploy(...eu, "--dry-run", "--folder", join(folder, "..", "not-made"));
    for (const line of ["make the database acme-mail (eu)", "make the queue acme-mail-events (eu)"])
      expect(plan.stdout).toContain(line);
    expect(plan.stdout).toMatch(/give it the domain t\.example\.com\n[\s\S]*Nothing was done/);
    expect(cloudflare.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
    expect(await readdir(join(folder, ".."))).not.toContain("not-made");

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
