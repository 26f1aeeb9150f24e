/** The questions of `waxseal deploy`, answered at a terminal. */
import { readdir } from "node:fs/promises";
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

const NOT_YET = async () => new Response("not yet", { status: 503 });

it("asks three questions, each again for a wrong answer; says what is made at Ctrl-C; asks none then", async () => {
  const world = await deployWorld();
  const { account } = world.cloudflare;
  const first = await startDeploy(world, NOT_YET);
  await first.answer(NAME, `Acme Mail${ENTER}`);
  await first.answer("It must be 3 to 48 small letters, digits and hyphens", `${CTRL_U}acme-mail${ENTER}`);
  await first.answer(SENDER_NAME, ENTER);
  await first.answer("It must be a name", `Maison Lavande${ENTER}`);
  await first.answer(DOMAIN, `t.example.com/x${ENTER}`);
  await first.answer('It must be a host name such as "t.example.com"', `${CTRL_U}https://T.example.com/${ENTER}`);
  // It waits for the new Worker.
  await first.answer("Checking its health", CTRL_C);
  expect(await first.ended, first.shown()).toBe(130);
  expect(first.shown()).toContain("Your answers are kept in waxseal.json");
  const [version] = account.versions;
  expect(first.shown()).toMatch(
    new RegExp(
      "When checking its health: It was ended by SIGINT\\.\\s+Made so far: the database acme-mail, " +
        `the tables of the database, the bucket acme-mail-.*, version ${version?.id} of the Worker\\.`,
    ),
  );
  expect((await readdir(join(world.folder, ".waxseal"))).filter((name) => name.startsWith("lock"))).toEqual([]);
  expect([account.uploadedAs, account.domains]).toEqual(["acme-mail", ["t.example.com"]]);
  const variables = version?.settings.bindings.map(({ name, text }) => [name, text]);
  expect(variables).toContainEqual(["SENDER_NAME", "Maison Lavande"]);
  expect(variables).toContainEqual(["TRACKING_ORIGIN", "https://t.example.com"]);

  const second = await startDeploy(world, world.call);
  expect(await second.ended, second.shown()).toBe(0);
  expect(second.shown()).toContain("runs: https://t.example.com (version");
  expect(second.shown()).toContain(`npx wrangler rollback ${version?.id} --name acme-mail`);
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
