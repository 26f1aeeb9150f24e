/** The steps of a deploy: docs/design/deploying.md. Each can be done again. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command-error.ts";
import { type Wrangler, WranglerFailure } from "../wrangler/wrangler.ts";
import { holdsTables, type RunningWorker, secretNames } from "./account.ts";
import { ANOTHER_NAME, type Answers } from "./answers.ts";
import { CONFIG_FILE, note, OWN_FOLDER, readNotes } from "./config.ts";
import { explained } from "./failure.ts";
import { askHealth, type HealthAnswer } from "./health.ts";
import { KEYS_FILE, makeKeysFile } from "./keys-file.ts";

export interface Deploy {
  readonly folder: string;
  readonly answers: Answers;
  readonly wrangler: Wrangler;
  /** What the account has now that it had not, in words. */
  readonly made: string[];
  /** Shows what is being done. */
  readonly say: (sentence: string) => void;
}

/** @param doing "making the database" */
export async function step<Result>(work: Deploy, doing: string, run: () => Promise<Result>): Promise<Result> {
  work.say(`${doing[0]?.toUpperCase()}${doing.slice(1)} …`);
  try {
    return await run();
  } catch (error) {
    throw explained(error, doing, work.made);
  }
}

const QUEUE_TAKEN = 11009;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/**
 * The database's id: of the one that is there, or of a new one.
 * @param found the one of that name in the account
 */
export async function haveDatabase(
  work: Deploy,
  found: string | undefined,
  running: RunningWorker | undefined,
): Promise<string> {
  const { name, jurisdiction } = work.answers;
  const { databaseId } = await readNotes(work.folder);
  if (found !== undefined) {
    const isKnown = running !== undefined || found === databaseId;
    if (!isKnown && (await step(work, "looking into the database", () => holdsTables(work.wrangler, work.answers))))
      throw new CommandError(
        `The account has a database ${name} with tables, which was not made from this folder.`,
        ANOTHER_NAME,
      );
    await note(work.folder, { databaseId: found });
    return found;
  }
  if (running !== undefined)
    throw new CommandError(
      `${name} runs, but the account has no database of that name.`,
      "Nothing was changed. Was it renamed or deleted? Restore it, or deploy under another name.",
    );
  const { stdout } = await step(work, "making the database", () =>
    work.wrangler.run(["d1", "create", name, ...inJurisdiction(jurisdiction)]),
  );
  const [id] = UUID.exec(stdout) ?? [];
  if (id === undefined) throw new Error(`wrangler did not say the id of the new database: ${stdout}`);
  work.made.push(`the database ${name}`);
  await note(work.folder, { databaseId: id });
  return id;
}

const inJurisdiction = (jurisdiction: string | undefined) =>
  jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction];

/** Makes queues in a jurisdiction, which wrangler does not do by itself. */
export async function haveQueues(work: Deploy, names: readonly string[]): Promise<void> {
  const { jurisdiction } = work.answers;
  if (jurisdiction === undefined) return;
  for (const name of names) {
    await step(work, `making the queue ${name}`, async () => {
      try {
        await work.wrangler.run(["queues", "create", name, ...inJurisdiction(jurisdiction)]);
        work.made.push(`the queue ${name}`);
      } catch (error) {
        // An earlier run has made it.
        if (!(error instanceof WranglerFailure && error.code === QUEUE_TAKEN)) throw error;
      }
    });
  }
}

/** The keys to upload: of a Worker that has none. Relative to the folder; undefined: it has them. */
export async function haveKeys(work: Deploy, running: RunningWorker | undefined): Promise<string | undefined> {
  if (running !== undefined) {
    const names = await step(work, "looking at its secrets", () => secretNames(work.wrangler, work.answers));
    if (names.includes("TOKEN_KEYS")) return undefined;
  }
  await makeKeysFile(work.folder);
  return KEYS_FILE;
}

