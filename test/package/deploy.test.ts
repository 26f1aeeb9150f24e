/**
 * `npx waxseal deploy` as a stranger runs it: from the packed file, in an empty folder, at a terminal, without
 * wrangler, which npx fetches.
 */
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { serveWorker, TO_THE_WORKER } from "../cli/cloudflare/worker-address.ts";
import { deployWorld } from "../cli/cloudflare/world.ts";
import { ENTER, startInTerminal } from "../cli/terminal.ts";
import { startLocalRegistry } from "./local-registry.ts";

const MOST_MS = 90_000;

it("deploys in less than 90 seconds, wrangler fetched by npx; without a registry it says what is missing", async () => {
  const world = await deployWorld();
  const { account } = world.cloudflare;
  const HOME = join(world.folder, "..", "home");
  await mkdir(HOME);
  const worker = await serveWorker(world.call);
  const start = (registry: string) => {
    const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
    const npm = { npm_config_registry: registry, npm_config_fetch_retries: "0" };
    const env = { PATH, HOME, TERM: "xterm", NO_COLOR: "1", NODE_OPTIONS: `--import ${TO_THE_WORKER}`, ...npm };
    return startInTerminal(["npx", "--yes", "--package", inject("packageFile"), "waxseal", "deploy"], {
      cwd: world.folder,
      env: { ...env, ...world.env, ...worker },
    });
  };
  const registry = await startLocalRegistry({ without: ["wrangler"] });
  onTestFinished(() => registry.stop());
  const refused = start(registry.url);
  await refused.answer("A name for the Worker?", ENTER);
  await refused.answer("Your name, as recipients know you?", `Maison Lavande${ENTER}`);
  await refused.answer("The domain of links", ENTER);
  expect(await refused.ended, refused.shown()).toBe(1);
  expect(refused.shown()).toContain("npm could not fetch wrangler: ");
  expect(refused.shown()).toContain("Nothing was made.");
  expect(world.cloudflare.calls).toEqual([]);

  const complete = await startLocalRegistry();
  onTestFinished(() => complete.stop());
  const beganAtMs = performance.now();
  const deployed = start(complete.url);
  expect(await deployed.ended, deployed.shown()).toBe(0);
  const tookMs = performance.now() - beganAtMs;
  console.log(`npx waxseal deploy, wrangler fetched: ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(MOST_MS);
  expect(deployed.shown().match(/Fetching wrangler 4\.\d+\.\d+, which is not installed here/g)).toHaveLength(1);
  expect(deployed.shown()).not.toContain("A name for the Worker?");
  expect(account.versions[0]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
  expect((await world.call("/healthz")).status).toBe(200);
  const made = (await readdir(world.folder)).filter((name) => name !== ".wrangler");
  expect(made.toSorted()).toEqual([".waxseal", "waxseal.json", "wrangler.json"]);
});
