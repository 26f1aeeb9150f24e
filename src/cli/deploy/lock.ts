/** One deploy at a time in a folder: a file names the process. One that was killed leaves it, and is told apart. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import { isRunning } from "../running-process.ts";
import { OWN_FOLDER } from "./config.ts";

/** Runs `work` while no other process does in the same folder. @throws {CommandError} when one does */
export async function locked<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(join(folder, OWN_FOLDER), { recursive: true });
  const path = join(folder, OWN_FOLDER, "lock");
  if (!(await take(path))) {
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (isRunning(holder)) throw busy(holder);
    await rm(path, { force: true });
    if (!(await take(path))) throw busy(Number(await readFile(path, "utf8").catch(() => "")));
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw error;
  }
}

function busy(pid: number): CommandError {
  return new CommandError(
    `Another deploy runs in this folder: process ${pid}.`,
    "Wait until it has ended, and run it again.",
  );
}
