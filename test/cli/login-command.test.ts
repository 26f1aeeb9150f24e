/** Which Worker commands talk to: options, environment, profiles, npm run dev. */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { announceDevServer, retractDevServer } from "../../src/cli/dev-server.ts";
import { workerThatAnswers } from "./answering-worker.ts";
import { temporaryFolder, waxseal } from "./command.ts";

const HEALTH = {
  ok: true,
  parts: { d1: "ok", writes: "ok" },
  bytes: 4_200_000,
  unaggregated: 0,
  waiting: 0,
  deadLetters: 1_234,
  webhookEndpoints: { disabled: 1, failing: 0, lagging: 2 },
  lost: 0,
  settings: [],
  warnings: ["1234 events were refused for good."],
};

/** Answers as a Worker with this key does. */
const workerWith = async (apiKey: string) => {
  const { received, to } = await workerThatAnswers(({ url, headers }) => {
    if (url === "/healthz") return { body: HEALTH };
    const isKnown = headers.authorization === `Bearer ${apiKey}`;
    return isKnown ? { body: { data: [] } } : { status: 401, body: { error: { message: "Send a key." } } };
  });
  return { received, origin: to[1] ?? "" };
};

let home: string;
let cwd: string;
beforeEach(async () => {
  home = await temporaryFolder();
  cwd = await temporaryFolder();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  waxseal(args, { cwd, env: { XDG_CONFIG_HOME: home, ...env } });
const login = (origin: string, apiKey: string, ...more: readonly string[]) =>
  run(["login", "--origin", origin, "--api-key", apiKey, ...more]);
const statusOf = async (...args: Parameters<typeof run>) => JSON.parse((await run(...args)).stdout);

describe("waxseal login", () => {
  it("remembers the Worker, in a file that its owner alone can read, and commands use it", async () => {
    const { origin, received } = await workerWith("wxs_one");
    expect(await login(`${origin}/v1`, "wxs_one")).toMatchObject({
      code: 0,
      stdout: `Logged in: commands talk to ${origin} from now on (profile default).\n`,
    });
    const path = join(home, "waxseal", "profiles.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await run(["clients", "list", "--json"])).code).toBe(0);
    expect(received.at(-1)).toMatchObject({ url: "/v1/clients", authorization: "Bearer wxs_one" });
    const { code, stdout } = await run(["status"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${origin} (profile default) works\n`);
    expect(stdout).toMatch(/webhook endpoints +1 disabled, 2 lagging\n/);
    expect(stdout).toMatch(/dead letters +1,234\n.* +Warning: 1234 events were refused for good/s);
  });

  it("remembers nothing when the Worker does not know the key, or is none", async () => {
    const { origin } = await workerWith("wxs_one");
    expect(await login(origin, "wxs_two")).toMatchObject({
      code: 1,
      stderr: `waxseal: ${origin} does not know this key.\nCompare it with the Worker's API_KEYS.\n`,
    });
    expect((await login("t.example.com", "wxs_one")).stderr).toContain("t.example.com is not a web address");
    expect((await run(["profiles"])).stderr).toContain('There is none; "waxseal login" makes one.');
  });

  it("says which option to give where nobody can answer", async () => {
    expect(await run(["login"])).toMatchObject({
      code: 2,
      stderr: "waxseal: Where does the Worker answer?\nGive --origin https://t.example.com.\n",
    });
  });

  it("keeps several Workers apart, and sends the key of one to no other", async () => {
    const one = await workerWith("wxs_one");
    const two = await workerWith("wxs_two");
    await login(one.origin, "wxs_one", "--profile", "one");
    await login(two.origin, "wxs_two", "--profile", "two");
    const rows = (await run(["profiles", "--json"])).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toEqual([
      { name: "one", origin: one.origin, current: false },
      { name: "two", origin: two.origin, current: true },
    ]);
    expect(await statusOf(["status", "--json"])).toMatchObject({ origin: two.origin, foundBy: "profile two" });
    const named = await statusOf(["status", "--json", "--profile", "one"], { WAXSEAL_ORIGIN: two.origin });
    expect(named).toMatchObject({ origin: one.origin });
    const other = await run(["status", "--origin", "http://127.0.0.1:1"]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no API key for") });
    expect((await run(["status", "--profile", "three"])).stderr).toContain("There are: one, two.");
  });

  it("is undone by logout", async () => {
    const { origin } = await workerWith("wxs_one");
    await login(origin, "wxs_one");
    expect((await run(["logout"])).stdout).toBe(`Forgot ${origin} and its key (profile default).\n`);
    expect(await readFile(join(home, "waxseal", "profiles.json"), "utf8")).not.toContain("wxs_one");
    expect(await run(["status"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No Worker is known here."),
    });
    expect(await run(["logout"])).toMatchObject({ code: 2, stderr: expect.stringContaining("Nobody is logged in") });
  });

  it("names a file of profiles that it cannot read", async () => {
    await mkdir(join(home, "waxseal"));
    await writeFile(join(home, "waxseal", "profiles.json"), "{");
    expect(await run(["status"])).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be read") });
  });
});

describe("a command beside npm run dev", () => {
  it("finds that Worker and its key, also when another is remembered; not once it has ended", async () => {
    const remembered = await workerWith("wxs_one");
    const local = await workerWith("wxs_dev_two");
    await login(remembered.origin, "wxs_one");
    await writeFile(join(cwd, ".dev.vars"), 'API_KEYS="wxs_dev_two,wxs_dev_three"\n');
    announceDevServer(cwd, local.origin);
    expect(await statusOf(["status", "--json"])).toMatchObject({ origin: local.origin, foundBy: "npm run dev" });
    expect((await run(["clients", "list"])).code).toBe(0);
    const environment = { WAXSEAL_ORIGIN: remembered.origin, WAXSEAL_API_KEY: "wxs_one" };
    expect(await statusOf(["status", "--json"], environment)).toMatchObject({ origin: remembered.origin });
    retractDevServer(cwd);
    expect(await statusOf(["status", "--json"])).toMatchObject({ origin: remembered.origin });
  });

  it("does not take one that was killed for a running one", async () => {
    await mkdir(join(cwd, ".wrangler"));
    const killed = { origin: "http://localhost:8787", pid: 2 ** 22 + 1 };
    await writeFile(join(cwd, ".wrangler", "waxseal-dev.json"), JSON.stringify(killed));
    expect(await run(["status"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No Worker is known here."),
    });
  });
});
