/**
 * The secrets of a first deploy: given by the environment, or made. They are kept in a file for its owner alone.
 */
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { hasDevelopmentKey, makeTokenKey, parseTokenKeys } from "../../tokens/keys.ts";
import { makeApiKey } from "../api-key.ts";
import { CommandError, usageError } from "../command-error.ts";
import { OWN_FOLDER } from "./config.ts";

/** Relative to the folder. */
export const KEYS_FILE = join(OWN_FOLDER, "keys.env");
const UPLOAD_FILE = join(OWN_FOLDER, "upload.env");

/** What a Worker has as secrets. */
export const KEY_NAMES = ["TOKEN_KEYS", "API_KEYS"] as const;
export type KeyName = (typeof KEY_NAMES)[number];
type Keys = Readonly<Record<KeyName, string>>;

/**
 * Writes the keys, unless an earlier run has: their file outlives a deploy that failed.
 * @returns since when they are there
 * @throws {CommandError} for keys of the environment that are wrong or not those of the file, and in CI without them
 */
export async function makeKeysFile(folder: string, environment = process.env): Promise<Date> {
  const path = join(folder, KEYS_FILE);
  const given = givenKeys(environment);
  if (existsSync(path)) {
    const kept = parseEnv(await readFile(path, "utf8"));
    const other = KEY_NAMES.find((name) => given[name] !== undefined && given[name] !== kept[name]);
    if (other === undefined) return (await stat(path)).mtime;
    throw usageError(
      `${other} of the environment is not that of ${KEYS_FILE}.`,
      `Which is right? Delete that file, or take ${other} out of the environment, and run it again.`,
    );
  }
  const missing = KEY_NAMES.filter((name) => given[name] === undefined);
  if (missing.length > 0 && isThrownAway(environment))
    throw new CommandError(
      `A first deploy makes ${missing.join(" and ")}, and CI has no place to keep what it makes.`,
      'Deploy by hand once; or give both keys in the environment: "npx waxseal keys new" and "keys api" print them.',
    );
  await writeKeys(path, {
    TOKEN_KEYS: given.TOKEN_KEYS ?? makeTokenKey({ id: 1, development: false }),
    API_KEYS: given.API_KEYS ?? makeApiKey({ development: false }),
  });
  return new Date();
}

async function writeKeys(path: string, keys: Partial<Keys>): Promise<void> {
  const lines = Object.entries(keys).map(([name, value]) => `${name}="${value}"\n`);
  await writeFile(path, lines.join(""), { mode: 0o600, flag: "wx" });
}

/** A runner of CI is deleted with all that it has. */
function isThrownAway({ CI = "" }: NodeJS.ProcessEnv): boolean {
  return CI !== "" && CI !== "false";
}

function givenKeys(environment: NodeJS.ProcessEnv): Partial<Keys> {
  const { TOKEN_KEYS, API_KEYS } = environment;
  const parsed = TOKEN_KEYS === undefined ? undefined : parseTokenKeys(TOKEN_KEYS);
  const fault = parsed?.ok === false ? parsed.reason : undefined;
  const next = '"npx waxseal keys new" prints one that is right.';
  if (fault !== undefined) throw usageError(`TOKEN_KEYS of the environment: ${fault}.`, next);
  if (parsed?.ok === true && hasDevelopmentKey(parsed.value))
    throw usageError("TOKEN_KEYS of the environment was made for development.", next);
  if (API_KEYS !== undefined && !/^[\w,.~+/ -]+$/.test(API_KEYS))
    throw usageError("API_KEYS of the environment cannot be read.", '"npx waxseal keys api" prints one that is right.');
  return { ...(TOKEN_KEYS === undefined ? {} : { TOKEN_KEYS }), ...(API_KEYS === undefined ? {} : { API_KEYS }) };
}

/**
 * Runs `work` with a file that has some of the keys alone.
 * @param work is given its path, relative to the folder
 */
export async function withSecretsFile<Result>(
  folder: string,
  names: readonly KeyName[],
  work: (file: string) => Promise<Result>,
): Promise<Result> {
  const kept = parseEnv(await readFile(join(folder, KEYS_FILE), "utf8"));
  const path = join(folder, UPLOAD_FILE);
  await rm(path, { force: true });
  try {
    await writeKeys(path, Object.fromEntries(names.map((name) => [name, kept[name] ?? ""])));
    return await work(UPLOAD_FILE);
  } finally {
    await rm(path, { force: true });
  }
}

/** The API key that it holds; undefined where there is no file. */
export async function apiKeyIn(folder: string): Promise<string | undefined> {
  const path = join(folder, KEYS_FILE);
  return existsSync(path) ? parseEnv(await readFile(path, "utf8")).API_KEYS?.split(",")[0] : undefined;
}
