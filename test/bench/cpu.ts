/** CPU time and memory of a process as the operating system counts them (proc(5)); Linux only. */
import { readFile } from "node:fs/promises";

/** USER_HZ is 100 on every Linux in use. */
const US_PER_TICK = 10_000;

/** User and system time that a process has used, in µs. */
export async function cpuUs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * US_PER_TICK;
}

/** Memory that a process holds, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
