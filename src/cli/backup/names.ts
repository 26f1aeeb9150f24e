/**
 * The names of the database and the buckets that a folder's Worker has: of wrangler.json, which `waxseal deploy` makes,
 * of a checkout's wrangler.toml, or of waxseal.json alone, as a clone has it.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import * as v from "valibot";
import { errorMessage, usageError } from "../command-error.ts";
import { ANSWERS_FILE, readAnswers } from "../deploy/answers.ts";
import { CONFIG_FILE, PACKED_WORKER, readPackedConfig, resourcesOf } from "../deploy/config.ts";

/** wrangler's option for where the database and the buckets are: on this machine, or on Cloudflare. */
export type Place = "--local" | "--remote";

export interface BackupNames {
  /** The file in which wrangler finds the database; undefined: in none, by its name. */
  readonly config: string | undefined;
  /** By which wrangler knows it: its binding, or its name. */
  readonly database: string;
  readonly emails: BackupBucket;
  /** Undefined: the configuration is of a version without an archive. */
  readonly archive: BackupBucket | undefined;
}

/** A bucket of R2: its name, and wrangler's options for where it is. */
export interface BackupBucket {
  readonly name: string;
  readonly options: readonly string[];
}

interface Bucket {
  readonly binding: string;
  readonly bucket_name: string;
  readonly jurisdiction?: string | undefined;
}

const Config = v.object({
  r2_buckets: v.array(v.object({ binding: v.string(), bucket_name: v.string(), jurisdiction: v.optional(v.string()) })),
});

/** wrangler's own configurations, and what reads them. */
const CONFIGURATIONS = [
  [CONFIG_FILE, JSON.parse],
  ["wrangler.toml", parse],
] as const;

/** @throws {CommandError} when the folder is of no Worker */
export async function namesIn(folder: string, place: Place): Promise<BackupNames> {
  const { config, database, buckets } = (await configured(folder)) ?? (await answered(folder, place)) ?? NOTHING;
  const bucketOf = (binding: string): BackupBucket | undefined => {
    const { bucket_name: name, jurisdiction } = buckets.find((bucket) => bucket.binding === binding) ?? {};
    const options = [place, ...(jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction])];
    return name === undefined ? undefined : { name, options };
  };
  const emails = bucketOf("EMAIL_SOURCES");
  if (emails !== undefined) return { config, database, emails, archive: bucketOf("ARCHIVE") };
  throw usageError(
    `${folder} has no wrangler.json or wrangler.toml with a bucket EMAIL_SOURCES, and no ${ANSWERS_FILE} of a deploy.`,
    'Run it where "waxseal deploy" ran, or in the checkout; or name that folder by --folder.',
  );
}

interface Found {
  readonly config: string | undefined;
  readonly database: string;
  readonly buckets: readonly Bucket[];
}
const NOTHING: Found = { config: undefined, database: "", buckets: [] };

/** The names in wrangler's own configuration, in which wrangler finds the database by its binding. */
async function configured(folder: string): Promise<Found | undefined> {
  const found = CONFIGURATIONS.find(([name]) => existsSync(join(folder, name)));
  if (found === undefined) return undefined;
  const [name, read] = found;
  const text = await readFile(join(folder, name), "utf8");
  try {
    const config = v.safeParse(Config, read(text));
    return { config: name, database: "DB", buckets: config.success ? config.output.r2_buckets : [] };
  } catch (error) {
    throw usageError(`${join(folder, name)} cannot be read: ${errorMessage(error)}.`, "Correct it, and run it again.");
  }
}

/** The names of a Worker that another clone deployed: a deploy names everything by the Worker's name. */
async function answered(folder: string, place: Place): Promise<Found | undefined> {
  if (place === "--local") return undefined;
  const answers = await readAnswers(folder);
  if (answers === undefined) return undefined;
  const { name, jurisdiction } = answers;
  const resources = resourcesOf(await readPackedConfig(PACKED_WORKER), name);
  return {
    config: undefined,
    database: name,
    buckets: resources
      .filter(({ kind }) => kind === "bucket")
      .map((bucket) => ({ binding: bucket.binding, bucket_name: bucket.name, jurisdiction })),
  };
}
