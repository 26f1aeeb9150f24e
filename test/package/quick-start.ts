/** docs/quick-start.md as printed, run from an empty folder with a packed file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { readPage } from "../docs/markdown.ts";
import { freePort } from "../free-port.ts";

export interface QuickStart {
  /** The commands that are printed. */
  readonly commands: readonly string[];
  readonly ended: Promise<QuickStartEnded>;
  /** Ends all of its processes, and removes the folder. */
  stop(): Promise<void>;
}

export interface QuickStartEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the first command to the end of the last one. */
  readonly tookMs: number;
}

/** A reader looks again until the open is there: the queue takes some seconds. */
const UNTIL_OPENED = `key=$(sed -n 's/^API_KEYS=//p' .dev.vars)
feed() { curl --silent --fail --header "Authorization: Bearer $key" $ORIGIN/v1/events; }
until feed | grep opened > seen; do sleep 0.2; done`;

/**
 * @param packageFile what stands for "waxseal" in `npm install`
 * @param registry the address of one that has all other packages
 */
export async function startQuickStart(packageFile: string, registry: string): Promise<QuickStart> {
  const { blocks } = await readPage("docs/quick-start.md");
  const printed = (language: string) => blocks.find((block) => block.language === language)?.text ?? "";
  const commands = printed("sh").trim().split("\n");
  const folder = await mkdtemp(join(tmpdir(), "waxseal-quick-start-"));
  const port = await freePort();
  const here = (source: string) => source.replaceAll("localhost:8787", `localhost:${port}`);
  await writeFile(join(folder, "send.mjs"), here(printed("js")));
  const [install = "", ...others] = commands;
  const last = others.pop() ?? "";
  const script = [
    `ORIGIN=http://localhost:${port}`,
    install.replace(" waxseal ", ` ${packageFile} `),
    ...others.flatMap((command) => (command.endsWith("&") ? inBackground(command, port) : here(command))),
    UNTIL_OPENED,
    here(last),
  ];
  const variables = { npm_config_registry: registry, npm_config_cache: join(folder, ".npm") };
  const { ended, end } = bash(script, folder, variables);
  return {
    commands,
    ended,
    stop: async () => {
      end();
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Whose end is awaited with the shell's, and whose beginning in place of a reader who looks for "Ready". */
function inBackground(command: string, port: number): readonly string[] {
  return [
    command.replace("wrangler dev", `wrangler dev --port ${port}`).replace(/&$/, "> worker.log 2>&1 &"),
    "trap 'kill %1' EXIT",
    "until curl --silent --fail $ORIGIN/healthz > health; do sleep 0.2; done",
  ];
}

function bash(lines: readonly string[], cwd: string, variables: Readonly<Record<string, string>>) {
  const { HOME = "/", TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const env = { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, NO_COLOR: "1", CI: "true", ...variables };
  const beganAtMs = performance.now();
  // A group of processes of its own, of which none is left, whatever fails or hangs.
  const child = spawn("bash", ["-c", `set -euo pipefail\n${lines.join("\n")}\n`], { cwd, env, detached: true });
  const closed = once(child, "close");
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      // All have ended.
      if (Object(error).code !== "ESRCH") throw error;
    }
  };
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr, [code]]) => {
    return { code, stdout, stderr, tookMs: performance.now() - beganAtMs };
  });
  return { ended, end };
}
