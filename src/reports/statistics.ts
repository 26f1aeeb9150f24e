/** Reading what is aggregated: never without the rest of the log. */
import { type Settings, STATISTICS_SETTINGS } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { ApiError, failureAnswer, orStorageUnavailable } from "../http/errors.ts";
import type { ApiContext } from "../http/operation.ts";
import { aggregateLog } from "./aggregate.ts";

/** The longest that a request aggregates the log before it gives up, for now. */
const AGGREGATE_MS = 20_000;

/**
 * Answers `read` over the whole log.
 * @throws {ApiError} 503 while D1 is out of reach, or a setting that statistics need is wrong
 */
export async function withStatistics(
  context: ApiContext,
  read: (d1: D1Database, settings: Settings) => Promise<Response>,
): Promise<Response> {
  const { env } = context;
  const settings = configured(env, ...STATISTICS_SETTINGS);
  return await orStorageUnavailable("The report could not be read", async () => {
    const left = await aggregateLog(env.DB, settings.bots, Date.now() + AGGREGATE_MS);
    if (left === 0) return await read(env.DB, settings);
    const message = `The report still has ${left} events of the log to count; try again in a moment.`;
    return failureAnswer(context, { status: 503, code: "storage_unavailable", message }, { "Retry-After": "10" });
  });
}

/**
 * Refuses what would read more than is read at once.
 * @param what with its number: "200,000 events"
 */
export function reportTooLarge(what: string): ApiError {
  const message = `The report would read more than ${what}: name an email, a campaign or a shorter period.`;
  return new ApiError({ status: 400, code: "report_too_large", message });
}
