/** The steps of a deploy: docs/design/deploying.md. Each can be done again. */
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { CommandError } from "../command-error.ts";
import type { Wrangler, WranglerRun } from "../wrangler/wrangler.ts";
import { type RunningWorker, runningAddress } from "./account.ts";
import type { Answers } from "./answers.ts";
import { CONFIG_FILE, OWN_FOLDER } from "./config.ts";
import { AGAIN, explained, type Making, madeSoFar } from "./failure.ts";
import { askHealth, type HealthAnswer } from "./health.ts";
import { ensureKeysFile, KEYS_FILE, type KeyName, type KeySource, withSecretsFile } from "./keys-file.ts";
import { inWords, type Resource } from "./resources.ts";

export interface Deploy {
  readonly folder: string;
  readonly answers: Answers;
  /** Asks the account; it knows no configuration. */
  readonly wrangler: Wrangler;
  /** Runs in the folder. */
  readonly wranglerHere: Wrangler;
  /** What the account has now that it had not, in words. */
  readonly made: string[];
  /** Shows what is being done. */
  readonly say: (sentence: string) => void;
}

/** Keys that the Worker lacks. */
export interface MissingKeys {
  readonly names: readonly KeyName[];
  readonly source: KeySource;
}

/**
 * @param doing "making the database"
 * @param makes what `run` makes, unless it fails before
 */
