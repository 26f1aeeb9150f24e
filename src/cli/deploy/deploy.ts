/** `waxseal deploy`: makes what is missing in the account, and leaves what is there. */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandError, usageError } from "../command-error.ts";
import { docsPage, packageJson } from "../package-json.ts";
import { readProfiles, writeProfiles } from "../profiles.ts";
import { allEnded } from "../wrangler/all-ended.ts";
import { showProgress } from "../wrangler/progress.ts";
import { checkNode, findWrangler } from "../wrangler/wrangler.ts";
import { findAccount, findDatabase, findRunning, type RunningWorker } from "./account.ts";
import { ANOTHER_NAME, ANSWERS_FILE, type Answers, readAnswers, withAccount, writeAnswers } from "./answers.ts";
import {
  checkFolder,
  configText,
  PACKED_WORKER,
  queueNames,
  readNotes,
  readPackedConfig,
  writeFolder,
} from "./config.ts";
import { apiKeyIn, KEYS_FILE } from "./keys-file.ts";
import { withLock } from "./lock.ts";
import { completeAnswers, type GivenAnswers, isInUse } from "./questions.ts";
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
} from "./steps.ts";

export interface DeployOptions extends GivenAnswers {
  /** Default: the current one. */
  readonly folder?: string;
  readonly dryRun?: boolean;
  /** Takes a Worker of that name that `waxseal deploy` did not upload. */
  readonly adopt?: boolean;
  /** Takes a domain that has DNS records. */
  readonly takeDomain?: boolean;
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
  if (options.dryRun === true) return await showPlan(folder, answers, options);
  await mkdir(folder, { recursive: true });
  await withLock(folder, async () => {
    await writeAnswers(folder, answers);
    if (known === undefined) showProgress(`Your answers are kept in ${ANSWERS_FILE}, and not asked for again.`);
    const work = await begin(folder, answers);
    await writeAnswers(folder, work.answers);
    const { running, database } = await lookAround(work, options);
    const databaseId = await haveDatabase(work, database, running);
    if (running === undefined) await haveQueues(work, queueNames(packed, answers.name));
    const keysFile = await haveKeys(work, running);
    await writeFolder(folder, configText(packed, answers, databaseId), worker);
    await migrate(work, running);
    const uploaded = await upload(work, keysFile, packageJson.version);
    const back = wayBack(answers, running);
    await checkHealth(work, uploaded, back);
    await remember(folder, answers, uploaded);
    showResult(answers, uploaded, keysFile, back);
  });
}

/** Its answers name the account. */
async function begin(folder: string, answers: Answers): Promise<Deploy> {
  const work: Deploy = {
    folder,
    answers,
    wrangler: findWrangler(folder, {}),
    made: [],
    say: showProgress,
  };
  const accountId =
    answers.accountId ?? (await step(work, "looking for the account", () => findAccount(work.wrangler)));
  return {
    ...work,
    answers: { ...answers, accountId },
    wrangler: findWrangler(folder, { CLOUDFLARE_ACCOUNT_ID: accountId }),
  };
}

interface Found {
  readonly running: RunningWorker | undefined;
  readonly database: string | undefined;
}

/** What is there. @throws {CommandError} for what is somebody else's */
async function lookAround(work: Deploy, options: DeployOptions): Promise<Found> {
  const { name, trackingDomain } = work.answers;
  const { domain } = await readNotes(work.folder);
  if (trackingDomain !== undefined && trackingDomain !== domain && options.takeDomain !== true)
    if (await isInUse(trackingDomain))
      throw usageError(
        `${trackingDomain} has DNS records already, which a deploy would replace.`,
        "Choose a name that is free, or say --take-domain if it is meant for this Worker.",
      );
  const [running, database] = await step(work, `looking for a Worker ${name} and its database`, () =>
    allEnded([findRunning(work.wrangler, work.answers), findDatabase(work.wrangler, work.answers)]),
  );
  if (running !== undefined && !running.isOurs && options.adopt !== true)
    throw new CommandError(
      `The account has a Worker ${name} that "waxseal deploy" did not upload.`,
      `${ANOTHER_NAME} If it is a Waxseal of yours, say --adopt.`,
    );
  return { running, database };
}

async function showPlan(folder: string, answers: Answers, options: DeployOptions): Promise<void> {
  const { name, jurisdiction, trackingDomain } = answers;
  const { running, database } = await lookAround(await begin(folder, answers), options);
  const where = jurisdiction === undefined ? "" : ` (${jurisdiction})`;
  const steps =
    running === undefined
      ? [
          database === undefined ? `make the database ${name}${where}` : `take the database ${name}, which is there`,
          `make three queues and three buckets, ${name}-…${where}`,
          "make TOKEN_KEYS and API_KEYS",
          "make the tables",
          `upload Waxseal ${packageJson.version} as ${name}, with the keys`,
          ...(trackingDomain === undefined ? [] : [`give it the domain ${trackingDomain}`]),
        ]
      : [
          "make the tables that are new, and ask the version that runs whether it is well with them",
          `upload Waxseal ${packageJson.version} in place of version ${running.versionId}`,
        ];
  console.log(`In ${folder}, a deploy would:`);
  for (const each of [...steps, "ask /healthz"]) console.log(`  - ${each}`);
  console.log("Nothing was done.");
}

function wayBack({ name }: Answers, running: RunningWorker | undefined): string {
  return running === undefined
    ? `See what it logs: npx wrangler tail ${name}. Run it again when that is right.`
    : `Back to the version before: npx wrangler rollback ${running.versionId} --name ${name}`;
}

/** Commands know the Worker by its name, as after `waxseal login`. */
async function remember(folder: string, { name }: Answers, { origin }: Upload): Promise<void> {
  const apiKey = await apiKeyIn(folder);
  if (apiKey === undefined) return;
  const { profiles } = await readProfiles();
  await writeProfiles({ current: name, profiles: { ...profiles, [name]: { origin, apiKey } } });
}

function showResult(
  { name, trackingDomain }: Answers,
  { origin, versionId }: Upload,
  keysFile: string | undefined,
  back: string,
): void {
  const address = trackingDomain === undefined ? origin : `https://${trackingDomain}`;
  const keys =
    keysFile === undefined
      ? []
      : [`Its keys are in ${KEYS_FILE}, readable by you alone. Keep a copy: TOKEN_KEYS lost, no link works again.`];
  const lines = [
    `Waxseal ${packageJson.version} runs: ${address} (version ${versionId})`,
    ...(trackingDomain === undefined ? [] : [`Until that domain is everywhere, it answers at ${origin}, too.`]),
    ...keys,
    "",
    "Next:",
    `  npx waxseal status             how it is (commands know it as ${name})`,
    `  ${`${address}/app`.padEnd(30)} the dashboard; sign in with the API key`,
    `  ${docsPage("send.md")}  a first email`,
    ...(keysFile === undefined ? ["", back] : []),
  ];
  console.log(lines.join("\n"));
}
