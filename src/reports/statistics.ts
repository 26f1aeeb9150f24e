/** Reading what is aggregated: never without the rest of the log. */
import type { LogStores } from "../archive/index.ts";
import { type Settings, STATISTICS_SETTINGS } from "../config/settings.ts";
import { aggregated, events } from "../events/schema.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import type { ApiContext } from "../http/operation.ts";
import { readBatch, type Sql, sql } from "../platform/sql.ts";
import { aggregateLog } from "./aggregate.ts";

const NOT_READ = "The report could not be read";
/** The longest that a request aggregates the log before it gives up, for now. */
const AGGREGATE_MS = 20_000;

/**
 * Resolves to what `read` reads, over the whole log.
 * @throws {ApiError} 503 while D1 is out of reach or much of the log is still to count, or a setting that statistics
 * need is wrong
 */
export async function withStatistics<Found>(
  context: ApiContext,
  read: (stores: LogStores, settings: Settings) => Promise<Found>,
): Promise<Found> {
  const { env } = context;
  const settings = configured(env, ...STATISTICS_SETTINGS);
  return await orStorageUnavailable(NOT_READ, async () => {
    const left = await aggregateLog(env, settings.bots, Date.now() + AGGREGATE_MS);
    if (left === 0) return await read(env, settings);
    const message = `The report still has ${left} events of the log to count; try again in a moment.`;
    throw new ApiError({ status: 503, code: "storage_unavailable", message, retryAfterSeconds: 10 });
  });
}

/**
 * Resolves to what `queries` read in one transaction, over the whole log. For queries that read little: when nothing
 * is left to aggregate it takes one round trip to D1, otherwise they are read once more.
 * @throws {ApiError} as `withStatistics`
 */
export async function withStatisticsAtOnce<Rows extends readonly unknown[]>(
  context: ApiContext,
  queries: { readonly [Index in keyof Rows]: Sql },
): Promise<{ readonly [Index in keyof Rows]: readonly Rows[Index][] }> {
  const [[log], ...rows] = await orStorageUnavailable(NOT_READ, () =>
    readBatch<[{ readonly left: number | null }, ...Rows]>(context.env.DB, [LEFT, ...queries]),
  );
  if ((log?.left ?? 0) <= 0) return rows;
  return await withStatistics(context, ({ DB }) => readBatch<Rows>(DB, queries));
}

const LEFT = sql`SELECT (SELECT max(${events.seq}) FROM ${events}) - ${aggregated.seq} AS left FROM ${aggregated}`;

/**
 * Refuses what would read more than is read at once.
 * @param what with its number: "200,000 events"
 */
export function reportTooLarge(what: string): ApiError {
  return tooLarge(`The report would read more than ${what}: name an email, a campaign or a shorter period.`);
}

/** @param message names what would make it smaller */
export function tooLarge(message: string): ApiError {
  return new ApiError({ status: 400, code: "report_too_large", message });
}
