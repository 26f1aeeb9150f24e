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

/** How long each may take: together shorter than the minute to the next run. */
const RETENTION_MS = 11_000;
const STATISTICS_MS = 20_000;
const ERASURES_MS = 11_000;
const EVENTS_MS = 8_000;
const MESSAGES_MS = 3_000;
const MIRROR_MS = 5_000;
const MAILINGS_MS = 3_000;
const LOST_FILES_MS = 2_000;
/** The minute of each hour in which objects are deleted that nothing names, and mailings are read again. */
const SWEEP_MINUTE = 30;
/** D1 ends a statement after 30 s; a call that never settles holds up only its own work. */
const MAX_WORK_MS = 60_000;

type ScheduledSettings = AlertSettings & Pick<Settings, "archive" | "bots" | "retentionDays" | "tokenKeys">;

export async function runScheduledWork(env: Env, settings: ScheduledSettings): Promise<void> {
  const { retentionDays } = settings;
  const policy = statisticsPolicy(settings);
  // Before work that keeps D1 busy; the posts need not be waited for.
  const report = await attempt("alerts", () => healthReport(env, settings, HEALTH_PARTS));
  const posting = report === undefined ? undefined : attempt("alerts", () => postWarnings(env, report));
  const retentionUntilMs = Date.now() + RETENTION_MS;
  // What frees space comes first. A new round of retention begins after statistics, which count what it deletes.
  await attempt("sessions", () => deleteExpiredSessions(env.DB, Date.now()));
  await attempt("suppressions", () => deleteExpired(env.DB, Date.now()));
  if (retentionDays !== undefined)
    await attempt("retention", () => resumeRetention(env.DB, retentionDays, retentionUntilMs));
  if (policy !== undefined) await attempt("statistics", () => aggregate(env, policy));
  if (retentionDays !== undefined)
    await attempt("retention", () => workOnRetention(env.DB, retentionDays, retentionUntilMs));
  if (retentionDays !== undefined) await attempt("sources", () => deleteOldSources(env, keptFrom(retentionDays)));
  await attempt("erasures", () => workOnErasures(env, policy, Date.now() + ERASURES_MS));
  // After erasures, which may have recalled what is to be rewritten.
  if (retentionDays !== undefined) await attempt("archive", () => deleteOldSegments(env, keptFrom(retentionDays)));
  await attempt("archive", () => archive(env, settings.archive));
  await attempt("archive", () => workOnMessages(env, settings.archive, Date.now() + MESSAGES_MS, statementsForLeaving));
  if (new Date().getUTCMinutes() === SWEEP_MINUTE) {
    await attempt("archive", () => sweepArchive(env));
    // Until their times are right their messages do not move into files.
    await attempt("statistics", () => readStaleMailings(env.DB, Date.now() + MAILINGS_MS));
  }
  if (hasFeedStream(env))
    await attempt("mirror", () => mirrorFeed(env, env.FEED_STREAM, settings.tokenKeys, Date.now() + MIRROR_MS));
  // Last: an R2 that does not answer would hold up all else.
  await attempt("archive", () => lookForLost(env, Date.now() + LOST_FILES_MS));
  await posting;
}

async function archive(env: Env, rule: Settings["archive"]): Promise<void> {
  await workOnArchive(env, await archivedBefore(env.DB, rule), Date.now() + EVENTS_MS);
}

async function aggregate(env: Env, bots: Settings["bots"]): Promise<void> {
  const left = await aggregateLog(env, bots, Date.now() + STATISTICS_MS);
  if (left > 0) logger.warn("the log is not aggregated in time", { left });
}

/** An error leaves the rest of the work to the next minute; then there is no result. */
async function attempt<T>(
  work:
    | "alerts"
    | "sessions"
    | "suppressions"
    | "retention"
    | "statistics"
    | "sources"
    | "erasures"
    | "archive"
    | "mirror",
  run: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withDeadline(run(), MAX_WORK_MS, work);
  } catch (error) {
    logger.error("scheduled work has to wait", { work, error });
    return undefined;
  }
}
