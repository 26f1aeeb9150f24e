/** A program in a process of its own. Guarantees that none of its processes is left when this one is asked to end. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { interruptible } from "./interruptible.ts";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface ChildEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long it may take to end when it is asked to. */
const GRACE_MS = 5_000;
/** Windows has no groups of processes. */
const HAS_GROUPS = process.platform !== "win32";

/** @throws {Interrupted} when this process is asked to end, after the child has */
export async function runChild(program: string, args: readonly string[], options: ChildOptions): Promise<ChildEnded> {
  return await interruptible(async (asked) => {
    // A group of processes of its own: wrangler and npx start others.
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: HAS_GROUPS });
    let grace: NodeJS.Timeout | undefined;
    const end = () => {
      endGroup(child, "SIGTERM");
      grace ??= setTimeout(() => endGroup(child, "SIGKILL"), GRACE_MS);
    };
    asked.addEventListener("abort", end);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    try {
      const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      asked.throwIfAborted();
      return { code, stdout, stderr };
    } finally {
      clearTimeout(grace);
    }
  });
}

function endGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined || !HAS_GROUPS) return void child.kill(signal);
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // It has ended.
    if (Object(error).code !== "ESRCH") throw error;
  }
}
