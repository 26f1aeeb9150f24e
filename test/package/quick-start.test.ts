/** docs/quick-start.md as printed, from an empty folder: at most six commands and two minutes to an open in the log. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, inject, it, onTestFinished } from "vitest";
import { readPage } from "../docs/markdown.ts";
import { startLocalRegistry } from "./local-registry.ts";

const MOST_COMMANDS = 6;

it("leads from nothing to an opened mail in the log", async () => {
  const { blocks } = await readPage("docs/quick-start.md");
  const printed = (language: string) => blocks.find((block) => block.language === language)?.text ?? "";
  const commands = printed("sh").trim().split("\n");
  expect(commands.length).toBeLessThanOrEqual(MOST_COMMANDS);
  const folder = await mkdtemp(join(tmpdir(), "waxseal-quick-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  const registry = await startLocalRegistry();
  onTestFinished(() => registry.stop());
  const port = await freePort();
  const here = (source: string) => source.replaceAll("localhost:8787", `localhost:${port}`);
  await writeFile(join(folder, "send.mjs"), here(printed("js")));
  const [install = "", ...others] = commands;
  const script = [
    install.replace(" waxseal ", ` ${inject("packageFile")} `),
    ...others.flatMap((command) => (command.endsWith("&") ? inBackground(command, port) : here(command))),
  ];
  const last = script.pop();
  const { code, stdout, stderr } = await bash(
    [...script, `until ${last} | tee feed | grep -q -i open; do sleep 0.2; done`, "cat feed"],
    folder,
    { npm_config_registry: registry.url, npm_config_cache: join(folder, ".npm") },
  );
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/opened http:\/\/localhost:\d+\/o\/[\w-]+[.]gif/);
});

/** Whose end is awaited with the shell's, and whose beginning in place of a reader who looks for "Ready". */
function inBackground(command: string, port: number): readonly string[] {
  return [
    command.replace("wrangler dev", `wrangler dev --port ${port}`).replace(/&$/, "> worker.log 2>&1 &"),
    "trap 'kill %1' EXIT",
    `until curl --silent --fail http://localhost:${port}/healthz > health; do sleep 0.2; done`,
  ];
}

async function bash(lines: readonly string[], cwd: string, variables: Readonly<Record<string, string>>) {
  const { HOME = "/", TMPDIR = "/tmp" } = process.env;
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const env = { PATH, HOME, TMPDIR, NO_COLOR: "1", CI: "true", ...variables };
  // A group of processes of its own, of which none is left, whatever fails or hangs.
  const child = spawn("bash", ["-c", `set -euo pipefail\n${lines.join("\n")}\n`], { cwd, env, detached: true });
  onTestFinished(() => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      // All have ended.
      if (Object(error).code !== "ESRCH") throw error;
    }
  });
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
