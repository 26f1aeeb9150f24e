/**
 * The folder of a deploy: the Worker's files, and wrangler.json, made from waxseal.json and from the package each time.
 * Guarantees that a file that somebody else wrote or edited is refused, not overwritten.
 */
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { sha256Hex } from "../../platform/sha256.ts";
import { CommandError, usageError } from "../command-error.ts";
import { docsPage } from "../package-json.ts";
import { ANSWERS_FILE, type Answers } from "./answers.ts";
import type { AttachedDomain } from "./attached.ts";
import type { Resource } from "./resources.ts";

export const CONFIG_FILE = "wrangler.json";
/** The folder of the command alone: not for version control. */
export const OWN_FOLDER = ".waxseal";
const NOTES_FILE = join(OWN_FOLDER, "notes.json");
const OTHERS = ["wrangler.toml", "wrangler.jsonc"];

/** The built Worker: two folders up both of src/cli/deploy and of dist/cli/deploy is src or dist. */
export const PACKED_WORKER = fileURLToPath(new URL("../../../dist/worker/", import.meta.url));
/** What the names of queues and buckets begin with in the packed configuration. */
const PREFIX = /^waxseal-/;

/** What the command knows of the folder's Worker. */
const Notes = v.object({
  /** The hash of the wrangler.json that it wrote. */
  configHash: v.optional(v.string()),
  /** What it found missing, and so makes: "the bucket waxseal-archive". */
  foundMissing: v.optional(v.array(v.string())),
});
export type Notes = v.InferOutput<typeof Notes>;

const PackedConfig = v.looseObject({
  name: v.string(),
  vars: v.record(v.string(), v.string()),
  assets: v.looseObject({ directory: v.string() }),
  ratelimits: v.array(v.looseObject({ namespace_id: v.string() })),
  d1_databases: v.tuple([v.looseObject({ binding: v.string() })]),
  r2_buckets: v.array(v.looseObject({ binding: v.string(), bucket_name: v.string() })),
  queues: v.object({
    producers: v.array(v.looseObject({ binding: v.string(), queue: v.string() })),
    consumers: v.array(v.looseObject({ queue: v.string(), dead_letter_queue: v.optional(v.string()) })),
  }),
});
export type PackedConfig = v.InferOutput<typeof PackedConfig>;

/** @param from where the built Worker is */
export async function readPackedConfig(from: string): Promise<PackedConfig> {
  const path = join(from, CONFIG_FILE);
  if (!existsSync(path))
    throw new CommandError(
      "The Worker is not built.",
      'In a checkout, "npm run deploy" builds it first, and "npm run deploy -- --dry-run" says what it would do.',
    );
  return v.parse(PackedConfig, JSON.parse(await readFile(path, "utf8")));
}

/** What a Worker of that name is bound to. Each queue has a producer. */
export function resourcesOf(packed: PackedConfig, name: string): readonly Resource[] {
  const [{ binding }] = packed.d1_databases;
  const own = ownName(name);
  return [
    { kind: "database", binding, name },
    ...packed.r2_buckets.map((each) => ({
      kind: "bucket" as const,
      binding: each.binding,
      name: own(each.bucket_name),
    })),
    ...packed.queues.producers.map((each) => ({
      kind: "queue" as const,
      binding: each.binding,
      name: own(each.queue),
    })),
  ];
}

const ownName = (name: string) => (resource: string) => resource.replace(PREFIX, `${name}-`);

/** The Worker's variables. @throws {CommandError} for one that it does not have */
export function variablesOf(
  packed: PackedConfig,
  { senderName, trackingDomain, jurisdiction, variables = {} }: Answers,
): Readonly<Record<string, string>> {
  const unknown = Object.keys(variables).find((variable) => !(variable in packed.vars));
  if (unknown !== undefined)
    throw usageError(
      `${ANSWERS_FILE}: the Worker has no variable ${unknown}.`,
      `${docsPage("settings.md")} lists them. A secret is set by "npx wrangler secret put ${unknown}".`,
    );
  if (variables.JURISDICTION !== undefined)
    throw usageError(
      `${ANSWERS_FILE}: JURISDICTION is not to be set by itself.`,
      'Say --jurisdiction at the first deploy; it is "jurisdiction" of that file from then on.',
    );
  return {
    ...packed.vars,
    JURISDICTION: jurisdiction ?? "",
    SENDER_NAME: senderName,
    TRACKING_ORIGIN: trackingDomain === undefined ? "" : `https://${trackingDomain}`,
    ...variables,
  };
}

/**
 * Every domain that the answers name: the tracking domain, the further ones of TRACKING_ORIGINS, and former ones.
 * wrangler takes away those that its configuration does not name.
 */
