/**
 * One deploy at a time in a folder: a file names the process. It is never there without its text. One that was killed
 * leaves it, and is told apart.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import { isRunning } from "../running-process.ts";
import { OWN_FOLDER } from "./config.ts";

/** Runs `work` while no other process does in the same folder. @throws {CommandError} when one does */
export async function locked<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(join(folder, OWN_FOLDER), { recursive: true });
  const path = join(folder, OWN_FOLDER, "lock");
  await take(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<void> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, `${process.pid}`, { flag: "wx" });
  try {
    if (await isLinked(own, path)) return;
    const holder = await holderOf(path);
    if (isRunning(holder)) throw busy(holder);
    await removeStale(path);
    if (!(await isLinked(own, path))) throw busy(await holderOf(path));
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether the file has that name, too: not when the name is taken. */
async function isLinked(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name);
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw error;
  }
}

/** The process that a lock names; 0: the lock is gone. */
async function holderOf(path: string): Promise<number> {
  return Number(await readFile(path, "utf8").catch(() => "0"));
}

/** Takes the lock of a process that was killed away; another process may have done so, and have its own there. */
async function removeStale(path: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  try {
    await rename(path, away);
  } catch (error) {
    if (Object(error).code === "ENOENT") return;
    throw error;
  }
  if (isRunning(await holderOf(away))) await isLinked(away, path);
  await rm(away, { force: true });
}

function busy(pid: number): CommandError {
  return new CommandError(
    `Another deploy runs in this folder: process ${pid}.`,
    "Wait until it has ended, and run it again.",
  );
}
