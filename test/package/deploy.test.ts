/**
 * `npx waxseal deploy` as a stranger runs it: from the packed file, in an empty folder, at a terminal, without
 * wrangler, which npx fetches; and a first mail by the Worker that it has deployed.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { expect, inject, it, onTestFinished } from "vitest";
import { serveWorker, TO_THE_WORKER } from "../cli/cloudflare/worker-address.ts";
import { deployWorld } from "../cli/cloudflare/world.ts";
import { ENTER, startInTerminal } from "../cli/terminal.ts";
import { startDeployedWorker } from "./deployed-worker.ts";
import { startLocalRegistry } from "./local-registry.ts";
import { run } from "./strangers.ts";

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
/** The queue takes some seconds. */
const PATIENCE = { timeout: 60_000 };

it("one command deploys; a mail by the deployed Worker is opened and clicked, and its feed says so", async () => {
  const world = await deployWorld();
  const { account } = world.cloudflare;
  const HOME = join(world.folder, "..", "home");
  await mkdir(HOME);
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const npm = { npm_config_registry: inject("registry"), npm_config_fetch_retries: "0" };
  const env = { PATH, HOME, NO_COLOR: "1", NODE_OPTIONS: `--import ${TO_THE_WORKER}`, ...npm, ...world.env };
  const cwd = world.folder;
  const npx = ["npx", "--yes", "--package", inject("packageFile"), "waxseal"] as const;
  const address = await serveWorker(world.call);
  const start = (more: Readonly<Record<string, string>>) =>
    startInTerminal([...npx, "deploy"], { cwd, env: { ...env, ...address, TERM: "xterm", ...more } });

  const registry = await startLocalRegistry({ without: ["wrangler"] });
  onTestFinished(() => registry.stop());
  const refused = start({ npm_config_registry: registry.url });
  await refused.answer("A name for the Worker?", ENTER);
  await refused.answer("Your name, as recipients know you?", `Maison Lavande${ENTER}`);
  await refused.answer("The domain of links", ENTER);
  expect(await refused.ended, refused.shown()).toBe(1);
  expect(refused.shown()).toContain("npm could not fetch wrangler: ");
  expect(refused.shown()).toContain("Nothing was made.");
  expect(world.cloudflare.calls).toEqual([]);

  const beganAtMs = performance.now();
  const deployed = start({});
  expect(await deployed.ended, deployed.shown()).toBe(0);
  console.log(`npx waxseal deploy, wrangler fetched: ${Math.round(performance.now() - beganAtMs)} ms`);
  expect(deployed.shown().match(/Fetching wrangler 4\.\d+\.\d+, which is not installed here/g)).toHaveLength(1);
  expect(deployed.shown()).toContain("https://waxseal.acme.workers.dev");
  expect(deployed.shown()).not.toContain("A name for the Worker?");
  expect(account.versions[0]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
  expect((await world.call("/healthz")).status).toBe(200);
  const made = (await readdir(cwd)).filter((name) => name !== ".wrangler");
  expect(made.toSorted()).toEqual([".waxseal", "waxseal.json", "wrangler.json"]);

  const WORKER = await startDeployedWorker(account);
  const { API_KEYS = "" } = parseEnv(await readFile(join(cwd, ".waxseal", "keys.env"), "utf8"));
  await followMail(WORKER, API_KEYS);
  const waxseal = async (...command: readonly string[]) => {
    const [program, ...args] = npx;
    const { code, stdout, stderr } = await run(program, [...args, ...command], { cwd, env: { ...env, WORKER } });
    expect(code, stderr).toBe(0);
    return stdout;
  };
  // Commands know it since the deploy.
  expect(await waxseal("status")).toContain("https://waxseal.acme.workers.dev (profile waxseal) works");
  expect(await waxseal("events", "--origin", WORKER, "--api-key", API_KEYS)).toMatch(
    /opened[\s\S]*First letter|First letter[\s\S]*opened/i,
  );
});

/** A mail that the Worker decorates is opened and clicked, and its feed has both. */
async function followMail(origin: string, apiKey: string): Promise<void> {
  const call = async (path: string, body?: object) => {
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
    return await (await fetch(origin + path, { headers, ...sent })).json();
  };
  const ids = { email: { id: 1, name: "First letter" }, person: { id: 7 }, campaign: { id: 3 } };
  const { html } = Object(await call("/v1/decorate", { ...ids, html: '<a href="https://example.com/news">Read</a>' }));
  const visit = async (pattern: RegExp) => {
    const [url = ""] = pattern.exec(html) ?? [];
    return await fetch(url, { redirect: "manual", headers: { "User-Agent": PHONE } });
  };
  expect((await visit(/http[^"]+[.]gif/)).headers.get("Content-Type")).toBe("image/gif");
  expect((await visit(/http[^"]+\/c\/[^"]+/)).headers.get("Location")).toBe("https://example.com/news");
  const types = async () => Object(await call("/v1/events")).data.map(({ type }: { readonly type: string }) => type);
  await expect.poll(async () => (await types()).toSorted(), PATIENCE).toEqual(["clicked", "opened"]);
}