export async function step<Answer>(
  work: Deploy,
  doing: string,
  run: () => Promise<Answer>,
  makes: readonly Making[] = [],
): Promise<Answer> {
  work.say(`${doing[0]?.toUpperCase()}${doing.slice(1)} …`);
  try {
    return await run();
  } catch (error) {
    throw explained(error, doing, work.made, makes);
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** @param databaseId of the one that is there; undefined: it is made */
export async function haveDatabase(work: Deploy, databaseId: string | undefined): Promise<string> {
  if (databaseId !== undefined) return databaseId;
  const { name, jurisdiction } = work.answers;
  const words = inWords({ kind: "database", name });
  const { stdout } = await step(
    work,
    "making the database",
    () => work.wrangler.run(["d1", "create", name, ...inJurisdiction(jurisdiction)]),
    [{ words }],
  );
  work.made.push(words);
  const [id] = UUID.exec(stdout) ?? [];
  if (id === undefined) throw unreadable(work, "the id of the new database", stdout);
  return id;
}

const inJurisdiction = (jurisdiction: string | undefined) =>
  jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction];

/** Makes missing queues in the jurisdiction, which wrangler does not do by itself. */
export async function haveQueues(work: Deploy, missing: readonly Resource[]): Promise<void> {
  const { jurisdiction } = work.answers;
  if (jurisdiction === undefined) return;
  for (const queue of missing.filter(({ kind }) => kind === "queue")) {
    const words = inWords(queue);
    const args = ["queues", "create", queue.name, ...inJurisdiction(jurisdiction)];
    await step(work, `making ${words}`, () => work.wrangler.run(args), [{ words }]);
    work.made.push(words);
  }
}

/** Writes the keys that the Worker gets. */
export async function ensureKeys(work: Deploy, running: RunningWorker | undefined, keys: MissingKeys): Promise<void> {
  const { names, source } = keys;
  await ensureKeysFile(work.folder, source);
  if (running !== undefined && source.from === "file")
    work.say(`It lacks ${names.join(" and ")}, and gets what ${KEYS_FILE} has since ${source.since.toISOString()}.`);
  const who = process.platform === "win32" ? "" : ", readable by you alone";
  work.say(`Its keys are in ${KEYS_FILE}${who}. Keep a copy: TOKEN_KEYS lost, no link works again.`);
}

const TABLES: Making = { words: "the tables of the database" };
const NOTHING_TO_MIGRATE = /No migrations to apply/;
/** For the answer of a version that is healthy, which one lost call is not to deny. */
const ASK_MS = 5_000;
/** Longer than a Worker repeats an answer of /healthz. */
const RECHECK_MS = 25_000;

/**
 * Migrates the database, and checks that the version that runs is healthy with it. Where that cannot be checked it says
 * so and goes on: who upgrades may be mending it.
 * @throws {CommandError} when it is no longer healthy: then nothing is uploaded
 */
export async function migrate(work: Deploy, running: RunningWorker | undefined): Promise<void> {
  const origin = running === undefined ? undefined : runningAddress(running, work.answers.origin);
  const before =
    origin === undefined
      ? undefined
      : await step(work, "checking the health of the version that runs", () =>
          askHealth(origin, { patienceMs: ASK_MS, isUnhealthyFinal: true }),
        );
  const isHealthy = before?.state === "healthy";
  const back = takingBack(work);
  const stdout = await applyMigrations(work).catch(async (error: unknown) => {
    // The first of several migrations may have been applied.
    if (!isHealthy || origin === undefined || !(error instanceof CommandError) || error.exitCode !== 1) throw error;
    const after = await askAgain(work, origin);
    if (after.state === "healthy") throw error;
    throw new CommandError(`${error.message}\nThe version that runs is no longer healthy: ${after.why}.`, back);
  });
  if (NOTHING_TO_MIGRATE.test(stdout)) return;
  work.made.push(TABLES.words);
  if (running === undefined) return;
  if (origin === undefined || before === undefined) return work.say(`${NOT_CHECKED} Its address is not known here.`);
  if (before.state === "silent") return work.say(`${NOT_CHECKED} It could not be asked: ${before.why}.`);
  if (before.state === "unhealthy") return work.say(`${NOT_CHECKED} It was not healthy before: ${before.why}.`);
  const after = await askAgain(work, origin);
  if (after.state === "healthy") return;
  throw new CommandError(
    `The version that runs is not healthy with the migrated database: ${after.why}. The new version was not uploaded.`,
    `Run it again to upload the new version, which has the new tables; or ${back[0]?.toLowerCase()}${back.slice(1)}`,
  );
}

async function applyMigrations(work: Deploy): Promise<string> {
  const args = ["d1", "migrations", "apply", "DB", "--remote", "--config", CONFIG_FILE];
  return (await step(work, "migrating the database", () => work.wranglerHere.run(args), [TABLES])).stdout;
}

/** The version that runs, after a migration. */
async function askAgain(work: Deploy, origin: string): Promise<HealthAnswer> {
  const patience = { patienceMs: RECHECK_MS, checkedSinceMs: Date.now(), isUnhealthyFinal: true };
  return await step(work, "asking the version that runs whether it is healthy with the new tables", () =>
    askHealth(origin, patience),
  );
}

/** The command that takes a migration back which begins now. */
function takingBack({ folder, answers: { name } }: Deploy): string {
  const moment = new Date().toISOString();
  return (
    "Take the migration back, and what was recorded since: " +
    wranglerCommand(folder, `d1 time-travel restore ${name} --timestamp ${moment}`)
  );
}

/** As a person types it where the deploy was begun: the configuration names the account. */
export function wranglerCommand(folder: string, args: string): string {
  const from = relative(process.cwd(), folder);
  return `npx wrangler ${args}${from === "" ? "" : ` --config ${join(from, CONFIG_FILE)}`}`;
}

const NOT_CHECKED = "Not checked: whether the version that runs is healthy with the new tables.";

export interface Uploading {
  /** The Worker gets them. */
  readonly keys: readonly KeyName[];
  readonly missing: readonly Resource[];
  /** That the Worker is to have. */
  readonly domains: readonly string[];
  /** The version of Waxseal. */
  readonly version: string;
}

export interface Upload {
  readonly versionId: string;
  /** Where it answers at once. */
  readonly origin: string;
  /** When it was there, in ms since 1970. */
  readonly atMs: number;
}

/** Uploads the Worker, with its secrets where they are new; wrangler makes queues and buckets that are missing. */
export async function upload(work: Deploy, { keys, missing, domains, version }: Uploading): Promise<Upload> {
  const resources = missing.map((resource) => ({ words: inWords(resource), binding: resource.binding }));
  const makes: readonly Making[] = resources.filter(({ words }) => !work.made.includes(words));
  const { entries, stdout } = await step(work, "uploading the Worker", () => runDeploy(work, version, keys), [
    ...makes,
    { words: "the Worker" },
  ]);
  const atMs = Date.now();
  work.made.push(...makes.map(({ words }) => words));
  const { version_id: versionId, targets = [] } = entries.find(({ type }) => type === "deploy") ?? {};
  const [domain] = domains;
  const ownOrigin = domain === undefined ? undefined : `https://${domain}`;
  const origin = targets.find((target) => target.startsWith("https://")) ?? ownOrigin;
  if (typeof versionId !== "string") {
    work.made.push("a version of the Worker");
    throw unreadable(work, "the version that it uploaded", stdout);
  }
  work.made.push(`version ${versionId} of the Worker`);
  if (origin === undefined)
    throw new CommandError(
      `Version ${versionId} of the Worker is uploaded, but has no address.`,
      "Give it one by --domain, or enable its workers.dev address in Cloudflare's dashboard, and run it again.",
    );
  await rm(join(work.folder, OWN_FOLDER, "tmp"), { recursive: true, force: true });
  return { versionId, origin, atMs };
}

async function runDeploy(
  { folder, wranglerHere }: Deploy,
  version: string,
  keys: readonly KeyName[],
): Promise<WranglerRun> {
  const args = ["deploy", "--config", CONFIG_FILE, "--message", `waxseal ${version}`];
  if (keys.length === 0) return await wranglerHere.run(args);
  return await withSecretsFile(folder, keys, (file) => wranglerHere.run([...args, "--secrets-file", file]));
}

function unreadable(work: Deploy, what: string, printed: string): CommandError {
  return new CommandError(
    `wrangler did not say ${what}. It wrote: ${printed.trim().slice(-500)}\n${madeSoFar(work.made)}`,
    AGAIN,
  );
}

/** A new Worker takes some seconds to be everywhere. */
const HEALTHY_WITHIN_MS = 60_000;

/**
 * Waits for a check that began after the upload, because an older answer says nothing of the new version.
 * @returns sentences: settings that are wrong, and what will fail unless somebody acts
 * @throws {CommandError} when none says that it is healthy
 */
export async function checkHealth(
  work: Deploy,
  { origin, versionId, atMs }: Upload,
  back: string,
): Promise<readonly string[]> {
  const patience = { patienceMs: HEALTHY_WITHIN_MS, checkedSinceMs: atMs };
  const answer = await step(work, "checking its health", () => askHealth(origin, patience));
  if (answer.state === "healthy") return answer.warnings;
  throw new CommandError(
    `Version ${versionId} is uploaded, but ${origin}/healthz does not say that it is healthy: ${answer.why}.`,
    back,
  );
}
