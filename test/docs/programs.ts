/** Runs the JavaScript blocks of a page as programs, with the library of this checkout as "waxseal". */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { projectRoot } from "../../src/dev/project.ts";
import type { Block } from "./markdown.ts";
import type { Answered } from "./program-host.ts";

export interface Program {
  readonly process: ChildProcess;
  /** What it printed, once it has ended. Rejects with what it said on standard error when it failed. */
  readonly printed: Promise<string>;
}

export interface ProgramHost {
  /** What the program printed, once it has run to its end. Rejects with what it threw. One at a time. */
  run(block: Block): Promise<string>;
  /** The exit code, once nothing that a program has left open, such as a connection, keeps the process from ending. */
  end(): Promise<number | null>;
  /** Ends it, whatever a program has left. */
  kill(): Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

const PROVIDER_HOSTS = new URL("./provider-hosts.ts", import.meta.url).href;
const HOST = fileURLToPath(new URL("./program-host.ts", import.meta.url));

/** The source behind an entry of package.json's `exports`. */
function sourceOf(entry: string | undefined): string {
  const path = entry === undefined ? "waxseal.ts" : entry === "client" ? "client/index.ts" : `integrations/${entry}.ts`;
  return new URL(`../../src/${path}`, import.meta.url).href;
}

function codeOf({ text: source }: Block, { ORIGIN }: Variables): string {
  return source
    .replace(/(?<=from )"waxseal(?:\/([\w-]+))?"/g, (_, entry: string | undefined) => JSON.stringify(sourceOf(entry)))
    .replaceAll("https://t.example.com/v1/", `${ORIGIN}/v1/`);
}

/** What starts a program; read from standard input, it finds packages from the folder that it runs in. */
function startOf(variables: Variables) {
  const execArgv = variables.PROVIDERS === undefined ? [] : ["--import", PROVIDER_HOSTS];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { execArgv, options: { cwd: projectRoot, env: { ...variables, PATH, NODE_COMPILE_CACHE } } };
}

/** One process for many programs, which load the same packages. */
export function startProgramHost(variables: Variables): ProgramHost {
  const { execArgv, options } = startOf(variables);
  const child = fork(HOST, { ...options, execArgv, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const warned = child.stderr === null ? "" : text(child.stderr);
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  return {
    async run(block) {
      const answer = new Promise<Answered>((resolve, reject) => {
        child.once("message", resolve);
        void Promise.all([ended, warned]).then(([code, err]) =>
          reject(new Error(`the program at line ${block.line} ended with ${code}:\n${err}`)),
        );
      });
      child.send({ source: codeOf(block, variables) });
      const { printed, error } = await answer;
      if (error !== undefined) throw new Error(`the program at line ${block.line} failed:\n${error}`);
      return printed;
    },
    async end() {
      if (child.connected) child.disconnect();
      return await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** In a process of its own, for as long as it runs. */
export function startProgram(block: Block, variables: Variables): Program {
  const { execArgv, options } = startOf(variables);
  const child = spawn(process.execPath, [...execArgv, "--input-type=module", "-"], {
    ...options,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(codeOf(block, variables));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([out, err, code]) => {
    if (code === 0 || child.signalCode === "SIGTERM") return out;
    throw new Error(`the program at line ${block.line} ended with ${code}:\n${err}`);
  });
  return { process: child, printed };
}
