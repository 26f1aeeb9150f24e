/**
 * Profiles: Workers that `waxseal login` remembers, each with its address and key, in a file of the user's. Guarantees
 * that the file is readable by its owner alone, and that it is replaced whole, never written half.
 */
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { CommandError, errorMessage } from "./command-error.ts";

const Profile = v.object({ origin: v.string(), apiKey: v.string() });
export type Profile = v.InferOutput<typeof Profile>;

/** `current` is the one that commands use when none is named. */
const Profiles = v.object({ current: v.optional(v.string()), profiles: v.record(v.string(), Profile) });
export type Profiles = v.InferOutput<typeof Profiles>;

const OWNER_ONLY = 0o600;
const NO_PROFILES: Profiles = { profiles: {} };

/** `$XDG_CONFIG_HOME/waxseal/profiles.json`, or below `~/.config` (XDG Base Directory Specification). */
export function profilesFile(): string {
  const { XDG_CONFIG_HOME } = process.env;
  const folder = XDG_CONFIG_HOME?.startsWith("/") ? XDG_CONFIG_HOME : join(homedir(), ".config");
  return join(folder, "waxseal", "profiles.json");
}

/** @throws {CommandError} when the file cannot be read */
export async function readProfiles(): Promise<Profiles> {
  const path = profilesFile();
  try {
    return v.parse(Profiles, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return NO_PROFILES;
    throw new CommandError(`${path} cannot be read: ${errorMessage(error)}.`, 'Delete it, and run "waxseal login".');
  }
}

/** @throws {CommandError} when the file cannot be written */
export async function writeProfiles(profiles: Profiles): Promise<void> {
  const path = profilesFile();
  const written = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(written, `${JSON.stringify(profiles, null, 2)}\n`, { mode: OWNER_ONLY });
    await chmod(written, OWNER_ONLY);
    await rename(written, path);
  } catch (error) {
    throw new CommandError(`${path} cannot be written: ${errorMessage(error)}.`, "Look at the folder's permissions.");
  }
}
