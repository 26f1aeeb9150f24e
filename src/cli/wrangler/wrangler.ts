/**
 * wrangler, in a process of its own: the one that is installed beside the project or with Waxseal, when its version
 * fits, and otherwise the one that Waxseal was tested with, which npx brings. Guarantees that it asks nothing, and that
 * a failure has wrangler's own words and, of Cloudflare's API, the code.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { CommandError } from "../command-error.ts";
import { runChild } from "./child.ts";
import { explainedStart, npxCommand } from "./npx.ts";
import { showProgress } from "./progress.ts";

/** The version that Waxseal is tested with; package.json's peer dependency. */
const WRANGLER_VERSION = "4.155.0";
const OLDEST_NODE = 22;

/** wrangler ended with an error. */
export class WranglerFailure extends Error {
  /** Cloudflare's code of the error, when its API gave one. */
  readonly code: number | undefined;
  /** Everything that wrangler wrote. */
  readonly output: string;

  constructor(message: string, code: number | undefined, output: string) {
    super(message);
    this.code = code;
    this.output = output;
  }
}

export interface WranglerRun {
  readonly stdout: string;
  /** What it said in WRANGLER_OUTPUT_FILE_PATH, an entry a line. */
  readonly entries: readonly Entry[];
}

export interface Wrangler {
  /** @throws {WranglerFailure}; {Interrupted} when this process is asked to end */
  run(args: readonly string[]): Promise<WranglerRun>;
}

const Entry = v.looseObject({
  type: v.string(),
  code: v.optional(v.number()),
  message: v.optional(v.string()),
  version_id: v.optional(v.nullable(v.string())),
  targets: v.optional(v.array(v.string())),
});
type Entry = v.InferOutput<typeof Entry>;

/**
 * @param doing what needs wrangler: "Deploying"
 * @throws {CommandError} when this Node is too old for it
 */
export function checkNode(doing: string, version = process.versions.node): void {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new CommandError(
    `${doing} needs Node ${OLDEST_NODE} or later, because wrangler does; this is Node ${version}.`,
    "Install a current Node from https://nodejs.org, and run it again.",
  );
}

/**
 * @param folder where one may be installed, and where it runs: it reads `.env` there, which may hold a token
 * @param config the configuration of all its runs. Default: what an argument names, or what it finds
 */
export function findWrangler(folder: string, environment: NodeJS.ProcessEnv, config?: string): Wrangler {
  const configured = config === undefined ? [] : ["--config", config];
  // A dry run makes no folder.
  const cwd = config === undefined || existsSync(folder) ? folder : dirname(config);
  const installed = installedWrangler(folder);
  const [program, ...before] = installed ?? [...npxCommand(), "--yes", `wrangler@${WRANGLER_VERSION}`];
  return {
    run: async (args) => {
      if (installed === undefined)
        await fetchOnce(() => runWrangler(program, [...before, "--version"], cwd, {})).catch((error) => {
          throw explainedStart(error);
        });
      return await runWrangler(program, [...before, ...args, ...configured], cwd, environment);
    },
  };
}

let fetched: Promise<unknown> | undefined;

/**
 * npx fetches wrangler, before any command of it runs: npx of npm 10, started twice at once, would write into one
 * folder. After a failure the next one tries again.
 */
async function fetchOnce(fetchWrangler: () => Promise<unknown>): Promise<void> {
  if (fetched === undefined) {
    showProgress(`Fetching wrangler ${WRANGLER_VERSION}, which is not installed here …`);
    fetched = fetchWrangler();
    fetched.catch(() => {
      fetched = undefined;
    });
  }
  await fetched;
}

/** What `npx --package … waxseal` and `npx --call …` tell every npx inside, and wrangler's must not hear. */
const OF_THE_OUTER_NPX = { npm_config_package: undefined, npm_config_call: undefined };

function installedWrangler(folder: string): readonly [string, ...string[]] | undefined {
  for (const from of [join(folder, "package.json"), fileURLToPath(import.meta.url)]) {
    try {
      const manifest = createRequire(from).resolve("wrangler/package.json");
      const { version } = createRequire(from)("wrangler/package.json");
      if (fits(version)) return [process.execPath, join(dirname(manifest), "bin", "wrangler.js")];
    } catch {
      // None is installed there.
    }
  }
  return undefined;
}

/** As `^4.155.0` does. */
function fits(version: string): boolean {
  const [major, minor = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor = 0] = WRANGLER_VERSION.split(".").map(Number);
  return major === wantedMajor && minor >= wantedMinor;
}

async function runWrangler(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv,
): Promise<WranglerRun> {
  const notes = await mkdtemp(join(tmpdir(), "waxseal-wrangler-"));
  const file = join(notes, "output.ndjson");
  try {
    const { code, stdout, stderr } = await runChild(program, args, {
      cwd,
      env: {
        ...process.env,
        ...OF_THE_OUTER_NPX,
        ...environment,
        ...{
          CI: "true",
          NO_COLOR: "1",
          FORCE_COLOR: "0",
          WRANGLER_HIDE_BANNER: "true",
          WRANGLER_SEND_METRICS: "false",
        },
        WRANGLER_OUTPUT_FILE_PATH: file,
      },
    });
    const entries = entriesIn(await readFile(file, "utf8").catch(() => ""));
    if (code !== 0) throw failureOf(entries, `${stdout}\n${stderr}`);
    return { stdout, entries };
  } finally {
    await rm(notes, { recursive: true, force: true });
  }
}

function entriesIn(written: string): readonly Entry[] {
  const lines = written.split("\n").filter((line) => line !== "");
  return lines.map((line) => v.parse(v.pipe(v.string(), v.parseJson(), Entry), line));
}

function failureOf(entries: readonly Entry[], output: string): WranglerFailure {
  const failed = entries.find(({ type }) => type === "command-failed");
  const { message, code } = saidByApi(output) ?? {};
  return new WranglerFailure(message ?? failed?.message ?? output.trim().slice(-500), code ?? failed?.code, output);
}

const CODE = /\[code: (\d+)\]$/;

/** Cloudflare's own words are in wrangler's output alone: "  The name is taken [code: 11009]". */
function saidByApi(output: string): { readonly message: string; readonly code: number } | undefined {
  for (const line of output.split("\n")) {
    const [ending, code] = CODE.exec(line.trimEnd()) ?? [];
    if (ending !== undefined)
      return { message: line.trim().slice(0, -ending.length).trim().replace(/^- /, ""), code: Number(code) };
  }
  return undefined;
}
