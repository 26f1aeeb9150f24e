/** Runs the JavaScript blocks of a page as programs of their own, with the library of this checkout as "waxseal". */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../src/dev/project.ts";
import type { Block } from "./markdown.ts";

export interface Program {
  readonly process: ChildProcess;
  /** What it printed, once it has ended. Rejects with what it said on standard error when it failed. */
  readonly printed: Promise<string>;
}

const PROVIDER_HOSTS = new URL("./provider-hosts.ts", import.meta.url).href;

/** The source behind an entry of package.json's `exports`. */
function sourceOf(entry: string | undefined): string {
  const path = entry === undefined ? "waxseal.ts" : entry === "client" ? "client/index.ts" : `integrations/${entry}.ts`;
  return new URL(`../../src/${path}`, import.meta.url).href;
}

export function startProgram({ text: source, line }: Block, variables: Readonly<Record<string, string>>): Program {
  const code = source
    .replace(/(?<=from )"waxseal(?:\/([\w-]+))?"/g, (_, entry: string | undefined) => JSON.stringify(sourceOf(entry)))
    .replaceAll("https://t.example.com/v1/", `${variables.ORIGIN}/v1/`);
  // Read from standard input, a program finds packages from the folder that it runs in.
  const hosts = variables.PROVIDERS === undefined ? [] : ["--import", PROVIDER_HOSTS];
  const child = spawn(process.execPath, [...hosts, "--input-type=module", "-"], {
    cwd: projectRoot,
    env: { ...variables, PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(code);
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  const printed = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([out, err, code]) => {
    if (code === 0 || child.signalCode === "SIGTERM") return out;
    throw new Error(`the program at line ${line} ended with ${code}:\n${err}`);
  });
  return { process: child, printed };
}
