/** Processes of the operating system: /proc on Linux, `ps` elsewhere. Gives up Windows, where it finds none. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The process group. */
  readonly group: number;
  /** Its program's name, without the path. */
  readonly name: string;
}

/** Process ids of the direct children of this process whose program has that name. */
export async function childrenNamed(name: string): Promise<number[]> {
  const processes = await runningProcesses();
  return processes.filter((each) => each.parent === process.pid && each.name === name).map(({ pid }) => pid);
}

/** All processes, except those that have ended and wait to be reaped. */
export async function runningProcesses(): Promise<Process[]> {
  if (process.platform === "linux") return await fromProc();
  return process.platform === "win32" ? [] : await fromPs();
}

/** proc(5), /proc/pid/stat: `pid (name) state parent group …`. The name may itself hold parentheses. */
const STAT = /^(?<pid>\d+) \((?<name>.*)\) (?<state>\S) (?<parent>\d+) (?<group>\d+)/s;
const PS_LINE = /^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?<group>\d+)\s+(?<state>\S+)\s+(?:.*\/)?(?<name>.*)$/;

async function fromProc(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  // A process may end between the listing and the reading.
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "latin1").catch(() => "")));
  return stats.flatMap((stat) => processIn(STAT.exec(stat)));
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,pgid=,state=,comm="]);
  return stdout.split("\n").flatMap((line) => processIn(PS_LINE.exec(line)));
}

function processIn(match: RegExpExecArray | null): Process[] {
  const { pid, parent, group, name, state } = match?.groups ?? {};
  if (name === undefined || state?.startsWith("Z")) return [];
  return [{ pid: Number(pid), parent: Number(parent), group: Number(group), name }];
}
