/** What `waxseal deploy` refuses before it makes anything: each in one sentence, with what to do next. */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkNode } from "../../../src/cli/wrangler/wrangler.ts";
import { ApiFault } from "./api.ts";
import { deployWorld, SENDER } from "./world.ts";

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

  const ANSWERS = { name: "waxseal", senderName: "Maison Lavande" };
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

describe("what is somebody else's", () => {
  it("is a Worker that this command did not upload, and a database with tables", async () => {
    const { deploy, cloudflare } = await deployWorld();
    const { runtime, databases, versions } = cloudflare.account;
    databases.push({ uuid: "5878cdad-63e1-48de-b6cb-36be8831dab2", name: "waxseal" });
    await runtime.addDatabase("5878cdad-63e1-48de-b6cb-36be8831dab2");
    await runtime.query("5878cdad-63e1-48de-b6cb-36be8831dab2", "CREATE TABLE orders (id INTEGER)");
    const database = await deploy(...SENDER);
    expect(database.stderr).toContain("The account has a database waxseal with tables, which was not made from this");
    versions.push({ id: "their-version" } as (typeof versions)[0]);
    const worker = await deploy(...SENDER);
    expect(worker.stderr).toContain('The account has a Worker waxseal that "waxseal deploy" did not upload.');
    expect([database.code, worker.code]).toEqual([1, 1]);
    for (const { stderr } of [database, worker])
      expect(stderr).toContain('Choose another one, as "name" of waxseal.json');
    expect(cloudflare.calls.filter((call) => /^(POST|PUT)/.test(call) && !call.endsWith("/query"))).toEqual([]);
  });
});
