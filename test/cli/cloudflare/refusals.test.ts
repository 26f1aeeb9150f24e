/** What `waxseal deploy` refuses before it makes anything: each in one sentence, with what to do next. */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { checkNode } from "../../../src/cli/wrangler/wrangler.ts";
import { ApiFault } from "./api.ts";
import type { Cloudflare } from "./server.ts";
import { deployWorld, SENDER } from "./world.ts";

const ANSWERS = { name: "waxseal", senderName: "Maison Lavande" };

describe("waxseal deploy refuses", () => {
  it("a Node that is too old for wrangler, and says which one it needs", () => {
    expect(() => checkNode("Deploying", "20.19.0")).toThrow(
      "Deploying needs Node 22 or later, because wrangler does; this is Node",
    );
    expect(() => checkNode("Deploying", "22.12.0")).not.toThrow();
  });

  const wrong: readonly (readonly [what: string, args: readonly string[], sentence: string])[] = [
    ["no sender where nobody can answer", [], "Your name, as recipients know you?\nGive it by --sender"],
    ["a name that is none", ["--name", "Waxseal!", ...SENDER], "--name must be 3 to 48 small letters, digits"],
    ["a domain that is none", ["--domain", "t.example.com/x", ...SENDER], "--domain must be a host name such as"],
    ["a sender without a name", ["--sender", " "], "--sender must be a name"],
    ["another jurisdiction", ["--jurisdiction", "mars", ...SENDER], "Allowed choices are eu, fedramp"],
  ];
  it.each(wrong)("%s", async (_what, args, sentence) => {
    const { deploy, cloudflare, folder } = await deployWorld();
    const { code, stderr } = await deploy(...args);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
    expect([cloudflare.calls, await readdir(folder)]).toEqual([[], []]);
  });

  it("nobody who is not logged in, and says how to log in", async () => {
    const { deploy, cloudflare, folder } = await deployWorld({ asksForAccount: true });
    await rm(join(folder, ".env"));
    const { code, stderr } = await deploy("--dry-run", ...SENDER);
    expect(stderr).toContain('Nobody is logged in to Cloudflare.\nRun "npx wrangler login"');
    expect([code, cloudflare.calls]).toEqual([1, []]);
  });

  const files: readonly (readonly [what: string, file: string, text: string, sentence: string])[] = [
    [
      "a folder of another project",
      "wrangler.toml",
      'name = "shop"',
      "This folder has a wrangler.toml, of another project",
    ],
    ["a wrangler.json that was edited by hand", "wrangler.json", "{}", "wrangler.json was edited by hand"],
    ["answers that are no JSON", "waxseal.json", "name = waxseal", "waxseal.json cannot be read"],
    [
      "a field that it does not know",
      "waxseal.json",
      JSON.stringify({ ...ANSWERS, colour: "" }),
      "has no field colour",
    ],
    [
      "another account than the folder's",
      "waxseal.json",
      JSON.stringify({ ...ANSWERS, accountId: "f".repeat(32) }),
      "This folder deploys to the account ffffffffffffffffffffffffffffffff, but CLOUDFLARE_ACCOUNT_ID is 0123",
    ],
    [
      "a variable that the Worker does not have",
      "waxseal.json",
      JSON.stringify({ ...ANSWERS, variables: { RETENTION: "9" } }),
      "the Worker has no variable RETENTION",
    ],
    [
      "a jurisdiction of objects alone",
      "waxseal.json",
      JSON.stringify({ ...ANSWERS, variables: { JURISDICTION: "eu" } }),
      "Say --jurisdiction at the first deploy",
    ],
  ];
  it.each(files)("%s", async (_what, file, text, sentence) => {
    const { deploy, cloudflare, folder } = await deployWorld();
    await writeFile(join(folder, file), text);
    const { code, stderr } = await deploy(...SENDER);
    expect(stderr).toContain(sentence);
    expect([code, cloudflare.calls, await readFile(join(folder, file), "utf8")]).toEqual([2, [], text]);
  });

  it("a second deploy at the same time, and takes over from one that was killed", async () => {
    const { deploy, cloudflare, folder } = await deployWorld();
    const other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"]);
    onTestFinished(() => void other.kill("SIGKILL"));
    await mkdir(join(folder, ".waxseal"), { recursive: true });
    await writeFile(join(folder, ".waxseal", "lock"), `${other.pid}`);
    const refused = await deploy(...SENDER);
    expect(refused.stderr).toContain(`Another deploy runs in this folder: process ${other.pid}.`);
    expect([refused.code, cloudflare.calls]).toEqual([1, []]);
    const ended = new Promise((resolve) => other.once("exit", resolve));
    other.kill("SIGKILL");
    await ended;
    cloudflare.failAt(/d1/, new ApiFault(403, 10000, "Authentication error"));
    expect((await deploy(...SENDER)).stderr).toContain(
      "Cloudflare refused the token: Authentication error (code 10000)",
    );
  });
});

