/** The secrets of a first deploy, in a file for its owner alone: they are uploaded from it, and kept. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { makeTokenKey } from "../../tokens/keys.ts";
import { makeApiKey } from "../api-key.ts";
import { OWN_FOLDER } from "./config.ts";

/** Relative to the folder. */
export const KEYS_FILE = join(OWN_FOLDER, "keys.env");
const OWNER_ONLY = 0o600;

/** Makes the keys, unless an earlier run has: their file outlives a deploy that failed. */
export async function makeKeysFile(folder: string): Promise<void> {
  const path = join(folder, KEYS_FILE);
  if (existsSync(path)) return;
  const tokenKeys = makeTokenKey({ id: 1, development: false });
  const apiKeys = makeApiKey({ development: false });
  await writeFile(path, `TOKEN_KEYS="${tokenKeys}"\nAPI_KEYS="${apiKeys}"\n`, { mode: OWNER_ONLY, flag: "wx" });
}

/** The API key that it holds; undefined where there is no file. */
export async function apiKeyIn(folder: string): Promise<string | undefined> {
  const path = join(folder, KEYS_FILE);
  return existsSync(path) ? parseEnv(await readFile(path, "utf8")).API_KEYS?.split(",")[0] : undefined;
}