export function domainsOf({
  trackingDomain,
  domains = [],
  variables = {},
}: Pick<Answers, "trackingDomain" | "domains" | "variables">): readonly string[] {
  const origins = v.safeParse(Origins, variables.TRACKING_ORIGINS);
  const further = origins.success ? Object.keys(origins.output).filter((origin) => URL.canParse(origin)) : [];
  const hosts = further.map((origin) => new URL(origin).hostname);
  return [...new Set([...(trackingDomain === undefined ? [] : [trackingDomain]), ...hosts, ...domains])];
}

/** The form of the variable TRACKING_ORIGINS; the Worker says what is wrong with it. */
const Origins = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/**
 * The id of the first namespace in which Cloudflare counts the Worker's calls, below 2^31. The account's Workers share
 * a namespace of the same id: those of two names must not.
 */
function firstNamespace(name: string): number {
  return 10_000 + (Number.parseInt(sha256Hex(name).slice(0, 8), 16) % 20_000_000) * 100;
}

/** The text of wrangler.json. */
export function configText(
  packed: PackedConfig,
  answers: Answers,
  { databaseId, domains }: { readonly databaseId: string | undefined; readonly domains: readonly AttachedDomain[] },
): string {
  const { name, accountId, jurisdiction } = answers;
  const own = ownName(name);
  const worker = `${OWN_FOLDER}/worker`;
  const [database] = packed.d1_databases;
  const config = {
    ...packed,
    name,
    main: `${worker}/index.js`,
    assets: { ...packed.assets, directory: `${worker}/assets` },
    ...(accountId === undefined ? {} : { account_id: accountId }),
    ...(domains.length === 0 ? {} : { routes: domains.map(routeOf) }),
    vars: variablesOf(packed, answers),
    ratelimits: packed.ratelimits.map((limit, index) => ({
      ...limit,
      namespace_id: `${firstNamespace(name) + index}`,
    })),
    d1_databases: [
      {
        ...database,
        database_name: name,
        migrations_dir: `${worker}/migrations`,
        ...(databaseId === undefined ? {} : { database_id: databaseId }),
      },
    ],
    r2_buckets: packed.r2_buckets.map((bucket) => ({
      ...bucket,
      bucket_name: own(bucket.bucket_name),
      ...(jurisdiction === undefined ? {} : { jurisdiction }),
    })),
    queues: {
      producers: packed.queues.producers.map((producer) => ({ ...producer, queue: own(producer.queue) })),
      consumers: packed.queues.consumers.map(({ dead_letter_queue: letters, ...consumer }) => ({
        ...consumer,
        queue: own(consumer.queue),
        ...(letters === undefined ? {} : { dead_letter_queue: own(letters) }),
      })),
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** A domain that somebody has paused stays so. */
function routeOf({ hostname: pattern, service: _service, ...settings }: AttachedDomain) {
  return { pattern, custom_domain: true, ...settings };
}

/** @throws {CommandError} when a configuration is there that this command did not write */
export async function checkFolder(folder: string): Promise<void> {
  const other = OTHERS.find((name) => existsSync(join(folder, name)));
  if (other !== undefined)
    throw usageError(
      `This folder has a ${other}, of another project or made by hand.`,
      "Run it in a folder of its own (mkdir waxseal && cd waxseal), or name one by --folder.",
    );
  const path = join(folder, CONFIG_FILE);
  if (!existsSync(path)) return;
  const { configHash } = await readNotes(folder);
  if (configHash === sha256Hex(await readFile(path, "utf8"))) return;
  throw usageError(
    `${CONFIG_FILE} was edited by hand, or a deploy from another folder made it.`,
    `Put your variables into ${ANSWERS_FILE} ("variables"), delete ${CONFIG_FILE}, and run it again.`,
  );
}

/** Writes wrangler.json and the Worker's files. */
export async function writeFolder(folder: string, config: string, from: string): Promise<void> {
  const own = join(folder, OWN_FOLDER);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, ".gitignore"), "*\n");
  await rm(join(own, "worker"), { recursive: true, force: true });
  await cp(from, join(own, "worker"), { recursive: true, filter: (path) => !path.endsWith(CONFIG_FILE) });
  await writeFile(join(folder, CONFIG_FILE), config);
  await note(folder, { configHash: sha256Hex(config) });
}

export async function readNotes(folder: string): Promise<Notes> {
  const path = join(folder, NOTES_FILE);
  if (!existsSync(path)) return {};
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Notes), await readFile(path, "utf8"));
  return read.success ? read.output : {};
}

/** Adds to what is known. */
export async function note(folder: string, added: Notes): Promise<void> {
  await mkdir(join(folder, OWN_FOLDER), { recursive: true });
  await writeFile(join(folder, NOTES_FILE), `${JSON.stringify({ ...(await readNotes(folder)), ...added }, null, 2)}\n`);
}
