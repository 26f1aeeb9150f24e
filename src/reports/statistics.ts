/** Reading what is aggregated: never without the rest of the log. Throws D1's errors. */
import { type Settings, STATISTICS_SETTINGS } from "../config/settings.ts";
import { aggregated, events } from "../events/schema.ts";
import { settingsWith } from "../http/configured.ts";
import type { ApiFailure } from "../http/errors.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { readBatch, type Sql, sql } from "../platform/sql.ts";
import { aggregateLog } from "./aggregate.ts";

/** The longest that a request aggregates the log before it gives up, for now. */
const AGGREGATE_MS = 20_000;

/**
 * Aggregates the rest of the log, so that statistics can be read.
 * @returns the settings; or a failure of the status 503 while much of the log is still to count, or a setting that
 * statistics need is wrong
 */
export async function prepareStatistics(env: Env): Promise<Result<Settings, ApiFailure>> {
  const settings = settingsWith(env, ...STATISTICS_SETTINGS);
  if (!settings.ok) return settings;
  const left = await aggregateLog(env, settings.value.bots, Date.now() + AGGREGATE_MS);
  if (left === 0) return settings;
  const message = `The report still has ${left} events of the log to count; try again in a moment.`;
  return refused({ status: 503, code: "storage_unavailable", message, retryAfterSeconds: 10 });
}

/** The rows of each query, in their order. */
type RowsOfEach<Rows extends readonly unknown[]> = { readonly [Index in keyof Rows]: readonly Rows[Index][] };

/**
 * Resolves to what `queries` read in one transaction, over the whole log. For queries that read little: when nothing
 * is left to aggregate it takes one round trip to D1, otherwise they are read once more.
 * @returns the rows, or a failure as `prepareStatistics` has it
 */
export async function readStatistics<Rows extends readonly unknown[]>(
  env: Env,
  queries: { readonly [Index in keyof Rows]: Sql },
): Promise<Result<RowsOfEach<Rows>, ApiFailure>> {
  const [[log], ...rows] = await readBatch<[{ readonly left: number | null }, ...Rows]>(env.DB, [LEFT, ...queries]);
  if ((log?.left ?? 0) <= 0) return ok(rows);
  const prepared = await prepareStatistics(env);
  return prepared.ok ? ok(await readBatch<Rows>(env.DB, queries)) : prepared;
}

const LEFT = sql`SELECT (SELECT max(${events.seq}) FROM ${events}) - ${aggregated.seq} AS left FROM ${aggregated}`;

/**
 * Refuses what would read more than is read at once.
 * @param what with its number: "200,000 events"
 */
export function reportTooLarge(what: string): ApiFailure {
  return tooLarge(`The report would read more than ${what}: name an email, a campaign or a shorter period.`);
}

/** @param message names what would make it smaller */
export function tooLarge(message: string): ApiFailure {
  return { status: 400, code: "report_too_large", message };
}
