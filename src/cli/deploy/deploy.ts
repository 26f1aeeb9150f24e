/** `waxseal deploy`: makes what is missing in the account, and leaves what is there. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { docsPage, packageJson } from "../package-json.ts";
import { readProfiles, writeProfiles } from "../profiles.ts";
import { showProgress } from "../wrangler/progress.ts";
import { checkNode, findWrangler } from "../wrangler/wrangler.ts";
import { findAccount, type RunningWorker, runningAddress } from "./account.ts";
import { ANSWERS_FILE, type Answers, readAnswers, withAccount, writeAnswers } from "./answers.ts";
import {
  checkFolder,
  configText,
  domainsOf,
  note,
  PACKED_WORKER,
  type PackedConfig,
  readNotes,
  readPackedConfig,
  variablesOf,
  writeFolder,
} from "./config.ts";
import { type Inventory, type InventoryOptions, takeInventory, workerInWords } from "./inventory.ts";
import { apiKeyIn } from "./keys-file.ts";
import { withLock } from "./lock.ts";
import { completeAnswers, type GivenAnswers } from "./questions.ts";
import { inWords, type Resource } from "./resources.ts";
import {
  checkHealth,
  type Deploy,
  haveDatabase,
  haveKeys,
  haveQueues,
  migrate,
  step,
  type Upload,
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
  configText(packed, answers, undefined);
  if (options.dryRun === true)
    return showPlan(folder, packed, await takeInventory(await begin(folder, answers), packed, options), options);
  await mkdir(folder, { recursive: true });
  await withLock(folder, async () => {
    await writeAnswers(folder, answers);
    if (known === undefined) showProgress(`Your answers are kept in ${ANSWERS_FILE}, and not asked for again.`);
    const begun = await begin(folder, answers);
    await writeAnswers(folder, begun.answers);
    await makeAndUpload(begun, packed, await takeInventory(begun, packed, options), worker);
  });
}

/** What is missing, and then the Worker. */
async function makeAndUpload(
  begun: Deploy,
  packed: PackedConfig,
  { answers, running, databaseId, missing }: Inventory,
  worker: string,
): Promise<void> {
  const work = { ...begun, answers };
  const { folder } = work;
  await writeAnswers(folder, answers);
  await noteMissing(work, running, missing);
  // First, because only they can be refused before anything is made.
  const keys = await haveKeys(work, running);
  const database = await haveDatabase(work, databaseId);
  await haveQueues(work, missing);
  for (const change of changedVariables(packed, answers, running)) work.say(change);
  await writeFolder(folder, configText(packed, answers, database), worker);
  await migrate(work, running);
  const uploaded = await upload(work, { keys, missing, domains: domainsOf(answers), version: packageJson.version });
  const { origin } = uploaded;
  await writeAnswers(folder, { ...answers, origin });
  const isFirst = running === undefined;
  const next = nextTo(folder, answers, running);
  const warnings = await checkHealth(work, uploaded, next);
  const profile = await remember(folder, answers, { origin, isKeyNew: keys.includes("API_KEYS"), isFirst });
  for (const warning of warnings) work.say(warning);
  showResult(answers, uploaded, profile, isFirst ? undefined : next);
}

/** A sentence for each variable of the version that runs which gets another value. */
function changedVariables(packed: PackedConfig, answers: Answers, running: RunningWorker | undefined): string[] {
  if (running === undefined) return [];
  return Object.entries(variablesOf(packed, answers)).flatMap(([name, value]) => {
    const before = running.bindings.find((binding) => binding.name === name)?.text;
    return before === undefined || before === value
      ? []
      : [`${name} becomes ${JSON.stringify(value)}; it was ${JSON.stringify(before)}.`];
  });
}

