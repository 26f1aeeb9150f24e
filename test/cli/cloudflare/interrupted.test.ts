/** A deploy that is asked to end, in a process of its own. */
import { spawn } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../../src/dev/project.ts";
import { exitOf } from "../command.ts";
import { deployWorld, SENDER } from "./world.ts";

it.each([
  // Six are asked for side by side.
  ["SIGTERM", 143, /\/(?:r2\/buckets\/.*|queues)$/, 6],
  ["SIGINT", 130, /\/deployments$/, 1],
] as const)("a deploy ended by %s leaves no wrangler, no lock and no temporary file", async (...row) => {
  const [signal, exitCode, silent, waiting] = row;
  const { cloudflare, folder, env } = await deployWorld();
  const TMPDIR = join(folder, "..", "tmp");
  await mkdir(TMPDIR);
  cloudflare.failAt(silent, "never");
  const main = join(projectRoot, "src", "cli", "main.ts");
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [main, "deploy", ...SENDER], {
    cwd: folder,
    env: { PATH, HOME, ...env, TMPDIR },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = text(child.stderr);
  const ended = exitOf(child);
  await expect.poll(() => cloudflare.waiting(), { timeout: 100_000 }).toBe(waiting);
  child.kill(signal);
  expect(await ended).toBe(exitCode);
  expect(await said).toContain(`It was ended by ${signal}.\nNothing was made.`);
  await expect.poll(() => cloudflare.waiting(), { timeout: 30_000 }).toBe(0);
  const left = [...(await readdir(TMPDIR)), ...(await readdir(join(folder, ".waxseal")))];
  expect(left.filter((name) => /^waxseal-wrangler-|^lock/.test(name))).toEqual([]);
});
