/** What is there already of a Worker, asked of the account by wrangler. Changes nothing. */
import * as v from "valibot";
import { askForChoice, canAsk } from "../ask.ts";
import { CommandError, usageError } from "../command-error.ts";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { type Wrangler, WranglerFailure } from "../wrangler/wrangler.ts";
import type { Answers } from "./answers.ts";

/** Of Cloudflare's API: the Worker is not there. */
const NO_SUCH_WORKER = 10007;
/** What `--message` says of every version that `waxseal deploy` uploads. */
export const MESSAGE = /^waxseal \d/;

const Identity = v.object({
  loggedIn: v.boolean(),
  accounts: v.optional(v.array(v.object({ id: v.string(), name: v.string() })), []),
});
const Deployments = v.array(
  v.object({
    created_on: v.string(),
    annotations: v.optional(v.nullable(v.object({ "workers/message": v.optional(v.string()) }))),
    versions: v.array(v.object({ version_id: v.string() })),
  }),
);
const Databases = v.array(v.object({ uuid: v.string(), name: v.string() }));
const Names = v.array(v.object({ name: v.string() }));

/** What runs under a name. */
export interface RunningWorker {
  /** The version that answers now, to go back to. */
  readonly versionId: string;
  readonly isOurs: boolean;
}

/** The id of the account to deploy to: the only one, or the one that is chosen. */
export async function findAccount(wrangler: Wrangler): Promise<string> {
  const { loggedIn, accounts } = readPrintedJson(Identity, await whoami(wrangler));
  if (!loggedIn) throw notLoggedIn();
  const [only, ...others] = accounts;
  if (only === undefined)
    throw new CommandError("The token names no account.", 'Give it the permission "Account Settings: Read".');
  if (others.length === 0) return only.id;
  if (canAsk()) {
    return await askForChoice("Which account?", Object.fromEntries(accounts.map(({ id, name }) => [id, name])));
  }
  throw usageError(
    `There are several accounts: ${accounts.map(({ id, name }) => `${name} (${id})`).join(", ")}.`,
    "Say which one by CLOUDFLARE_ACCOUNT_ID.",
  );
}

async function whoami(wrangler: Wrangler): Promise<string> {
  try {
    return (await wrangler.run(["whoami", "--json"])).stdout;
  } catch (error) {
    // Who is not logged in gets the answer, and the code 1.
    if (error instanceof WranglerFailure && error.output.includes('"loggedIn": false')) throw notLoggedIn();
    throw error;
  }
}

function notLoggedIn(): CommandError {
  return new CommandError(
    "Nobody is logged in to Cloudflare.",
    'Run "npx wrangler login", or set CLOUDFLARE_API_TOKEN, and run it again.',
  );
}

/** The Worker that runs under the name; undefined: none does. */
export async function findRunning(wrangler: Wrangler, { name }: Answers): Promise<RunningWorker | undefined> {
  try {
    const { stdout } = await wrangler.run(["deployments", "list", "--name", name, "--json"]);
    const deployments = readPrintedJson(Deployments, stdout).toSorted((one, other) =>
      other.created_on.localeCompare(one.created_on),
    );
    const versionId = deployments[0]?.versions[0]?.version_id;
    if (versionId === undefined) return undefined;
    return {
      versionId,
      isOurs: deployments.some(({ annotations }) => MESSAGE.test(annotations?.["workers/message"] ?? "")),
    };
  } catch (error) {
    if (error instanceof WranglerFailure && error.code === NO_SUCH_WORKER) return undefined;
    throw error;
  }
}

/** The id of the database of that name; undefined: there is none. */
export async function findDatabase(wrangler: Wrangler, { name }: Answers): Promise<string | undefined> {
  const { stdout } = await wrangler.run(["d1", "list", "--json"]);
  return readPrintedJson(Databases, stdout).find((database) => database.name === name)?.uuid;
}

/** Whether a database holds tables, of whomever. */
export async function holdsTables(wrangler: Wrangler, { name }: Answers): Promise<boolean> {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
  const { stdout } = await wrangler.run(["d1", "execute", name, "--remote", "--json", "--command", sql]);
  return readPrintedJson(v.array(v.object({ results: Names })), stdout).some(({ results }) => results.length > 0);
}

/** The names of the Worker's secrets. */
export async function secretNames(wrangler: Wrangler, { name }: Answers): Promise<readonly string[]> {
  const { stdout } = await wrangler.run(["secret", "list", "--name", name, "--format", "json"]);
  return readPrintedJson(Names, stdout).map((secret) => secret.name);
}
