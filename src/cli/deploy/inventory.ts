/**
 * What the account has of a Worker, before anything is made. Guarantees that nothing of somebody else's is taken, and
 * that the version that runs loses nothing that it has stored: docs/design/deploying.md, step 2.
 */
import { CommandError } from "../command-error.ts";
import { allEnded } from "../wrangler/all-ended.ts";
import { findRunning, isWaxseal, type RunningWorker, secretsOf, variableOf } from "./account.ts";
import { adopted } from "./adopted.ts";
import { ANOTHER_NAME, ANSWERS_FILE, type Answers } from "./answers.ts";
import { type Notes, type PackedConfig, readNotes, resourcesOf } from "./config.ts";
import { type DomainOptions, type SettledDomains, settleDomains } from "./domains.ts";
import { KEY_NAMES, keySourceOf } from "./keys-file.ts";
import {
  type Database,
  inWords,
  isFitting,
  type Location,
  listDatabases,
  locationOfBucket,
  locationOfQueue,
  type Resource,
} from "./resources.ts";
import { type Deploy, type MissingKeys, step } from "./steps.ts";

export interface InventoryOptions extends DomainOptions {
  /** Takes what is there under these names. */
  readonly adopt?: boolean;
  /** As it was given; undefined: it was not. */
  readonly domain?: string;
}

export interface Inventory {
  /** With what was read from a Worker that is taken over. */
  readonly answers: Answers;
  readonly running: RunningWorker | undefined;
  /** Undefined: it is missing. */
  readonly databaseId: string | undefined;
  readonly missing: readonly Resource[];
  readonly domains: SettledDomains;
  /** Undefined: the Worker has its keys. */
  readonly keys: MissingKeys | undefined;
}

/** What is known so far. */
interface AccountView {
  readonly work: Deploy;
  readonly running: RunningWorker | undefined;
  readonly databases: readonly Database[];
  readonly notes: Notes;
  /** Whether what this folder does not know is taken. */
  readonly adopt: boolean;
}

/** @throws {CommandError} for what is somebody else's, or would be left behind */
export async function takeInventory(
  begun: Deploy & { readonly accountId: string },
  packed: PackedConfig,
  { adopt = false, domain, ...domainOptions }: InventoryOptions,
): Promise<Inventory> {
  const { name } = begun.answers;
  // By itself: wrangler renews an old login in its first call, and two that did so at once would spoil it.
  const running = await step(begun, `looking for a Worker ${name}`, () => findRunning(begun.wrangler, begun.answers));
  checkUploaded(begun.answers, running);
  const notes = await readNotes(begun.folder);
  const isKnown = begun.answers.origin !== undefined || notes.foundMissing?.includes(workerInWords(name)) === true;
  if (running !== undefined) checkRunning(name, running, isKnown || adopt);
  const answers = running === undefined || isKnown ? begun.answers : adopted(begun, packed, running, domain);
  if (running !== undefined) checkObjects(answers, running);
  const work = { ...begun, answers };
  const domains = await settleDomains(work, running !== undefined, domainOptions);
  const resources = resourcesOf(packed, name);
  const databases = await step(work, "looking for its database", () => listDatabases(work.wrangler));
  const view: AccountView = { work, running, databases, notes, adopt };
  if (running !== undefined) for (const resource of resources) checkBinding(view, running, resource);
  const missing = await findMissing(view, resources);
  const databaseId = databases.find((database) => database.name === name)?.id;
  return { answers, running, databaseId, missing, domains, keys: await missingKeys(work, running) };
}

/** The keys that are missing; undefined for a Worker that has TOKEN_KEYS. */
async function missingKeys(work: Deploy, running: RunningWorker | undefined): Promise<MissingKeys | undefined> {
  const has = running === undefined ? [] : secretsOf(running);
  if (has.includes("TOKEN_KEYS")) return undefined;
  const names = KEY_NAMES.filter((name) => !has.includes(name));
  return { names, source: await keySourceOf(work.folder) };
}

/** As this folder notes that it found it missing. */
export const workerInWords = (name: string) => `the Worker ${name}`;

/**
 * Another Worker than the one that this folder has uploaded would begin empty, with other keys, and take its domains.
 * @throws {CommandError} when the name is not, or cannot be, the uploaded one's
 */
function checkUploaded({ name, origin }: Answers, running: RunningWorker | undefined): void {
  if (origin === undefined) return;
  const { host } = new URL(origin);
  const isOther = host.endsWith(".workers.dev") && !host.startsWith(`${name}.`);
  if (running !== undefined && !isOther) return;
  throw new CommandError(
    `${ANSWERS_FILE} says that this folder deployed ${host}, but ` +
      (isOther ? `names the Worker ${name}.` : `the account has no Worker ${name}.`),
    `Was it renamed or deleted? Put "name" back; or deploy another Worker from a folder of its own, and one that is ` +
      `gone again without "origin" in ${ANSWERS_FILE}.`,
  );
}