/** Its answers name the account. */
async function begin(folder: string, answers: Answers): Promise<Deploy> {
  // A dry run does not make the folder.
  const from = existsSync(folder) ? folder : tmpdir();
  const work: Deploy = {
    folder,
    answers,
    wrangler: findWrangler(from, {}),
    made: [],
    say: showProgress,
  };
  const accountId =
    answers.accountId ?? (await step(work, "looking for the account", () => findAccount(work.wrangler)));
  return {
    ...work,
    answers: { ...answers, accountId },
    wrangler: findWrangler(from, { CLOUDFLARE_ACCOUNT_ID: accountId }),
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

function showPlan(
  folder: string,
  packed: PackedConfig,
  { answers, running, missing }: Inventory,
  { removeDomain }: DeployOptions,
): void {
  const { name, jurisdiction, origin } = answers;
  const where = jurisdiction === undefined ? "" : ` (${jurisdiction})`;
  const steps =
    running === undefined
      ? [
          "make TOKEN_KEYS and API_KEYS",
          "make the tables",
          `upload Waxseal ${packageJson.version} as ${name}, with the keys`,
        ]
      : [
          `make the tables that are new, ${askedBy(runningAddress(running, origin))}`,
          `upload Waxseal ${packageJson.version} in place of version ${running.versionId}`,
        ];
  console.log(`In ${folder}, a deploy would:`);
  for (const step of [
    ...missing.map((resource) => `make ${inWords(resource)}${where}`),
    ...steps,
    ...domainsOf(answers).map((domain) => `give it the domain ${domain}`),
    ...(removeDomain === undefined ? [] : [`take the domain ${removeDomain} away`]),
    "ask /healthz",
  ])
    console.log(`  - ${step}`);
  for (const change of changedVariables(packed, answers, running)) console.log(change);
  console.log("Nothing was done.");
}

const askedBy = (address: string | undefined) =>
  address === undefined
    ? "without asking the version that runs, whose address is not known here, whether it is healthy with them"
    : `and ask the version that runs, at ${address}, whether it is healthy with them`;

function nextTo(folder: string, { name }: Answers, running: RunningWorker | undefined): string {
  return running === undefined
    ? `See what it logs: ${wranglerCommand(folder, `tail ${name}`)}. Run it again when that is right.`
    : `Back to the version before: ${wranglerCommand(folder, `rollback ${running.versionId} --name ${name}`)}`;
}

interface Known {
  readonly origin: string;
  /** Otherwise the API key of the first deploy may have been revoked since. */
  readonly isKeyNew: boolean;
  /** Whether commands are to ask this Worker from here on, when none is named. */
  readonly isFirst: boolean;
}

/**
 * Commands know the Worker as after `waxseal login`: by its name, or where another one has that name already, by its
 * host.
 * @returns what they know it by; undefined: its API key is not known here
 */
async function remember(folder: string, { name }: Answers, known: Known): Promise<string | undefined> {
  const { origin, isKeyNew, isFirst } = known;
  const { current, profiles } = await readProfiles();
  const isFree = profiles[name] === undefined || profiles[name].origin === origin;
  const profile = isFree ? name : new URL(origin).host;
  const before = profiles[profile]?.apiKey;
  const apiKey = isKeyNew || before === undefined ? await apiKeyIn(folder) : before;
  if (apiKey === undefined) return undefined;
  const next = isFirst || current === undefined ? profile : current;
  await writeProfiles({ current: next, profiles: { ...profiles, [profile]: { origin, apiKey } } });
  return profile;
}

function showResult(
  { trackingDomain }: Answers,
  { origin, versionId }: Upload,
  profile: string | undefined,
  back: string | undefined,
): void {
  const address = trackingDomain === undefined ? origin : `https://${trackingDomain}`;
  const status = profile === undefined ? "npx waxseal status" : `npx waxseal status --profile ${profile}`;
  const lines = [
    `Waxseal ${packageJson.version} runs: ${address} (version ${versionId})`,
    ...(trackingDomain === undefined ? [] : [`Until that domain is everywhere, it answers at ${origin}, too.`]),
    "",
    "Next:",
    ...[
      [status, profile === undefined ? 'how it is, after "npx waxseal login"' : "how it is"],
      [`${address}/app`, "the dashboard; sign in with the API key"],
      [docsPage("send.md"), "a first email"],
    ].map(([what = "", why = ""]) => `  ${what.padEnd(40)} ${why}`),
    ...(back === undefined ? [] : ["", back]),
  ];
  console.log(lines.join("\n"));
}
