/**
 * Which Worker a command talks to, and by which key. The first that is there: the options; the profile that is named;
 * `WAXSEAL_ORIGIN` and `WAXSEAL_API_KEY` of the environment; `npm run dev` of this folder; the profile of the last
 * login.
 */
import type { Command } from "commander";
import { usageError } from "./command-error.ts";
import { runningDevServer } from "./dev-server.ts";
import { readDevVars } from "./dev-vars.ts";
import { type Profile, readProfiles } from "./profiles.ts";
import { DEV_VARS } from "./settings.ts";

/** The values of the options that `withConnection` adds. */
export interface Connection {
  readonly origin?: string;
  readonly apiKey?: string;
  readonly profile?: string;
}

/** Options of commands that print JSON, too. */
export interface JsonOptions extends Connection {
  readonly json?: boolean;
}

export interface Worker extends Profile {
  /** How it was found, for people: "npm run dev", "profile production". */
  readonly foundBy: string;
}

/** What to do when no Worker is known. */
const NAME_WORKER =
  'Give its address by --origin, or in WAXSEAL_ORIGIN; or run "waxseal login" once, or "npm run dev" in this folder. ' +
  'If there is none yet, "waxseal deploy" makes one.';

/** Adds the options that name a Worker and its key. */
export function withConnection(command: Command): Command {
  return command
    .option("--profile <name>", "a Worker that waxseal login remembers")
    .option("--origin <url>", "where the Worker answers (default: WAXSEAL_ORIGIN)")
    .option("--api-key <key>", "one of its API_KEYS (default: WAXSEAL_API_KEY)");
}

/** @throws {CommandError} when no Worker is named, or no key of it */
export async function findWorker({ origin, apiKey, profile }: Connection): Promise<Worker> {
  const { WAXSEAL_ORIGIN, WAXSEAL_API_KEY } = process.env;
  const known = await knownWorker(profile, origin ?? WAXSEAL_ORIGIN);
  const found = checkOrigin(origin ?? (profile === undefined ? WAXSEAL_ORIGIN : undefined) ?? known?.origin);
  // A key is sent to nobody but its own Worker.
  const knownKey = known?.origin === found ? known.apiKey : undefined;
  const key = apiKey ?? (profile === undefined ? WAXSEAL_API_KEY : undefined) ?? knownKey;
  if (!key) {
    throw usageError(
      `There is no API key for ${found}.`,
      'Give one of the Worker\'s API_KEYS by --api-key or in WAXSEAL_API_KEY; "waxseal keys api" makes one.',
    );
  }
  return { origin: found, apiKey: key, foundBy: known?.origin === found ? known.foundBy : "its address" };
}

/** The Worker that is found without its address, or the one that is known by it. */
async function knownWorker(name: string | undefined, origin: string | undefined): Promise<Worker | undefined> {
  const profiles = await readProfiles();
  if (name !== undefined) {
    const profile = profiles.profiles[name];
    if (profile !== undefined) return { ...profile, foundBy: `profile ${name}` };
    const names = Object.keys(profiles.profiles);
    throw usageError(
      `There is no profile ${name}.`,
      names.length === 0 ? '"waxseal login" makes one.' : `There are: ${names.join(", ")}.`,
    );
  }
  const local = await localWorker();
  const remembered = Object.entries(profiles.profiles).map(([each, profile]) => ({
    ...profile,
    foundBy: `profile ${each}`,
  }));
  if (origin !== undefined) {
    const asked = originOf(origin) ?? "";
    const known = [local, ...remembered].find((worker) => worker?.origin === asked);
    return (
      known ?? (LOCAL.test(asked) ? { origin: asked, apiKey: await developersKey(), foundBy: DEV_VARS } : undefined)
    );
  }
  return local ?? remembered.find(({ foundBy }) => foundBy === `profile ${profiles.current}`);
}

/** That of `npm run dev` in this folder. */
async function localWorker(): Promise<Worker | undefined> {
  const origin = runningDevServer(".");
  return origin === undefined ? undefined : { origin, apiKey: await developersKey(), foundBy: "npm run dev" };
}

/** The first of the folder's API_KEYS; empty when there is none. */
async function developersKey(): Promise<string> {
  const { API_KEYS = "" } = await readDevVars(DEV_VARS);
  return API_KEYS.split(/[\s,]+/).find((key) => key !== "") ?? "";
}

/** A Worker of this machine, which `wrangler dev` may have started. */
const LOCAL = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** @throws {CommandError} for what is no web address */
export function checkOrigin(text: string | undefined): string {
  if (text === undefined || text === "") throw usageError("No Worker is known here.", NAME_WORKER);
  const origin = originOf(text);
  if (origin === undefined) throw usageError(`${text} is not a web address.`, NAME_WORKER);
  return origin;
}

function originOf(text: string): string | undefined {
  return /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
}
