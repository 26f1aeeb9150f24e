/** The database and the buckets that a backup is made of, or restored into: those of a folder's configuration. */
import { resolve } from "node:path";
import * as v from "valibot";
import { CommandError } from "../command-error.ts";
import { readAnswers } from "../deploy/answers.ts";
import { withEmptyConfig } from "../wrangler/empty-config.ts";
import { readPrintedJson } from "../wrangler/printed-json.ts";
import { showProgress } from "../wrangler/progress.ts";
import { checkNode, findWrangler, type Wrangler, WranglerFailure, type WranglerRun } from "../wrangler/wrangler.ts";
import { type BackupBucket, namesIn, type Place } from "./names.ts";

export interface TargetOptions {
  /** Where wrangler.json, wrangler.toml or waxseal.json is. Default: the current folder */
  readonly folder?: string;
  /** The database of `npm run dev` or `wrangler dev`. Default: Cloudflare's */
  readonly local?: boolean;
}

export interface Target {
  /** Runs wrangler. @throws {CommandError} with wrangler's words */
  run(doing: string, args: readonly string[]): Promise<WranglerRun>;
  /** What a query of the database answers. */
  query(doing: string, sql: string): Promise<readonly Row[]>;
  readonly place: Place;
  /** By which wrangler knows it: its binding, or its name. */
  readonly database: string;
  readonly emails: BackupBucket;
  /** Undefined: the configuration is of a version without an archive. */
  readonly archive: BackupBucket | undefined;
  /** Shows what is being done, to people. */
  say(sentence: string): void;
}

const Row = v.record(v.string(), v.union([v.string(), v.number(), v.null()]));
export type Row = v.InferOutput<typeof Row>;
const Answer = v.tuple([v.looseObject({ results: v.array(Row) })]);

/** @throws {CommandError} when the folder is of no Worker */
export async function withTarget(
  { folder = ".", local = false }: TargetOptions,
  doing: string,
  work: (target: Target) => Promise<void>,
): Promise<void> {
  checkNode(doing);
  const place = local ? "--local" : "--remote";
  const from = resolve(folder);
  const { config, ...names } = await namesIn(from, place);
  const { accountId } = (await readAnswers(from)) ?? {};
  const environment = accountId === undefined ? {} : { CLOUDFLARE_ACCOUNT_ID: accountId };
  const targetBy = (configured: string): Target => {
    const wrangler = findWrangler(from, environment, configured);
    const run: Target["run"] = (doing, args) => runOrExplain(wrangler, doing, args);
    const query: Target["query"] = async (doing, sql) => {
      const { stdout } = await run(doing, ["d1", "execute", names.database, place, "--json", "--command", sql]);
      const [{ results }] = readPrintedJson(Answer, stdout);
      return results;
    };
    return { run, query, place, ...names, say: showProgress };
  };
  if (config !== undefined) return await work(targetBy(config));
  await withEmptyConfig((emptyConfig) => work(targetBy(emptyConfig)));
}

async function runOrExplain(wrangler: Wrangler, doing: string, args: readonly string[]): Promise<WranglerRun> {
  try {
    return await wrangler.run(args);
  } catch (error) {
    if (!(error instanceof WranglerFailure)) throw error;
    const code = error.code === undefined ? "" : ` (code ${error.code})`;
    throw new CommandError(
      `wrangler failed while ${doing}: ${error.message.trim()}${code}`,
      'Cloudflare needs "npx wrangler login" or CLOUDFLARE_API_TOKEN; for npm run dev, say --local.',
    );
  }
}
