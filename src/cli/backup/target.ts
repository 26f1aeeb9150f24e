/** The database and the buckets that a backup is made of, or restored into: those of a folder's configuration. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { CommandError, usageError } from "../command-error.ts";
import { readAnswers } from "../deploy/answers.ts";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { showProgress } from "../wrangler/progress.ts";
import { checkNode, findWrangler, type Wrangler, WranglerFailure, type WranglerRun } from "../wrangler/wrangler.ts";

export interface TargetOptions {
  /** Where wrangler.json or wrangler.toml is. Default: the current folder */
  readonly folder?: string;
  /** The database of `npm run dev` or `wrangler dev`. Default: Cloudflare's */
  readonly local?: boolean;
}

export interface Target {
  /** Runs wrangler. @throws {CommandError} with wrangler's words */
  run(doing: string, args: readonly string[]): Promise<WranglerRun>;
  /** What a query of the database answers. */
  query(doing: string, sql: string): Promise<readonly Row[]>;
  readonly place: "--local" | "--remote";
  readonly emails: BackupBucket;
  /** Undefined: the configuration is of a version without an archive. */
  readonly archive: BackupBucket | undefined;
  /** Shows what is being done, to people. */
  say(sentence: string): void;
}

/** A bucket of R2: its name, and wrangler's options for where it is. */
export interface BackupBucket {
  readonly name: string;
  readonly options: readonly string[];
}

const Row = v.record(v.string(), v.union([v.string(), v.number(), v.null()]));
export type Row = v.InferOutput<typeof Row>;
const Answer = v.tuple([v.looseObject({ results: v.array(Row) })]);

const Config = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    r2_buckets: v.array(
      v.object({ binding: v.string(), bucket_name: v.string(), jurisdiction: v.optional(v.string()) }),
    ),
  }),
);
const BUCKET_IN_TOML =
  /^binding = "(?<binding>\w+)"\nbucket_name = "(?<name>[^"\n]+)"(?:\njurisdiction = "(?<place>\w+)")?/gm;

/** @throws {CommandError} when the folder is of no Worker */
export async function findTarget({ folder = ".", local = false }: TargetOptions, doing: string): Promise<Target> {
  checkNode(doing);
  const place = local ? "--local" : "--remote";
  const { emails, archive } = await bucketsOf(resolve(folder), place);
  const { accountId } = (await readAnswers(resolve(folder))) ?? {};
  const wrangler = findWrangler(resolve(folder), accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId });
  const run = (doing: string, args: readonly string[]) => runOrExplain(wrangler, doing, args);
  return {
    run,
    query: async (doing, sql) => {
      const { stdout } = await run(doing, ["d1", "execute", "DB", place, "--json", "--command", sql]);
      const [{ results }] = readPrintedJson(Answer, stdout);
      return results;
    },
    place,
    emails,
    archive,
    say: showProgress,
  };
}

async function bucketsOf(folder: string, place: Target["place"]): Promise<Pick<Target, "emails" | "archive">> {
  const bound = await boundBuckets(folder);
  const bucketOf = (binding: string): BackupBucket | undefined => {
    const { bucket_name: name, jurisdiction } = bound.find((bucket) => bucket.binding === binding) ?? {};
    const options = [place, ...(jurisdiction === undefined ? [] : ["--jurisdiction", jurisdiction])];
    return name === undefined ? undefined : { name, options };
  };
  const emails = bucketOf("EMAIL_SOURCES");
  if (emails !== undefined) return { emails, archive: bucketOf("ARCHIVE") };
  throw usageError(
    `${folder} has no wrangler.json or wrangler.toml with a bucket EMAIL_SOURCES.`,
    'Run it where "waxseal deploy" ran, or in the checkout; or name that folder by --folder.',
  );
}

async function boundBuckets(folder: string): Promise<v.InferOutput<typeof Config>["r2_buckets"]> {
  const [made, byHand] = [join(folder, "wrangler.json"), join(folder, "wrangler.toml")];
  if (existsSync(made)) {
    const read = v.safeParse(Config, await readFile(made, "utf8"));
    return read.success ? read.output.r2_buckets : [];
  }
  if (!existsSync(byHand)) return [];
  return [...(await readFile(byHand, "utf8")).matchAll(BUCKET_IN_TOML)].map(({ groups }) => ({
    binding: groups?.binding ?? "",
    bucket_name: groups?.name ?? "",
    jurisdiction: groups?.place,
  }));
}

async function runOrExplain(wrangler: Wrangler, doing: string, args: readonly string[]): Promise<WranglerRun> {
  try {
    return await wrangler.run(args);
  } catch (error) {
    if (!(error instanceof WranglerFailure)) throw error;
    const code = error.code === undefined ? "" : ` (code ${error.code})`;
    throw new CommandError(
      `wrangler failed while ${doing}: ${error.message.trim()}${code}`,
      'For Cloudflare, "npx wrangler login" or CLOUDFLARE_API_TOKEN must stand; for npm run dev, say --local.',
    );
  }
}