const NOTHING_TO_MIGRATE = /No migrations to apply/;
/** Longer than a Worker repeats an answer of /healthz. */
const RECHECK_MS = 25_000;

/**
 * Migrates the database, and checks that the version that runs is well with it.
 * @throws {CommandError} when it is not: then nothing is uploaded
 */
export async function migrate(work: Deploy, running: RunningWorker | undefined): Promise<void> {
  const { origin } = await readNotes(work.folder);
  const before: HealthAnswer | undefined =
    running === undefined || origin === undefined
      ? undefined
      : await step(work, "asking the version that runs how it is", () => askHealth(origin, { patienceMs: 0 }));
  const beganAtMs = Date.now();
  const { stdout } = await step(work, "migrating the database", () =>
    work.wrangler.run(["d1", "migrations", "apply", "DB", "--remote", "--config", CONFIG_FILE]),
  );
  if (NOTHING_TO_MIGRATE.test(stdout)) return;
  work.made.push("the tables of the database");
  if (origin === undefined || before?.state !== "well") return;
  const patience = { patienceMs: RECHECK_MS, checkedSinceMs: Date.now(), isUnwellFinal: true };
  const after = await step(work, "asking the version that runs whether it is well with the new tables", () =>
    askHealth(origin, patience),
  );
  if (after.state === "well") return;
  const moment = new Date(beganAtMs).toISOString();
  throw new CommandError(
    `The version that runs is not well with the migrated database: ${after.why}. The new version was not uploaded.`,
    "Run it again to upload the new version, which has the new tables; or take the migration back, and what was " +
      `recorded since: npx wrangler d1 time-travel restore ${work.answers.name} --timestamp ${moment}`,
  );
}

export interface Upload {
  readonly versionId: string;
  /** Where it answers at once. */
  readonly origin: string;
  /** When it was there, in ms since 1970. */
  readonly atMs: number;
}

/** Uploads the Worker, with its secrets where they are new; wrangler makes queues and buckets that are missing. */
export async function upload(work: Deploy, keysFile: string | undefined, version: string): Promise<Upload> {
  const { trackingDomain } = work.answers;
  // wrangler may attach the domain and then fail: its DNS records are this Worker's from here on.
  if (trackingDomain !== undefined) await note(work.folder, { domain: trackingDomain });
  const secrets = keysFile === undefined ? [] : ["--secrets-file", keysFile];
  const { entries } = await step(work, "uploading the Worker", () =>
    work.wrangler.run(["deploy", "--config", CONFIG_FILE, "--message", `waxseal ${version}`, ...secrets]),
  );
  const atMs = Date.now();
  const { version_id: versionId, targets = [] } = entries.find(({ type }) => type === "deploy") ?? {};
  const ownDomain = trackingDomain === undefined ? undefined : `https://${trackingDomain}`;
  const origin = targets.find((target) => target.startsWith("https://")) ?? ownDomain;
  if (typeof versionId !== "string" || origin === undefined)
    throw new Error(`wrangler did not say what it deployed: ${JSON.stringify(entries)}`);
  work.made.push(`version ${versionId} of the Worker`);
  await note(work.folder, { origin });
  await rm(join(work.folder, OWN_FOLDER, "tmp"), { recursive: true, force: true });
  return { versionId, origin, atMs };
}

/** A new Worker takes some seconds to be everywhere. */
const PATIENCE_MS = 60_000;

/**
 * Waits for a check that began after the upload, because an older answer says nothing of the new version.
 * @throws {CommandError} when none says that it is well
 */
export async function checkHealth(work: Deploy, { origin, versionId, atMs }: Upload, back: string): Promise<void> {
  const patience = { patienceMs: PATIENCE_MS, checkedSinceMs: atMs };
  const answer = await step(work, "asking it how it is", () => askHealth(origin, patience));
  if (answer.state === "well") return;
  throw new CommandError(
    `Version ${versionId} is uploaded, but ${origin}/healthz does not say that it is well: ${answer.why}.`,
    back,
  );
}
