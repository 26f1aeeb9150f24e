/**
 * What the account has of a Worker, before anything is made. Guarantees that nothing of somebody else's is taken, and
 * that the version that runs loses nothing that it has stored: docs/design/deploying.md, step 2.
 */
import { CommandError, usageError } from "../command-error.ts";
import { allEnded } from "../wrangler/all-ended.ts";
import { findRunning, isWaxseal, type RunningWorker, variableOf } from "./account.ts";
import { adopted } from "./adopted.ts";
import { ANOTHER_NAME, ANSWERS_FILE, type Answers } from "./answers.ts";
import { domainsOf, type Notes, type PackedConfig, readNotes, resourcesOf } from "./config.ts";
import { isInUse } from "./dns.ts";
import {
  type Database,
  inWords,
  isFitting,
  listDatabases,
  type Place,
  placeOfBucket,
  placeOfQueue,
  type Resource,
} from "./resources.ts";
import { type Deploy, step } from "./steps.ts";

export interface LookOptions {
  /** Takes what is there under these names. */
  readonly adopt?: boolean;
  /** Takes domains that have DNS records. */
  readonly takeDomain?: boolean;
}

export interface Inventory {
  /** With what was read from a Worker that is taken over. */
  readonly answers: Answers;
  readonly running: RunningWorker | undefined;
  /** Undefined: it is missing. */
  readonly databaseId: string | undefined;
  readonly missing: readonly Resource[];
}

/** How the running version's Worker and the account's resources are looked at. */
interface Look {
  readonly work: Deploy;
  readonly running: RunningWorker | undefined;
  readonly databases: readonly Database[];
  readonly notes: Notes;
  /** Whether what this folder does not know is taken. */
  readonly adopt: boolean;
}

/** @throws {CommandError} for what is somebody else's, or would be left behind */
export async function lookAround(
  begun: Deploy,
  packed: PackedConfig,
  { adopt = false, takeDomain = false }: LookOptions,
): Promise<Inventory> {
  const { name } = begun.answers;
  // By itself: wrangler renews an old login in its first call, and two that did so at once would spoil it.
  const running = await step(begun, `looking for a Worker ${name}`, () => findRunning(begun.wrangler, begun.answers));
  const notes = await readNotes(begun.folder);
  const isKnown = begun.answers.origin !== undefined || notes.foundMissing?.includes(workerInWords(name)) === true;
  if (running !== undefined && !isKnown) checkTaking(name, running, adopt);
  const answers = running === undefined || isKnown ? begun.answers : adopted(begun, packed, running);
  const work = { ...begun, answers };
  if (!takeDomain) await checkDomains(answers, running, notes);
  const resources = resourcesOf(packed, name);
  const databases = await step(work, "looking for its database", () => listDatabases(work.wrangler));
  const look: Look = { work, running, databases, notes, adopt };
  if (running !== undefined) {
    checkObjects(answers, running);
    for (const resource of resources) checkBinding(look, running, resource);
  }
  const missing = await findMissing(look, resources);
  return { answers, running, databaseId: databases.find((database) => database.name === name)?.id, missing };
}

/** As this folder notes that it found it missing. */
export const workerInWords = (name: string) => `the Worker ${name}`;

/** Of a Worker that this folder has not deployed. */
function checkTaking(name: string, running: RunningWorker, adopt: boolean): void {
  if (!isWaxseal(running)) throw new CommandError(`The account has a Worker ${name} that is no Waxseal.`, ANOTHER_NAME);
  if (!adopt)
    throw new CommandError(
      `The account has a Waxseal ${name} already, which this folder did not deploy.`,
      `Deploy it from the folder that has its ${ANSWERS_FILE}, or say --adopt to take it over. ${ANOTHER_NAME}`,
    );
}

/** Durable Objects of another jurisdiction are other objects. */
function checkObjects({ name, jurisdiction }: Answers, running: RunningWorker): void {
  const now = variableOf(running, "JURISDICTION");
  if (now === jurisdiction) return;
  const where = (each: string | undefined) => (each === undefined ? "without a jurisdiction" : `in ${each}`);
  throw new CommandError(
    `${name} runs ${where(now)}, and this deploy would put it ${where(jurisdiction)}, where none of its data is.`,
    `${now === undefined ? `Take "jurisdiction" out of ${ANSWERS_FILE}` : `Say --jurisdiction ${now}`}, or deploy ` +
      "another Worker, under another name, from a folder of its own.",
  );
}

