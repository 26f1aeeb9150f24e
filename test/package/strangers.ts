/** Runs programs as a stranger would: in the folder where the package is installed, with nothing of the checkout. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inject } from "vitest";

const TOOLS = fileURLToPath(new URL("tools/node_modules", import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Without the environment of `npm run`, which names the checkout. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { HOME = "/", TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  const cwd = options.cwd ?? inject("installedIn");
  const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const env = { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, NO_COLOR: "1", ...options.env };
  try {
    return { code: 0, ...(await promisify(execFile)(program, args, { cwd, env, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = Object(error) as Partial<Ended>;
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}

/** `npx waxseal …` of the packed file. */
export async function waxseal(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await run(join(inject("installedIn"), "node_modules", ".bin", "waxseal"), args, options);
}

/** Writes a file where the package is installed, and returns its path. */
export async function write(name: string, text: string): Promise<string> {
  const path = join(inject("installedIn"), name);
  await writeFile(path, text);
  return path;
}

/** A program of test/package/tools/package.json. */
export function tool(name: "attw" | "publint"): string {
  return join(TOOLS, ".bin", name);
}

/** Bun or Deno: the program itself, which a package for each platform has. */
export function runtime(name: "bun" | "deno"): string {
  const [found] = globSync(`{@oven,@deno}/*/{bin/,}${name}{,.exe}`, { cwd: TOOLS });
  if (found === undefined) throw new Error(`there is no ${name}: run "npm run test:package"`);
  return join(TOOLS, found);
}

/** The Node of the tests, and the one that runs npm, which may be older. */
export function nodes(): readonly string[] {
  const { npm_node_execpath: ofNpm = process.execPath } = process.env;
  return [...new Set([process.execPath, ofNpm])];
}