const OUTBOX = { type: "durable_object_namespace", name: "OUTBOX" };

describe("what is somebody else's, or would be left behind", () => {
  it("is a database, a bucket, a queue and a Worker that this folder did not make", async () => {
    const { deploy, cloudflare } = await deployWorld();
    const { databases, buckets, queues, runtime } = cloudflare.account;
    databases.push({ uuid: "5878cdad-63e1-48de-b6cb-36be8831dab2", name: "waxseal", jurisdiction: null });
    buckets.add("waxseal-extracts");
    queues.push({ queue_id: "q", queue_name: "waxseal-events", consumers: [] });
    const resources = await deploy(...SENDER);
    expect(resources.stderr).toContain(
      "The account has the database waxseal, the bucket waxseal-extracts, the queue waxseal-events, which this " +
        "folder did not make.\nIf an earlier deploy of yours made them, say --adopt.",
    );
    await runtime.addDatabase("5878cdad-63e1-48de-b6cb-36be8831dab2");
    await runtime.query("5878cdad-63e1-48de-b6cb-36be8831dab2", "CREATE TABLE orders (id INTEGER)");
    const before = cloudflare.calls.length;
    const tables = await deploy("--adopt");
    expect(tables.stderr).toContain("The database waxseal has tables that are no Waxseal's.");
    const elsewhere = await deploy("--adopt", "--jurisdiction", "eu");
    expect(elsewhere.stderr).toContain("Not known to be in eu, and not to be moved there: the database waxseal.");
    // A database that is refused is refused before the others are asked for.
    expect(cloudflare.calls.slice(before).filter((call) => /\/(?:buckets|queues)/.test(call))).toEqual([]);
    run(cloudflare, []);
    const worker = await deploy("--adopt");
    expect(worker.stderr).toContain("The account has a Worker waxseal that is no Waxseal.");
    run(cloudflare, [OUTBOX]);
    const waxseal = await deploy();
    expect(waxseal.stderr).toContain("The account has a Waxseal waxseal already, which this folder did not deploy.");
    const codes = [resources, tables, elsewhere, worker, waxseal].map(({ code }) => code);
    expect(codes).toEqual([1, 1, 1, 1, 1]);
    expect(cloudflare.calls.filter(makes)).toEqual([]);
  });

  const EU = { type: "plain_text", name: "JURISDICTION", text: "eu" };
  type Left = readonly [what: string, bindings: readonly object[], args: readonly string[], says: string];
  const left: readonly Left[] = [
    [
      "a Worker in a jurisdiction, by a deploy without",
      [EU],
      [],
      "waxseal runs in eu, and this deploy would put it without a jurisdiction, where none of its data is.\nSay",
    ],
    [
      "a Worker without a jurisdiction, by a deploy in one",
      [],
      ["--jurisdiction", "eu"],
      "waxseal runs without a jurisdiction, and this deploy would put it in eu",
    ],
    [
      "another bucket than it would have",
      [{ type: "r2_bucket", name: "ARCHIVE", bucket_name: "acme" }],
      [],
      "waxseal stores in the bucket acme, and this deploy would give it waxseal-archive, where none of that is.",
    ],
    [
      "a bucket of that name in another place, and says that its database is elsewhere, too",
      [
        EU,
        { type: "d1", name: "DB", id: "there" },
        { type: "r2_bucket", name: "ARCHIVE", bucket_name: "waxseal-archive" },
      ],
      ["--jurisdiction", "eu"],
      "The database waxseal is not in eu, where the Worker's variable says it is.\n" +
        "waxseal: waxseal stores in the bucket waxseal-archive, in no jurisdiction, and this deploy would give it",
    ],
    [
      "a database that is gone",
      [{ type: "d1", name: "DB", id: "gone" }],
      [],
      "waxseal runs, but its database is not among the account's.",
    ],
  ];
  it.each(left)("is %s", async (_what, bindings, args, says) => {
    const { deploy, cloudflare } = await deployWorld();
    cloudflare.account.databases.push({ uuid: "there", name: "waxseal", jurisdiction: null });
    run(cloudflare, [OUTBOX, ...bindings]);
    const { code, stderr } = await deploy(...SENDER, "--adopt", ...args);
    expect(stderr).toContain(says);
    expect([code, cloudflare.calls.filter(makes)]).toEqual([1, []]);
  });

  it("is a Worker of another name than the one that the folder has deployed, or one that is gone", async () => {
    const { deploy, cloudflare, folder } = await deployWorld();
    const deployed = { ...ANSWERS, origin: "https://waxseal.acme.workers.dev", domains: ["taken.example.com"] };
    await writeFile(join(folder, "waxseal.json"), JSON.stringify(deployed));
    const gone = await deploy();
    expect(gone.stderr).toContain("deployed waxseal.acme.workers.dev, but the account has no Worker waxseal.");
    await writeFile(join(folder, "waxseal.json"), JSON.stringify({ ...deployed, name: "staging" }));
    run(cloudflare, [OUTBOX]);
    const renamed = await deploy();
    expect(renamed.stderr).toContain("deployed waxseal.acme.workers.dev, but names the Worker staging.");
    expect([gone.code, renamed.code, cloudflare.calls.filter(makes)]).toEqual([1, 1, []]);
  });

  it("is a domain that leads somewhere already, or of which the DNS does not say so", async () => {
    const { deploy, cloudflare } = await deployWorld();
    const taken = await deploy("--domain", "taken.example.com", ...SENDER);
    expect(taken.stderr).toContain("taken.example.com has DNS records already, which a deploy would replace.");
    const unknown = await deploy("--domain", "silent.example.com");
    expect(unknown.stderr).toContain("The DNS does not say whether silent.example.com has records");
    cloudflare.account.othersDomains.set("shop.example.com", "shop");
    const others = await deploy("--domain", "shop.example.com");
    expect(others.stderr).toContain(
      "shop.example.com is a domain of the Worker shop, which a deploy would take it from.",
    );
    expect([taken.code, unknown.code, others.code, cloudflare.calls.filter(makes)]).toEqual([2, 1, 1, []]);
  });
});

vi.mock("node:dns/promises", () => {
  const resolve = async (host: string) => {
    if (host === "taken.example.com") return ["other.example.net"];
    throw Object.assign(new Error(host), { code: host.startsWith("silent") ? "ESERVFAIL" : "ENOTFOUND" });
  };
  return { resolve4: resolve, resolve6: resolve, resolveCname: resolve };
});

const makes = (call: string) => /^(POST|PUT)/.test(call) && !/query$|graphql$/.test(call);

/** A Worker that the account has, and nothing runs. */
function run({ account }: Cloudflare, bindings: readonly object[]): void {
  account.versions.push({
    id: `v${account.versions.length}`,
    settings: { bindings },
  } as unknown as (typeof account.versions)[0]);
}
