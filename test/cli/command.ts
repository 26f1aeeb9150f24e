/**
 * Runs what a person would run, in a folder of its own: in this process, or in one of its own where that makes a
 * difference.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { format } from "node:util";
import { onTestFinished, vi } from "vitest";
import { runWaxseal } from "../../src/cli/program.ts";
import { projectRoot } from "../../src/dev/project.ts";

export const KEYS = "1:I8zBG95QXykHjLCHlcVOWj8GOW46LnIjeUcDPYxHRpo";

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
  const child = spawn(process.execPath, [resolve(projectRoot, "src", script), ...args], {
    cwd: options.cwd ?? (await temporaryFolder()),
    env: environmentOf(options),
  });
  child.stdin.end(options.input);
  const ended = exitOf(child);
  const [stdout, stderr] = await Promise.all([latin1(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

/** `npx waxseal …` in a process of its own; what it writes is one character a byte. */
export async function spawnWaxseal(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await run("cli/main.ts", args, options);
}

/** The same in this process: half a second faster. */
export async function waxseal(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await inProcess(() => runWaxseal(args), options);
}

let lastInProcess: Promise<unknown> = Promise.resolve();

/**
 * Runs a command's function as if it had the process to itself: folder, environment, input and output. One at a time.
 */
export function inProcess(command: () => Promise<number>, options: RunOptions = {}): Promise<Ended> {
  const ended = lastInProcess.then(() => runInProcess(command, options));
  lastInProcess = ended.catch(() => undefined);
  return ended;
}

async function runInProcess(command: () => Promise<number>, options: RunOptions): Promise<Ended> {
  const cwd = options.cwd ?? (await temporaryFolder());
  const before = { cwd: process.cwd(), env: process.env };
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const into = (written: Buffer[]) => (chunk: string | Uint8Array) => written.push(Buffer.from(chunk)) > 0;
  const lineInto =
    (written: Buffer[]) =>
    (words: unknown, ...more: unknown[]) =>
      void written.push(Buffer.from(`${format(words, ...more)}\n`));
  const spies = [
    vi.spyOn(process, "stdin", "get").mockReturnValue(inputOf(options.input)),
    vi.spyOn(process.stdout, "write").mockImplementation(into(stdout)),
    vi.spyOn(process.stderr, "write").mockImplementation(into(stderr)),
    vi.spyOn(console, "log").mockImplementation(lineInto(stdout)),
    vi.spyOn(console, "error").mockImplementation(lineInto(stderr)),
  ];
  process.chdir(cwd);
  process.env = environmentOf(options);
  try {
    const code = await command();
    return {
      code,
      stdout: Buffer.concat(stdout).toString("latin1"),
      stderr: Buffer.concat(stderr).toString(),
    };
  } finally {
    process.env = before.env;
    process.chdir(before.cwd);
    for (const spy of spies) spy.mockRestore();
  }
}

function inputOf(input: Buffer | undefined): typeof process.stdin {
  const stream = new PassThrough();
  Readable.from(input === undefined ? [] : [input]).pipe(stream);
  return Object.assign(stream, { fd: 0 }) as unknown as typeof process.stdin;
}

export async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Deleted when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-test-"));
  onTestFinished(() => remove(folder));
  return folder;
}

/** The project as a fresh clone has it, its packages installed. Deleted when the test ends. */
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

function environmentOf({ env = {} }: RunOptions): NodeJS.ProcessEnv {
  // The developer's own profiles are not the tests'.
  const XDG_CONFIG_HOME = join(tmpdir(), "waxseal-no-profiles");
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE, XDG_CONFIG_HOME, NO_COLOR: "1", ...env };
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
