/**
 * Runs the shell blocks of a page, in their order and in one bash, so that later blocks see the variables of earlier
 * ones. `curl` to the addresses of the pages goes to a local Worker, `npx waxseal` is the command of this checkout; a
 * command that would leave this machine (wrangler, aws, a provider's API) is recorded instead of run.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { NotedCommand } from "./commands.ts";
import type { Block } from "./markdown.ts";

export interface ShellRun {
  /** What each block printed, in the order of the blocks. */
  readonly printed: readonly string[];
  /** The commands that were noted instead of run. */
  readonly noted: readonly NotedCommand[];
}

export interface ShellWorld {
  /** Of the local Worker. */
  readonly origin: string;
  /** Of the server that runs `waxseal` (command-server.ts). */
  readonly commands: string;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Argument by argument, and an empty line of NUL behind each command. */
const NOTE = `note() { { printf '%s\\0' "$@"; printf '\\1\\0'; } >> "$NOTES"; }`;

const SHIMS: Readonly<Record<string, string>> = {
  curl: `${NOTE}
args=()
for arg in "$@"; do
  case "$arg" in
    https://t.example.com*) arg="$ORIGIN\${arg#https://t.example.com}" ;;
    http://localhost:8787*) arg="$ORIGIN\${arg#http://localhost:8787}" ;;
    https://*) note curl "$@"; exit ;;
  esac
  args+=("$arg")
done
exec "$CURL" --silent --show-error --fail-with-body "\${args[@]}"`,
  npx: `${NOTE}
case "$1 $2" in "waxseal deploy" | "waxseal backup" | "waxseal restore") note "$@"; exit ;; esac
case "$1" in
  waxseal@latest) shift; note waxseal "$@" ;;
  waxseal)
    shift
    answer=$(mktemp)
    status=$(printf '%s\\0' "$@" | "$CURL" --silent --data-binary @- -o "$answer" -w '%{http_code}' "$COMMANDS")
    if [ "$status" = 200 ]; then cat "$answer"; else cat "$answer" >&2; exit 1; fi
    ;;
  *) note "$@" ;;
esac`,
  aws: `${NOTE}
note aws "$@"`,
  npm: `${NOTE}
note npm "$@"`,
  postal: `echo "v=DKIM1; t=s; h=sha256; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC;"`,
  // Programs are run by themselves (programs.ts).
  node: "exit 0",
  git: "exit 0",
};

/** The program itself, which the shim of its name hides. */
const CURL = pathOf("curl");
const BETWEEN_BLOCKS = "\u001e";

/** Throws with the page's line and the standard error when a block fails, or when one that should fail does not. */
export async function runShell(
  blocks: readonly Block[],
  { origin, commands, cwd, variables }: ShellWorld,
): Promise<ShellRun> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-docs-shims-"));
  try {
    for (const [name, script] of Object.entries(SHIMS)) {
      await writeFile(join(folder, name), `#!/usr/bin/env bash\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    const notes = join(folder, "notes");
    await writeFile(notes, "");
    const env = {
      ...variables,
      HOME: folder,
      PATH: [folder, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
      CURL,
      COMMANDS: commands,
      ORIGIN: origin,
      NOTES: notes,
      NO_COLOR: "1",
    };
    const printed = await bash(scriptOf(blocks), { cwd, env, blocks });
    return { printed, noted: commandsIn(await readFile(notes, "utf8")) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bash(
  script: string,
  { cwd, env, blocks }: { cwd: string; env: Record<string, string>; blocks: readonly Block[] },
): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd, env, maxBuffer: 1 << 26 });
    return stdout.split(BETWEEN_BLOCKS).slice(1);
  } catch (error) {
    const { stdout = "", stderr = "" } = Object(error) as { stdout?: string; stderr?: string };
    const printed = stdout.split(BETWEEN_BLOCKS);
    const { line = 0, text = "" } = blocks[printed.length - 2] ?? {};
    throw new Error(`the block at line ${line} fails:\n${text}\n${printed.at(-1)}\n${stderr}`);
  }
}

/** Each block is a function: variables that it sets are everybody's. */
function scriptOf(blocks: readonly Block[]): string {
  const parts = blocks.map(({ text, words }, index) => {
    const name = `block_${index}`;
    return `${name}() {\n${text}\n}\nprintf '${BETWEEN_BLOCKS}'\n${callOf(name, words)}`;
  });
  return `set -euo pipefail\n${parts.join("\n")}\n`;
}

function callOf(name: string, words: readonly string[]): string {
  if (words.includes("fails")) return `if ${name}; then echo "does not fail" >&2; exit 1; fi`;
  if (!words.includes("eventually")) return name;
  // Without a limit of its own: the test has one.
  return `until out=$(${name} 2>&1); do sleep 0.05; done; printf '%s' "$out"`;
}

function commandsIn(notes: string): readonly NotedCommand[] {
  return notes
    .split("\u0001\0")
    .filter((command) => command !== "")
    .map((command) => {
      const [program = "", ...args] = command.split("\0").slice(0, -1);
      return [program, ...args] as const;
    });
}

function pathOf(program: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`${program} is not installed`);
  return path;
}
