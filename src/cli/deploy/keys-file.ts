/**
 * The secrets of a first deploy: given by the environment, or made. They are kept in a file for its owner alone.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { apiKeysIn, DEVELOPMENT_API_KEY, isStrongApiKey } from "../../tokens/api-keys.ts";
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

/** Where the keys of a Worker come from that has none. */
export type KeySource =
  | { readonly from: "file"; readonly since: Date }
  | { readonly from: "environment" }
  /** They are made, or what of them the environment does not have. */
  | { readonly from: "nowhere" };

/**
 * Changes nothing.
 * @throws {CommandError} for keys of the environment that are wrong or not those of the file, and in CI without them
 */
export async function keySourceOf(folder: string, environment = process.env): Promise<KeySource> {
  const path = join(folder, KEYS_FILE);
  const given = givenKeys(environment);
  if (existsSync(path)) {
    const kept = parseEnv(await readFile(path, "utf8"));
    const other = KEY_NAMES.find((name) => given[name] !== undefined && given[name] !== kept[name]);
    if (other === undefined) return { from: "file", since: (await stat(path)).mtime };
    throw usageError(
      `${other} of the environment is not that of ${KEYS_FILE}.`,
      `Which is right? Delete that file, or take ${other} out of the environment, and run it again.`,
    );
  }
  const missing = KEY_NAMES.filter((name) => given[name] === undefined);
  if (missing.length === 0) return { from: "environment" };
  if (isThrownAway(environment))
    throw new CommandError(
      `A first deploy makes ${missing.join(" and ")}, and CI has no place to keep what it makes.`,
      'Deploy by hand once; or give both keys in the environment: "npx waxseal keys new" and "keys api" print them.',
    );
  return { from: "nowhere" };
}

/** Writes the keys, unless an earlier run has: their file outlives a deploy that failed. */
export async function ensureKeysFile(folder: string, { from }: KeySource, environment = process.env): Promise<void> {
  if (from === "file") return;
  const given = givenKeys(environment);
  await mkdir(join(folder, OWN_FOLDER), { recursive: true });
  await writeKeys(join(folder, KEYS_FILE), {
    TOKEN_KEYS: given.TOKEN_KEYS ?? makeTokenKey({ id: 1, development: false }),
    API_KEYS: given.API_KEYS ?? makeApiKey({ development: false }),
  });
}

async function writeKeys(path: string, keys: Partial<Keys>): Promise<void> {
  const lines = Object.entries(keys).map(([name, value]) => `${name}="${value}"\n`);
  await writeFile(path, lines.join(""), { mode: 0o600, flag: "wx" });
}

/** A runner of CI is deleted with all that it has. */
function isThrownAway({ CI = "" }: NodeJS.ProcessEnv): boolean {
  return CI !== "" && CI !== "false";
}

/** By the rules of the Worker that gets them. */
function givenKeys(environment: NodeJS.ProcessEnv): Partial<Keys> {
  const { TOKEN_KEYS, API_KEYS } = environment;
  for (const [name, fault, maker] of [
    ["TOKEN_KEYS", TOKEN_KEYS === undefined ? undefined : faultOfTokenKeys(TOKEN_KEYS), "keys new"],
    ["API_KEYS", API_KEYS === undefined ? undefined : faultOfApiKeys(API_KEYS), "keys api"],
  ] as const)
    if (fault !== undefined)
      throw usageError(`${name} of the environment: ${fault}.`, `"npx waxseal ${maker}" prints one that is right.`);
  return { ...(TOKEN_KEYS === undefined ? {} : { TOKEN_KEYS }), ...(API_KEYS === undefined ? {} : { API_KEYS }) };
}

function faultOfTokenKeys(text: string): string | undefined {
  const keys = parseTokenKeys(text);
  if (!keys.ok) return keys.reason;
  return hasDevelopmentKey(keys.value) ? "it was made for development" : undefined;
}

function faultOfApiKeys(text: string): string | undefined {
  const keys = apiKeysIn(text);
  if (keys.length === 0) return "there is no key";
  if (keys.some((key) => key.startsWith(DEVELOPMENT_API_KEY))) return "it was made for development";
  if (!keys.every(isStrongApiKey)) return "a key can be guessed";
  // What a file of secrets would read in another way.
  return /["'`\\$]/.test(text) ? "a key has a quote, a backslash or a dollar sign" : undefined;
}

/**
 * Runs `work` with a file that has some of the keys alone.
 * @param work is given its path, relative to the folder
 */
export async function withSecretsFile<Answer>(
  folder: string,
  names: readonly KeyName[],
  work: (file: string) => Promise<Answer>,
): Promise<Answer> {
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
  return existsSync(path) ? apiKeysIn(parseEnv(await readFile(path, "utf8")).API_KEYS ?? "")[0] : undefined;
}
