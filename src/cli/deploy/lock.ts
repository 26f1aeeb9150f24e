/**
 * One deploy at a time in a folder, by a lock file that holds the process's id. It is written under another name, and
 * then linked, so that nobody reads it before the id is in it; a disk without links has a moment when it is empty, and
 * then it counts as held. The lock of a process that was killed is stale, and the next deploy takes it over. Gives up:
 * two containers that share the folder and have the same process id.
 */
import { randomUUID } from "node:crypto";
import { constants, copyFile, link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import { isRunning } from "../running-process.ts";
import { OWN_FOLDER } from "./config.ts";

/** Runs `work` while no other process does in the same folder. @throws {CommandError} when one does */
export async function withLock<Answer>(folder: string, work: () => Promise<Answer>): Promise<Answer> {
  await mkdir(join(folder, OWN_FOLDER), { recursive: true });
  const path = join(folder, OWN_FOLDER, "lock");
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** What is behind the id in locks of this process: in a container another one may have had the same id. */
const OWN_MARK = randomUUID();

interface Holder {
  /** Undefined: a lock that is there, and has no text yet where there are no links. */
  readonly pid: number | undefined;
  readonly mark: string | undefined;
}

async function acquire(path: string): Promise<void> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, `${process.pid} ${OWN_MARK}`, { flag: "wx" });
  try {
    if (await linkAs(own, path)) return;
    const holder = await holderOf(path);
    if (isHeld(holder)) throw lockedBy(holder, path);
    await removeStale(path);
    if (!(await linkAs(own, path))) throw lockedBy(await holderOf(path), path);
  } finally {
    await rm(own, { force: true });
  }
}

/** Disks such as exFAT and some of networks have no second names. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "ENOSYS", "EISDIR"]);

/** Gives the file a second name, or a copy where there are none. Returns false when the name is taken. */
async function linkAs(file: string, name: string): Promise<boolean> {
  try {
    await link(file, name).catch(async (error: unknown) => {
      if (!NO_LINKS.has(Object(error).code)) throw error;
      await copyFile(file, name, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw error;
  }
}

/** The process that a lock names; 0: the lock is gone. */
async function holderOf(path: string): Promise<Holder> {
  const text = await readFile(path, "utf8").catch(() => "0");
  const [pid, mark] = text.split(" ");
  return { pid: text === "" ? undefined : Number(pid), mark };
}

function isHeld({ pid, mark }: Holder): boolean {
  if (pid === undefined) return true;
  return pid === process.pid ? mark === OWN_MARK : isRunning(pid);
}

/**
 * Removes the lock of a process that was killed. Another process may have done so meanwhile: then the lock is its own,
 * and is put back.
 */
async function removeStale(path: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  try {
    await rename(path, away);
  } catch (error) {
    if (Object(error).code === "ENOENT") return;
    throw error;
  }
  if (isHeld(await holderOf(away))) await linkAs(away, path);
  await rm(away, { force: true });
}

function lockedBy({ pid }: Holder, path: string): CommandError {
  return new CommandError(
    `Another deploy runs in this folder: process ${pid ?? "not known yet"}.`,
    `Wait until it has ended, and run it again. If that process is no deploy, delete ${path}.`,
  );
}
