/** Who deploys, and what runs under a name, asked of the account by wrangler. Changes nothing. */
import * as v from "valibot";
import { askForChoice, canAsk } from "../ask.ts";
import { CommandError, usageError } from "../command-error.ts";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { type Wrangler, WranglerFailure } from "../wrangler/wrangler.ts";
import type { Answers } from "./answers.ts";

/** The code by which Cloudflare's API says that the Worker is not there. */
const NO_SUCH_WORKER = 10007;

const Identity = v.object({
  loggedIn: v.boolean(),
  accounts: v.optional(v.array(v.object({ id: v.string(), name: v.string() })), []),
});
const Deployments = v.array(
  v.object({
    created_on: v.string(),
    versions: v.array(v.object({ version_id: v.string() })),
  }),
);
const Binding = v.looseObject({
  type: v.string(),
  name: v.string(),
  /** The value of a variable. */
  text: v.optional(v.string()),
  /** The id of a database; Cloudflare renames the one to the other. */
  id: v.optional(v.string()),
  database_id: v.optional(v.string()),
  bucket_name: v.optional(v.string()),
  /** The jurisdiction of a bucket. */
  jurisdiction: v.optional(v.nullable(v.string())),
  queue_name: v.optional(v.string()),
});
export type Binding = v.InferOutput<typeof Binding>;
const Version = v.object({ resources: v.object({ bindings: v.array(Binding) }) });

/** What runs under a name. */
export interface RunningWorker {
  /** The version that answers now, to go back to. */
  readonly versionId: string;
  readonly bindings: readonly Binding[];
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
    // Whoever is not logged in gets the answer, and the code 1.
    if (error instanceof WranglerFailure && /"loggedIn": ?false/.test(error.output)) throw notLoggedIn();
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
  const deployments = await listDeployments(wrangler, name);
  const versionId = deployments[0]?.versions[0]?.version_id;
  if (versionId === undefined) return undefined;
  const { stdout } = await wrangler.run(["versions", "view", versionId, "--name", name, "--json"]);
  return {
    versionId,
    bindings: readPrintedJson(Version, stdout).resources.bindings,
  };
}

/** The latest first; none of a Worker that is not there. */
async function listDeployments(wrangler: Wrangler, name: string): Promise<v.InferOutput<typeof Deployments>> {
  try {
    const { stdout } = await wrangler.run(["deployments", "list", "--name", name, "--json"]);
    return readPrintedJson(Deployments, stdout).toSorted((one, other) =>
      other.created_on.localeCompare(one.created_on),
    );
  } catch (error) {
    if (error instanceof WranglerFailure && error.code === NO_SUCH_WORKER) return [];
    throw error;
  }
}

/** A Durable Object that every Waxseal has, by its binding. */
const OBJECT_OF_WAXSEAL = "OUTBOX";

export function isWaxseal({ bindings }: RunningWorker): boolean {
  return bindings.some(({ type, name }) => type === "durable_object_namespace" && name === OBJECT_OF_WAXSEAL);
}

/** The value of a variable of the version that runs; undefined: it has none, or an empty one. */
export function variableOf(running: RunningWorker, name: string): string | undefined {
  const text = running.bindings.find((binding) => binding.name === name)?.text;
  return text === "" ? undefined : text;
}

const HTTPS = "https://";

/** The domain in TRACKING_ORIGIN of the version that runs; undefined: it has none, or workers.dev's. */
export function trackingDomainOf(running: RunningWorker): string | undefined {
  const origin = variableOf(running, "TRACKING_ORIGIN") ?? "";
  return origin.startsWith(HTTPS) && !origin.endsWith(".workers.dev") ? origin.slice(HTTPS.length) : undefined;
}

/**
 * Where the version that runs can be asked; undefined: not known.
 * @param known the address that an upload has given
 */
export function runningAddress(running: RunningWorker, known: string | undefined): string | undefined {
  return variableOf(running, "TRACKING_ORIGIN") ?? known;
}

/** The names of the secrets of the version that runs: Cloudflare lists them among its bindings, without their text. */
export function secretsOf({ bindings }: RunningWorker): readonly string[] {
  return bindings.filter(({ type }) => type === "secret_text").map(({ name }) => name);
}
