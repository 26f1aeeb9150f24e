/**
 * Calls of a deploy fail in turn: of a first one, of the next one, of an upgrade with two migrations. Whatever fails,
 * it is said in a sentence, what is said to be made is there, what is there is said, and the same command goes on. With
 * FUZZ=4 in the environment every call does, refused, out of reach and done without an answer by turns; without, those
 * that leave most behind.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, it, vi } from "vitest";
import type { Ended } from "../command.ts";
import type { AccountState } from "./account-state.ts";
import { ApiFault } from "./api.ts";
import { buildWith } from "./build.ts";
import type { Failure } from "./server.ts";
import { type DeployWorld, deployWorld, SENDER } from "./world.ts";

/** The domains of the Worker, as DNS knows them. */
const dns = vi.hoisted(() => ({ domains: [] as readonly string[] }));
vi.mock("node:dns/promises", () => {
  const resolve = async (host: string) => (dns.domains.includes(host) ? ["192.0.2.1"] : []);
  return { resolve4: resolve, resolve6: resolve, resolveCname: resolve };
});

const FAILURES: readonly Failure[] = [
  "answer lost",
  new ApiFault(403, 10023, "Unauthorized to access requested resource"),
  "hang up",
];
/** wrangler goes on without them. */
const OPTIONAL = /\/(?:graphql|settings|script-settings|changeset)$/;
/** Calls that leave much behind. */
const TELLING = /POST .*\/(?:d1\/database|query)$|PUT .*\/(?:schedules|scripts\/waxseal)$/;
const EVERY = { test: (call: string) => !OPTIONAL.test(call) };

it("deploys in which calls fail say what is made, and go on when they are run again", async () => {
  const world = await deployWorld();
  const { cloudflare, folder, deploy } = world;
  const { account } = cloudflare;
  dns.domains = account.domains;
  const isLong = (inject("fuzz") ?? 0) > 1;
  const calls = isLong ? EVERY : TELLING;
  const first = await failInTurn(world, calls, () => deploy(...SENDER, "--domain", "t.example.com"));
  expect(first.length).toBeGreaterThanOrEqual(isLong ? 25 : 4);
  // wrangler attaches it before the schedules that it fails at.
  expect(dns.domains).toEqual(["t.example.com"]);
  expect([account.databases.length, account.buckets.size, account.queues.length]).toEqual([1, 3, 3]);
  expect(account.queues.map(({ consumers }) => consumers.length)).toEqual([1, 1, 1]);
  expect((await world.call("/healthz")).status).toBe(200);
  if (!isLong) return;
  const keys = await readFile(join(folder, ".waxseal", "keys.env"), "utf8");
  const second = await failInTurn(world, calls, () => deploy());
  expect(second.length).toBeGreaterThanOrEqual(12);
  const build = await buildWith(folder, {
    "0001_more.sql": "ALTER TABLE names ADD COLUMN note TEXT;",
    "0002_more.sql": "ALTER TABLE names ADD COLUMN more TEXT;",
  });
  const upgrade = await failInTurn(world, calls, () => world.deployBuild(build));
  expect(upgrade.length).toBeGreaterThanOrEqual(12);
  expect(await readFile(join(folder, ".waxseal", "keys.env"), "utf8")).toBe(keys);
  expect(await failInTurn(world, OPTIONAL, () => deploy())).toHaveLength(3);
  expect([account.databases.length, account.buckets.size, account.queues.length]).toEqual([1, 3, 3]);
}, 3_600_000);

/** @returns the calls that failed, each in one run */
async function failInTurn(
  { cloudflare }: DeployWorld,
  calls: Pick<RegExp, "test">,
  deploy: () => Promise<Ended>,
): Promise<readonly string[]> {
  const failed = new Set<string>();
  for (;;) {
    let failing: string | undefined;
    const isFirstNew = (name: string) => {
      if (failing === undefined && calls.test(name) && !failed.has(name)) failing = name;
      return name === failing;
    };
    const failure = FAILURES[failed.size % FAILURES.length] ?? "hang up";
    cloudflare.failAt({ test: isFirstNew }, failure);
    const before = await thingsOf(cloudflare.account);
    const ended = await deploy();
    cloudflare.recover();
    if (failing === undefined) {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      return [...failed];
    }
    failed.add(failing);
    const made = (await thingsOf(cloudflare.account)).filter((thing) => !before.includes(thing));
    const call = `${failing} (${failure})`;
    if (OPTIONAL.test(failing)) expect.soft(ended.code, `${call}\n${ended.stderr}`).toBe(0);
    else check(ended, made, call);
  }
}

/** What was said against what is there. */
function check({ code, stderr }: Ended, made: readonly string[], call: string): void {
  const seen = `${call}\n${stderr}\nmade: ${made.join(", ")}`;
  expect.soft(code, seen).toBe(1);
  expect.soft(stderr, seen).toMatch(/refused the token|has no R2|out of reach/);
  expect.soft(stderr, seen).not.toMatch(/\n {4}at /);
  const said = wordsBehind(stderr, "Made so far");
  const perhaps = wordsBehind(stderr, "Perhaps made");
  expect.soft(stderr.includes("Nothing was made."), seen).toBe(said.length + perhaps.length === 0);
  for (const thing of made)
    expect.soft([...said, ...perhaps].some(isOf(thing)), `${seen}\nnot said: ${thing}`).toBe(true);
  for (const words of said)
    expect
      .soft(
        made.some((thing) => isOf(thing)(words)),
        `${seen}\nfalse: ${words}`,
      )
      .toBe(true);
}

const wordsBehind = (stderr: string, beginning: string) =>
  new RegExp(`^${beginning}: (.*)\\.$`, "m")
    .exec(stderr)?.[1]
    ?.split(", ")
    .filter((words) => words.startsWith("the")) ?? [];

const isOf = (thing: string) => (words: string) =>
  words === thing ||
  (words === "the Worker" && thing.startsWith("the Worker ")) ||
  (words === "the tables of the database" && thing.startsWith("the tables of "));

async function thingsOf({ databases, buckets, queues, versions, runtime }: AccountState): Promise<readonly string[]> {
  const [database] = databases;
  const applied = database === undefined ? [] : await runtime.query(database.uuid, MIGRATIONS).catch(() => []);
  return [
    ...databases.map(({ name }) => `the database ${name}`),
    ...[...buckets].map((name) => `the bucket ${name}`),
    ...queues.map(({ queue_name }) => `the queue ${queue_name}`),
    ...applied.flatMap((answer) => (Object(answer).results as Migration[]).map(({ name }) => `the tables of ${name}`)),
    ...versions.map(({ id }) => `the Worker ${id}`),
  ];
}

interface Migration {
  readonly name: string;
}
const MIGRATIONS = "SELECT name FROM d1_migrations";
