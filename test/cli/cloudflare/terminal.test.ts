/** The questions of `waxseal deploy`, answered at a terminal. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../../src/dev/project.ts";
import { CTRL_C, CTRL_U, ENTER, startInTerminal } from "../terminal.ts";
import { serveWorker, TO_THE_WORKER } from "./worker-address.ts";
import { type DeployWorld, deployWorld } from "./world.ts";

const MAIN = join(projectRoot, "src", "cli", "main.ts");

/** `waxseal deploy`, and what answers for the Worker at its address. */
async function startDeploy({ folder, env }: DeployWorld, call: DeployWorld["call"]) {
  const { PATH, HOME } = process.env;
  return startInTerminal([process.execPath, "--import", TO_THE_WORKER, MAIN, "deploy"], {
    cwd: folder,
    env: { PATH, HOME, NO_COLOR: "1", TERM: "xterm", ...env, ...(await serveWorker(call)) },
  });
}

const NAME = "A name for the Worker?";
const SENDER_NAME = "Your name, as recipients know you?";
const DOMAIN = "The domain of links, one of your zones' on Cloudflare (empty: workers.dev)?";

it("asks three questions, each again with the reason when its answer is wrong, and none the next time", async () => {
  const world = await deployWorld();
  const { account } = world.cloudflare;
  const first = await startDeploy(world, world.call);
  await first.answer(NAME, `Acme Mail${ENTER}`);
  await first.answer("It must be 3 to 48 small letters, digits and hyphens", `${CTRL_U}acme-mail${ENTER}`);
  await first.answer(SENDER_NAME, ENTER);
  await first.answer("It must be a name", `Maison Lavande${ENTER}`);
  await first.answer(DOMAIN, `t.example.com/x${ENTER}`);
  await first.answer('It must be a host name such as "t.example.com"', `${CTRL_U}https://T.example.com/${ENTER}`);
  expect(await first.ended, first.shown()).toBe(0);
  expect(first.shown()).toContain("Your answers are kept in waxseal.json");
  expect(first.shown()).toContain("runs: https://t.example.com (version");
  expect([account.uploadedAs, account.domains]).toEqual(["acme-mail", ["t.example.com"]]);
  const variables = account.versions[0]?.settings.bindings.map(({ name, text }) => [name, text]);
  expect(variables).toContainEqual(["SENDER_NAME", "Maison Lavande"]);
  expect(variables).toContainEqual(["TRACKING_ORIGIN", "https://t.example.com"]);

  const second = await startDeploy(world, world.call);
  expect(await second.ended, second.shown()).toBe(0);
  expect(second.shown()).toContain(`npx wrangler rollback ${account.versions[0]?.id} --name acme-mail`);
  for (const question of [NAME, SENDER_NAME, DOMAIN]) expect(second.shown()).not.toContain(question);
});

it("takes Enter for what has a good default", async () => {
  const world = await deployWorld();
  const deploy = await startDeploy(world, world.call);
  await deploy.answer(NAME, ENTER);
  await deploy.answer(SENDER_NAME, `Maison Lavande${ENTER}`);
  await deploy.answer(DOMAIN, CTRL_C);
  expect(await deploy.ended, deploy.shown()).toBe(1);
  expect(deploy.shown()).toContain("Nothing was done.");
  expect([world.cloudflare.calls, await readdir(world.folder)]).toEqual([[], []]);
});

it("says what is made when Ctrl-C ends it while it waits for the new Worker", async () => {
  const world = await deployWorld();
  const deploy = await startDeploy(world, async () => new Response("not yet", { status: 503 }));
  await deploy.answer(NAME, ENTER);
  await deploy.answer(SENDER_NAME, `Maison Lavande${ENTER}`);
  await deploy.answer(DOMAIN, ENTER);
  await deploy.answer("Checking its health", CTRL_C);
  expect(await deploy.ended, deploy.shown()).toBe(130);
  const [version] = world.cloudflare.account.versions;
  expect(deploy.shown()).toMatch(
    new RegExp(
      "When checking its health: It was ended by SIGINT\\.\\s+Made so far: the database waxseal, " +
        `the tables of the database, the bucket waxseal-.*, version ${version?.id} of the Worker\\.`,
    ),
  );
  expect(JSON.parse(await readFile(join(world.folder, "waxseal.json"), "utf8"))).toMatchObject({ name: "waxseal" });
  expect((await readdir(join(world.folder, ".waxseal"))).filter((name) => name.startsWith("lock"))).toEqual([]);
});
