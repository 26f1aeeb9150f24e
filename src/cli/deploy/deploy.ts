/** `waxseal deploy`: makes what is missing in the account, and leaves what is there. */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { packageJson } from "../package-json.ts";
import { withEmptyConfig } from "../wrangler/empty-config.ts";
import { showProgress } from "../wrangler/progress.ts";
import { checkNode, findWrangler } from "../wrangler/wrangler.ts";
import { findAccount, type RunningWorker } from "./account.ts";
import { ANSWERS_FILE, type Answers, readAnswers, withAccount, writeAnswers } from "./answers.ts";
import {
  checkFolder,
  configText,
  note,
  PACKED_WORKER,
  type PackedConfig,
  readNotes,
  readPackedConfig,
  variablesOf,
  writeFolder,
} from "./config.ts";
import { type Inventory, type InventoryOptions, takeInventory, workerInWords } from "./inventory.ts";
import { withLock } from "./lock.ts";
import { changedVariables, showPlan } from "./plan.ts";
import { completeAnswers, type GivenAnswers } from "./questions.ts";
import { inWords, type Resource } from "./resources.ts";
import { showResult } from "./result.ts";
import {
  checkHealth,
  type Deploy,
  ensureKeys,
  haveDatabase,
  haveQueues,
  migrate,
  step,
  upload,
  wranglerCommand,
} from "./steps.ts";

export interface DeployOptions extends GivenAnswers, InventoryOptions {
  /** Default: the current one. */
  readonly folder?: string;
  readonly dryRun?: boolean;
}

/** @param worker where the built Worker is */
export async function deploy(options: DeployOptions, worker = PACKED_WORKER): Promise<void> {
  checkNode("Deploying");
  const folder = resolve(options.folder ?? ".");
  const packed = await readPackedConfig(worker);
  await checkFolder(folder);
  const known = await readAnswers(folder);
  const answers = withAccount(await completeAnswers(options, known));
  // Wrong variables are refused before anything is done.
  variablesOf(packed, answers);
  await withEmptyConfig(async (emptyConfig) => {
    if (options.dryRun === true) {
      const begun = await begin(folder, emptyConfig, answers);
      return showPlan(folder, packed, await takeInventory(begun, packed, options));
    }
    await mkdir(folder, { recursive: true });
    await withLock(folder, async () => {
      await writeAnswers(folder, answers);
      if (known === undefined) showProgress(`Your answers are kept in ${ANSWERS_FILE}, and not asked for again.`);
      const begun = await begin(folder, emptyConfig, answers);
      await writeAnswers(folder, begun.answers);
      await makeAndUpload(begun, packed, await takeInventory(begun, packed, options), worker);
    });
  });
}

/** What is missing, and then the Worker. */
async function makeAndUpload(begun: Deploy, packed: PackedConfig, inventory: Inventory, worker: string): Promise<void> {
  const { answers, running, databaseId, missing, keys } = inventory;
  const work = { ...begun, answers };
  const { folder } = work;
  // Without the domains: a mistyped one, which no zone has, would come back in each run.
  await writeAnswers(folder, withDomains(answers, begun.answers.domains));
  await noteMissing(work, running, missing);
  if (keys !== undefined) await ensureKeys(work, running, keys);
  const database = await haveDatabase(work, databaseId);
  await haveQueues(work, missing);
  for (const change of changedVariables(packed, inventory)) work.say(change);
  const domains = inventory.domains.all;
  await writeFolder(folder, configText(packed, answers, { databaseId: database, domains }), worker);
  await migrate(work, running);
  const names = domains.map(({ hostname }) => hostname);
  const version = packageJson.version;
  const uploaded = await upload(work, { keys: keys?.names ?? [], missing, domains: names, version });
  await writeAnswers(folder, { ...withDomains(answers, names), origin: uploaded.origin });
  const next = nextTo(folder, answers, running);
  const warnings = await checkHealth(work, uploaded, next);
  for (const warning of warnings) work.say(warning);
  await showResult(work, uploaded, {
    next,
    isFirst: running === undefined,
    hasNewKey: keys?.names.includes("API_KEYS"),
  });
}

function withDomains(answers: Answers, domains: readonly string[] | undefined): Answers {
  const { domains: _domains, ...others } = answers;
  return domains === undefined || domains.length === 0 ? others : { ...others, domains: [...domains] };
}

/** Its answers name the account. */
async function begin(
  folder: string,
  emptyConfig: string,
  answers: Answers,
): Promise<Deploy & { readonly accountId: string }> {
  const environment = (accountId: string | undefined) =>
    accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId };
  const wranglers = (accountId: string | undefined) => ({
    wrangler: findWrangler(folder, environment(accountId), emptyConfig),
    wranglerHere: findWrangler(folder, environment(accountId)),
  });
  const found: Deploy = {
    folder,
    answers,
    ...wranglers(undefined),
    made: [],
    say: showProgress,
  };
  const accountId =
    answers.accountId ?? (await step(found, "looking for the account", () => findAccount(found.wrangler)));
  return {
    ...found,
    accountId,
    answers: { ...answers, accountId },
    ...wranglers(accountId),
  };
}

/** A run that fails later leaves them to the next one. */
async function noteMissing(
  { folder, answers: { name } }: Deploy,
  running: RunningWorker | undefined,
  missing: readonly Resource[],
): Promise<void> {
  const { foundMissing = [] } = await readNotes(folder);
  const worker = running === undefined ? [workerInWords(name)] : [];
  await note(folder, { foundMissing: [...new Set([...foundMissing, ...worker, ...missing.map(inWords)])] });
}

function nextTo(folder: string, { name }: Answers, running: RunningWorker | undefined): string {
  return running === undefined
    ? `See what it logs: ${wranglerCommand(folder, `tail ${name}`)}. Run it again when that is right.`
    : `Back to the version before: ${wranglerCommand(folder, `rollback ${running.versionId} --name ${name}`)}`;
}
