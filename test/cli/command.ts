/** Runs what a person would run, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";

export const KEYS = "1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** A script of src, ended. */
export async function run(script: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(projectRoot, "src", script), ...args], {
    cwd: options.cwd ?? (await temporaryFolder()),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...options.env },
  });
  child.stdin.end(options.input);
  const ended = exitOf(child);
  const [stdout, stderr] = await Promise.all([latin1(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

/** `npx waxseal …`; what it writes is one character a byte. */
export async function waxseal(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await run("cli/main.ts", args, options);
}

export async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-test-"));
  onTestFinished(() => remove(folder));
  return folder;
}

/** The project as a fresh clone has it, its packages installed. Gone when the test ends. */
export async function freshCheckout(): Promise<string> {
  return await checkoutIn(await temporaryFolder());
}

/** The same, for as long as the caller wants it. */
export async function lastingCheckout(): Promise<{
  readonly root: string;
  readonly remove: () => Promise<void>;
}> {
  const root = await checkoutIn(await mkdtemp(join(tmpdir(), "waxseal-test-")));
  return { root, remove: () => remove(root) };
}

async function checkoutIn(folder: string): Promise<string> {
  for (const part of ["src", "migrations", "package.json", "tsconfig.json", "wrangler.toml"])
    await cp(join(projectRoot, part), join(folder, part), { recursive: true });
  await symlink(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  return folder;
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The environment of `npm run`: this Node first. */
export function npmEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, NO_COLOR: "1" };
}

async function latin1(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("latin1");
}