function checkRunning(name: string, running: RunningWorker, isTaken: boolean): void {
  if (!isWaxseal(running)) throw new CommandError(`The account has a Worker ${name} that is no Waxseal.`, ANOTHER_NAME);
  if (isTaken) return;
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
function checkBinding({ work, databases }: AccountView, running: RunningWorker, resource: Resource): void {
  const { name, jurisdiction } = work.answers;
  const bound = running.bindings.find((binding) => binding.name === resource.binding);
  if (bound === undefined) return;
  const databaseId = bound.database_id ?? bound.id;
  const database = databases.find(({ id }) => id === databaseId);
  const now = bound.bucket_name ?? bound.queue_name ?? database?.name;
  const isElsewhere = resource.kind === "bucket" && (bound.jurisdiction ?? undefined) !== jurisdiction;
  if (database !== undefined && !isIn(jurisdiction, database.location))
    work.say(`The database ${database.name} is not in ${jurisdiction}, where the Worker's variable says it is.`);
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

/** Where Cloudflare does not say where it is, it may be there. */
function isIn(jurisdiction: string | undefined, location: Location): boolean {
  if (jurisdiction === undefined || location === "unknown") return true;
  return typeof location === "object" && location.jurisdiction === jurisdiction;
}

interface Examined {
  readonly resource: Resource;
  readonly location: Location;
  /** Whether this folder found it missing once. */
  readonly isOwn: boolean;
}

/** The resources that are not there, of those that the running version is not bound to. */
async function findMissing(view: AccountView, resources: readonly Resource[]): Promise<readonly Resource[]> {
  const { work, running, adopt } = view;
  const isBound = ({ binding }: Resource) => running?.bindings.some(({ name }) => name === binding) === true;
  const unbound = resources.filter((resource) => !isBound(resource));
  if (unbound.length === 0) return [];
  const known = unbound.flatMap((resource) => examineDatabase(view, resource));
  // Said before wrangler is asked for each of the others.
  if (adopt) await checkAdopted(work, known);
  const asked = unbound.filter(({ kind }) => kind !== "database");
  const examined = [
    ...known,
    ...(await step(work, "looking for what it needs", () =>
      allEnded(asked.map((resource) => examine(view, resource))),
    )),
  ];
  const found = examined.filter(({ location }) => location !== "missing");
  const others = found.filter(({ isOwn }) => !isOwn);
  if (others.length > 0 && !adopt)
    throw new CommandError(
      `The account has ${others.map(({ resource }) => inWords(resource)).join(", ")}, which this folder did not make.`,
      `If an earlier deploy of yours made them, say --adopt. ${running === undefined ? ANOTHER_NAME : ""}`.trim(),
    );
  checkLocations(work.answers, found);
  return examined.filter(({ location }) => location === "missing").map(({ resource }) => resource);
}

function checkLocations({ jurisdiction }: Answers, found: readonly Examined[]): void {
  if (jurisdiction === undefined) return;
  const isThere = ({ location, isOwn }: Examined) =>
    typeof location === "object" ? location.jurisdiction === jurisdiction : location === "unknown" && isOwn;
  const elsewhere = found.find((each) => !isThere(each));
  if (elsewhere === undefined) return;
  throw new CommandError(
    `Not known to be in ${jurisdiction}, and not to be moved there: ${inWords(elsewhere.resource)}.`,
    `${ANOTHER_NAME} Or delete that one, if it is empty, and run it again.`,
  );
}

/** @throws {CommandError} for a database that is elsewhere, or somebody else's */
async function checkAdopted(work: Deploy, databases: readonly Examined[]): Promise<void> {
  const found = databases.filter(({ location }) => location !== "missing");
  checkLocations(work.answers, found);
  if (found.every(({ isOwn }) => isOwn)) return;
  const { name } = work.answers;
  if (await step(work, "looking into the database", () => isFitting(work.wrangler, name))) return;
  throw new CommandError(`The database ${name} has tables that are no Waxseal's.`, ANOTHER_NAME);
}

/** Where a database is, which the account's list names. */
function examineDatabase({ databases, notes }: AccountView, resource: Resource): readonly Examined[] {
  if (resource.kind !== "database") return [];
  const location = databases.find(({ name }) => name === resource.name)?.location ?? "missing";
  return [{ resource, isOwn: isNoted(notes, resource), location }];
}

/** Where a bucket or a queue is. */
async function examine({ work, notes }: AccountView, resource: Resource): Promise<Examined> {
  const { wrangler, answers } = work;
  const { kind, name } = resource;
  const location =
    kind === "bucket"
      ? await locationOfBucket(wrangler, name, answers.jurisdiction)
      : await locationOfQueue(wrangler, name);
  return { resource, isOwn: isNoted(notes, resource), location };
}

const isNoted = ({ foundMissing = [] }: Notes, resource: Resource) => foundMissing.includes(inWords(resource));
