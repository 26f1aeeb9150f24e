/**
 * What the Worker does once a minute. Guarantees that each piece of work begins whatever became of the others, so that
 * a D1 that is full, and refuses statistics, is made smaller by retention. Never rejects.
 */
import { deleteExpiredSessions } from "./access/sessions.ts";
import { type AlertSettings, healthReport, postWarnings } from "./alerts/index.ts";
import {
  archivedBefore,
  deleteOldSegments,
  lookForLost,
  sweepArchive,
  workOnArchive,
  workOnMessages,
} from "./archive/index.ts";
import { type Settings, statisticsPolicy } from "./config/settings.ts";
import { hasFeedStream, mirrorFeed } from "./feed/index.ts";
import { HEALTH_PARTS } from "./health-parts.ts";
import { logger } from "./platform/logger.ts";
import { withDeadline } from "./platform/timeout.ts";
import { keptFrom, resumeRetention, workOnErasures, workOnRetention } from "./privacy/index.ts";
import { aggregateLog, readStaleMailings } from "./reports/index.ts";
import { statementsForLeaving } from "./retries/index.ts";
import { deleteOldSources } from "./sending/index.ts";
import { deleteExpired } from "./suppressions/index.ts";

/**
 * How long each piece of work goes on: together 50 s, so that a run is over before the next one, unless a call of D1 or
 * R2 does not settle. Work that is not here is some statements or requests.
 */
export const BUDGET_MS = {
  retention: 8_000,
  statistics: 17_000,
  sources: 1_000,
  erasures: 8_000,
  "old segments": 2_000,
  archive: 5_000,
  messages: 2_000,
  sweep: 2_000,
  mailings: 1_000,
  mirror: 3_000,
  "lost files": 1_000,
} as const;
/** The minute of each hour in which objects are deleted that nothing names, and mailings are read again. */
const SWEEP_MINUTE = 30;
/** D1 ends a statement after 30 s; a call that never settles holds up only its own work. */
const MAX_WORK_MS = 60_000;

type LongWork = keyof typeof BUDGET_MS;
type Work = LongWork | "health" | "alerts" | "sessions" | "suppressions";
type ScheduledSettings = AlertSettings & Pick<Settings, "archive" | "bots" | "retentionDays" | "tokenKeys">;

export async function runScheduledWork(env: Env, settings: ScheduledSettings): Promise<void> {
  const { retentionDays } = settings;
  const policy = statisticsPolicy(settings);
  // Before work that keeps D1 busy; the posts need not be waited for.
  const report = await attempt("health", () => healthReport(env, settings, HEALTH_PARTS));
  const posting = report === undefined ? undefined : attempt("alerts", () => postWarnings(env, report));
  const retentionUntilMs = Date.now() + BUDGET_MS.retention;
  // What frees space comes first. A new round of retention begins after statistics, which count what it deletes.
  await attempt("sessions", () => deleteExpiredSessions(env.DB, Date.now()));
  await attempt("suppressions", () => deleteExpired(env.DB, Date.now()));
  if (retentionDays !== undefined)
    await attempt("retention", () => resumeRetention(env.DB, retentionDays, retentionUntilMs));
  if (policy !== undefined) await goOn("statistics", (untilMs) => aggregate(env, policy, untilMs));
  if (retentionDays !== undefined) {
    await attempt("retention", () => workOnRetention(env.DB, retentionDays, retentionUntilMs));
    await goOn("sources", (untilMs) => deleteOldSources(env, keptFrom(retentionDays), untilMs));
  }
  await goOn("erasures", (untilMs) => workOnErasures(env, policy, untilMs));
  // After erasures, which may have recalled what is to be rewritten.
  if (retentionDays !== undefined)
    await goOn("old segments", (untilMs) => deleteOldSegments(env, keptFrom(retentionDays), untilMs));
  await goOn("archive", (untilMs) => archive(env, settings.archive, untilMs));
  await goOn("messages", (untilMs) => workOnMessages(env, settings.archive, untilMs, statementsForLeaving));
  if (new Date().getUTCMinutes() === SWEEP_MINUTE) {
    await goOn("sweep", (untilMs) => sweepArchive(env, untilMs));
    // Until their times are right their messages do not move into files.
    await goOn("mailings", (untilMs) => readStaleMailings(env.DB, untilMs));
  }
  if (hasFeedStream(env))
    await goOn("mirror", (untilMs) => mirrorFeed(env, env.FEED_STREAM, settings.tokenKeys, untilMs));
  // Last: an R2 that does not answer would hold up all else.
  await goOn("lost files", (untilMs) => lookForLost(env, untilMs));
  await posting;
}

async function archive(env: Env, rule: Settings["archive"], untilMs: number): Promise<void> {
  await workOnArchive(env, await archivedBefore(env.DB, rule), untilMs);
}

async function aggregate(env: Env, bots: Settings["bots"], untilMs: number): Promise<void> {
  const left = await aggregateLog(env, bots, untilMs);
  if (left > 0) logger.warn("the log is not aggregated in time", { left });
}

async function goOn(work: LongWork, start: (untilMs: number) => Promise<unknown>): Promise<void> {
  await attempt(work, () => start(Date.now() + BUDGET_MS[work]));
}

/** An error leaves the rest of the work to the next minute; then there is no result. */
async function attempt<T>(work: Work, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withDeadline(run(), MAX_WORK_MS, work);
  } catch (error) {
    logger.error("scheduled work has to wait", { work, error });
    return undefined;
  }
}
