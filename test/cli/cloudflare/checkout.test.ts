/** Ways to deploy a checkout: as README.md and docs/deploy.md print it, by hand, and by the button. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { makeApiKey } from "../../../src/cli/api-key.ts";
import { projectRoot, WRANGLER } from "../../../src/dev/project.ts";
import { readPage } from "../../docs/markdown.ts";
import { freshCheckout, KEYS } from "../command.ts";
import { serveWorker, TO_THE_WORKER } from "./worker-address.ts";
import { type DeployWorld, deployWorld } from "./world.ts";

/** It opens a browser: the tests have a token. */
const LOGIN = "npx wrangler login";

it("by hand, the commands of docs/deploy.md make a Worker that is healthy", async () => {
  const { blocks } = await readPage("docs/deploy.md");
  const printed = blocks.find(({ text }) => text.includes("d1 create"))?.text ?? "";
  const commands = printed
    .trimEnd()
    .split("\n")
    .filter((line) => line !== LOGIN);
  const [world, checkout] = await Promise.all([deployWorld(), freshCheckout()]);
  await bash([NPX, ...commands.map(pasted)], checkout, world);
  const { databases, queues, versions } = world.cloudflare.account;
  expect([databases.length, queues.length]).toEqual([1, 3]);
  expect(versions.at(-1)?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
  expect((await world.call("/healthz")).status).toBe(200);
});

it("by the button, `npm run deploy` in Cloudflare's build migrates what Cloudflare has made, and deploys", async () => {
  const [world, checkout] = await Promise.all([deployWorld(), freshCheckout()]);
  const { account } = world.cloudflare;
  const database = { uuid: randomUUID(), name: "waxseal", jurisdiction: null };
  account.databases.push(database);
  await account.runtime.addDatabase(database.uuid);
  for (const _push of ["first", "second"]) await bash(["npm run deploy"], checkout, world, { WORKERS_CI: "1" });
  expect(account.databases).toEqual([database]);
  expect(account.versions).toHaveLength(2);
  const health = await world.call("/healthz");
  expect([health.status, await health.text()]).toEqual([503, expect.stringContaining("TOKEN_KEYS")]);
  const tables = "SELECT name FROM d1_migrations";
  const [applied] = await account.runtime.query(database.uuid, tables);
  expect(Object(applied).results).toEqual([{ name: "0000_log.sql" }]);
});

it("as the pages print it, CI builds and deploys the Worker from deploy/, with keys that it is given", async () => {
  const pages = await Promise.all(["README.md", "docs/deploy.md"].map(readPage));
  for (const { blocks, path } of pages) {
    const printed = blocks.find(({ text }) => text.startsWith(LOGIN))?.text;
    expect(printed, path).toBe(`${LOGIN}\nnpm run deploy\n`);
  }
  const [world, checkout] = await Promise.all([deployWorld(), freshCheckout()]);
  const keys = { TOKEN_KEYS: KEYS, API_KEYS: makeApiKey({ development: false }) };
  const more = { NODE_OPTIONS: `--import ${TO_THE_WORKER}`, ...(await serveWorker(world.call)), ...keys };
  // Nobody is there to be asked.
  await bash(['npm run deploy -- --sender "Maison Lavande"'], checkout, world, more);
  expect(await readdir(join(checkout, "deploy"))).toEqual(expect.arrayContaining(["waxseal.json", ".waxseal"]));
  expect((await world.call("/healthz")).status).toBe(200);
});

/** The programs of this checkout. */
const NPX = `npx() {
  local program=$1; shift
  case $program in
    wrangler) node "${WRANGLER}" "$@" ;;
    waxseal) node "${join(projectRoot, "src", "cli", "main.ts")}" "$@" ;;
  esac
}`;

/** What `waxseal keys` prints is kept, and pasted where a secret is asked for. */
function pasted(command: string): string {
  const line = command.replace(/ *#.*$/, "");
  if (/keys (new|api)$/.test(line)) return `${line} > ${line.endsWith("new") ? "TOKEN_KEYS" : "API_KEYS"}.txt`;
  return /secret put \w+$/.test(line) ? `${line} < ${line.split(" ").at(-1)}.txt` : line;
}

async function bash(
  lines: readonly string[],
  cwd: string,
  { env }: DeployWorld,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { HOME } = process.env;
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const script = `set -euo pipefail\n${lines.join("\n")}\n`;
  const run = promisify(execFile)("bash", ["-c", script], { cwd, env: { HOME, PATH, CI: "true", ...env, ...more } });
  run.child.stdin?.end();
  await run;
}