/** What the version that runs has stored must stay what the next one reads. */
function checkBinding({ work, databases }: Look, running: RunningWorker, resource: Resource): void {
  const { name, jurisdiction } = work.answers;
  const bound = running.bindings.find((binding) => binding.name === resource.binding);
  if (bound === undefined) return;
  const databaseId = bound.database_id ?? bound.id;
  const database = databases.find(({ id }) => id === databaseId);
  const now = bound.bucket_name ?? bound.queue_name ?? database?.name;
  const isElsewhere = resource.kind === "bucket" && (bound.jurisdiction ?? undefined) !== jurisdiction;
  if (now === resource.name && !isElsewhere) return;
  if (resource.kind === "database" && now === undefined)
    throw new CommandError(
      `${name} runs, but its database is not among the account's.`,
      "Nothing was changed. Was it deleted? Restore it, or deploy under another name, from a folder of its own.",
    );
  const there = isElsewhere ? `, ${bound.jurisdiction ?? "in no jurisdiction"}` : "";
  throw new CommandError(
    `${name} stores in ${inWords({ kind: resource.kind, name: now ?? "" })}${there}, and this deploy would give it ` +
      `${resource.name}${jurisdiction === undefined ? "" : ` in ${jurisdiction}`}, where none of that is.`,
    "Deploy it as it was deployed before, or another Worker, under another name, from a folder of its own.",
  );
}

async function checkDomains(answers: Answers, running: RunningWorker | undefined, notes: Notes): Promise<void> {
  const known = [
    ...(answers.domains ?? []),
    ...(notes.domains ?? []),
    ...(running === undefined ? [] : domainsOf(answersOf(answers, running))),
  ];
  for (const domain of domainsOf(answers)) {
    if (known.includes(domain) || !(await isInUse(domain))) continue;
    throw usageError(
      `${domain} has DNS records already, which a deploy would replace.`,
      "Choose a name that is free, or say --take-domain if it is meant for this Worker.",
    );
  }
}

/** The origins of the version that runs, as answers. */
function answersOf({ name, senderName }: Answers, running: RunningWorker): Answers {
  const origin = variableOf(running, "TRACKING_ORIGIN");
  const further = variableOf(running, "TRACKING_ORIGINS");
  return {
    name,
    senderName,
    ...(origin !== undefined && URL.canParse(origin) ? { trackingDomain: new URL(origin).hostname } : {}),
    ...(further === undefined ? {} : { variables: { TRACKING_ORIGINS: further } }),
  };
}

interface Looked {
  readonly resource: Resource;
  readonly place: Place;
  /** Whether this folder found it missing once. */
  readonly isOwn: boolean;
}

/** Of what the running version is not bound to, what is not there. */
async function findMissing(look: Look, resources: readonly Resource[]): Promise<readonly Resource[]> {
  const { work, running, adopt } = look;
  const isBound = ({ binding }: Resource) => running?.bindings.some(({ name }) => name === binding) === true;
  const unbound = resources.filter((resource) => !isBound(resource));
  if (unbound.length === 0) return [];
  const looked = await step(work, "looking for what it needs", () =>
    allEnded(unbound.map((resource) => lookAt(look, resource))),
  );
  const found = looked.filter(({ place }) => place !== "missing");
  const others = found.filter(({ isOwn }) => !isOwn);
  if (others.length > 0 && !adopt)
    throw new CommandError(
      `The account has ${others.map(({ resource }) => inWords(resource)).join(", ")}, which this folder did not make.`,
      `If an earlier deploy of yours made them, say --adopt. ${running === undefined ? ANOTHER_NAME : ""}`.trim(),
    );
  checkPlaces(work.answers, found);
  if (others.some(({ resource }) => resource.kind === "database")) await checkDatabase(work);
  return looked.filter(({ place }) => place === "missing").map(({ resource }) => resource);
}

function checkPlaces({ jurisdiction }: Answers, found: readonly Looked[]): void {
  if (jurisdiction === undefined) return;
  const isThere = ({ place, isOwn }: Looked) =>
    typeof place === "object" ? place.jurisdiction === jurisdiction : place === "not told" && isOwn;
  const elsewhere = found.find((each) => !isThere(each));
  if (elsewhere === undefined) return;
  throw new CommandError(
    `Not known to be in ${jurisdiction}, and not to be moved there: ${inWords(elsewhere.resource)}.`,
    `${ANOTHER_NAME} Or delete that one, if it is empty, and run it again.`,
  );
}

async function checkDatabase(work: Deploy): Promise<void> {
  const { name } = work.answers;
  if (await step(work, "looking into the database", () => isFitting(work.wrangler, name))) return;
  throw new CommandError(`The database ${name} has tables that are no Waxseal's.`, ANOTHER_NAME);
}

async function lookAt({ work, databases, notes }: Look, resource: Resource): Promise<Looked> {
  const { wrangler, answers } = work;
  const { kind, name } = resource;
  const isOwn = notes.foundMissing?.includes(inWords(resource)) === true;
  if (kind === "bucket") return { resource, isOwn, place: await placeOfBucket(wrangler, name, answers.jurisdiction) };
  if (kind === "queue") return { resource, isOwn, place: await placeOfQueue(wrangler, name) };
  return { resource, isOwn, place: databases.find((database) => database.name === name)?.place ?? "missing" };
}
