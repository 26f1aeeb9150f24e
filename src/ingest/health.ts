/**
 * GET /healthz: 200 while this Worker reaches and writes its log, and the log has the tables that this version needs;
 * 503 with the failing part when not. It is open to strangers, so a check, which writes a row, is made once in some
 * seconds; other answers repeat the last one and say how old it is.
 */
import type { Context } from "hono";
import { archiveHealth } from "../archive/index.ts";
import type { RefusedSetting } from "../config/settings.ts";
import { aggregated, events, LATEST_MIGRATION } from "../events/schema.ts";
import { HAS_TABLES } from "../events/tables.ts";
import { configured } from "../http/configured.ts";
import { isWithinLimit } from "../http/rate-limit.ts";
import { isStorageFull } from "../platform/errors.ts";
import { perEnv } from "../platform/per-env.ts";
import { columnName, rawSql, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import {
  type Checkup,
  findingsOf,
  type HealthFindings,
  INCOMPLETE,
  type PartHealth,
  TO_MIGRATE,
  WARNINGS,
} from "./health-findings.ts";
import { lostEventCount, type OutboxEnv, outboxOf } from "./record.ts";

const DEADLINE_MS = 2_000;

/** The table in which wrangler notes applied migrations. */
const MIGRATIONS = rawSql("d1_migrations");
const IS_MIGRATED = sql`SELECT count(*) AS count FROM ${MIGRATIONS} WHERE name = ${LATEST_MIGRATION}`;
const UNAGGREGATED = sql`SELECT max(0, coalesce((SELECT max(${events.seq}) FROM ${events}), 0) - ${aggregated.seq})
  AS unaggregated FROM ${aggregated}`;
/** Writes the table's only row as it is. */
const WRITE_CHECK = sql`UPDATE ${aggregated} SET ${columnName(aggregated.seq)} = ${aggregated.seq}`;

/** An answer this recent is given again. */
const FRESH_MS = 5_000;
/** An older one is not, however often the platform's limiter refuses a check. */
const MAX_AGE_MS = 15_000;
const POLL_MS = 20;
/** A check that has taken longer is given up: its client has hung up, which has ended its request. */
const MAX_CHECK_MS = DEADLINE_MS + 1_000;

/** What a capability finds wrong with itself. */
export interface HealthParts {
  /** The names of settings that a capability reads by itself. */
  readonly ownSettings: readonly string[];
  /** The wrong ones among settings that a capability reads by itself. */
  readonly refusedSettings: (env: Env) => readonly RefusedSetting[];
  readonly webhookEndpoints: (env: Env) => Promise<PartHealth>;
}

/** The latest check of an isolate, and since when another one runs. */
interface Checks {
  latest: Checkup | undefined;
  runningSinceMs: number | undefined;
}

const checksOf = perEnv((_env: Env): Checks => ({ latest: undefined, runningSinceMs: undefined }));

/**
 * Answers `{ok, parts: {d1, writes, migrations, outbox}, bytes, unaggregated, waiting, deadLetters, webhookEndpoints,
 * ageMs, lost, settings, warnings}`: each part "ok" or what is wrong; `bytes` the size of D1; `unaggregated` seqs of
 * the log that are not in statistics yet; `waiting` groups of rows waiting in the outbox; `ageMs` how long ago all of
 * these were checked; `lost` rows of this isolate that no sink took, which are in its log; `settings` that are wrong,
 * each with its problem; `warnings`, a sentence for each thing that will fail unless somebody acts. Null where unknown.
 */
export const healthOf =
  (others: HealthParts) =>
  async (context: Context<{ Bindings: Env }>): Promise<Response> => {
    const checkup = await latestCheckup(context.env, others);
    const { atMs, parts, counts, webhookEndpoints, bytes, unaggregated } = checkup;
    const ok = Object.values(parts).every((part) => part === "ok");
    const settings = refusedSettingsOf(context.env, others);
    const findings = findingsOf(checkup, settings, "warnings");
    return context.json(
      {
        ok,
        parts,
        bytes,
        unaggregated,
        waiting: counts?.waiting ?? null,
        deadLetters: counts?.deadLetters ?? null,
        webhookEndpoints: webhookEndpoints?.shown ?? null,
        ageMs: Date.now() - atMs,
        lost: lostEventCount(),
        settings,
        warnings: WARNINGS.flatMap((code) => findings[code] ?? []),
      },
      ok ? 200 : 503,
    );
  };

/** The settings that are wrong. */
export function refusedSettingsOf(env: Env, others: HealthParts): readonly RefusedSetting[] {
  return [...configured(env).refused, ...others.refusedSettings(env)];
}

/**
 * Checks whatever was found before, and says what is wrong, apart from what has a post of its own. Never rejects.
 */
export async function findWarnings(
  env: Env,
  others: HealthParts,
  ownSettings: readonly RefusedSetting[],
): Promise<HealthFindings> {
  const settings = [...ownSettings, ...others.refusedSettings(env)];
  return findingsOf(await check(env, others), settings, "alerts");
}

/**
 * Checks, unless an answer of this isolate's is fresh, another request is checking, or the platform's limiter, which
 * counts the checks of all isolates, refuses. An isolate that knows nothing recent checks in any case.
 */
async function latestCheckup(env: Env, others: HealthParts): Promise<Checkup> {
  const checks = checksOf(env);
  const known = () => (ageOf(checks.latest) < MAX_AGE_MS ? checks.latest : undefined);
  // A promise of another request's is not to be waited for.
  while (isRunning(checks) && known() === undefined) await scheduler.wait(POLL_MS);
  const before = known();
  if (before !== undefined && (isRunning(checks) || ageOf(before) < FRESH_MS)) return before;
  const runningSinceMs = Date.now();
  checks.runningSinceMs = runningSinceMs;
  try {
    const isLimited = !(await isWithinLimit(env.HEALTH_CHECKS, "checks"));
    if (isLimited && before !== undefined) return before;
    const latest = await check(env, others);
    checks.latest = latest;
    return latest;
  } finally {
    if (checks.runningSinceMs === runningSinceMs) checks.runningSinceMs = undefined;
  }
}

function ageOf(checkup: Checkup | undefined): number {
  return Date.now() - (checkup?.atMs ?? Number.NEGATIVE_INFINITY);
}

function isRunning({ runningSinceMs }: Checks): boolean {
  return runningSinceMs !== undefined && Date.now() - runningSinceMs < MAX_CHECK_MS;
}

/** Rejects, and does not throw, where no object is reached. */
async function outboxCounts(env: OutboxEnv) {
  return await outboxOf(env).counts();
}

async function check(env: Env, others: HealthParts): Promise<Checkup> {
  const { DB } = env;
  const atMs = Date.now();
  const [lag, written, migrated, tables, counted, endpoints, archive] = await Promise.allSettled([
    withDeadline(UNAGGREGATED.prepare(DB).first<number>("unaggregated"), DEADLINE_MS, "D1"),
    withDeadline(WRITE_CHECK.prepare(DB).run(), DEADLINE_MS, "D1"),
    withDeadline(IS_MIGRATED.prepare(DB).first<number>("count"), DEADLINE_MS, "D1"),
    withDeadline(HAS_TABLES.prepare(DB).first(), DEADLINE_MS, "D1"),
    withDeadline(outboxCounts(env), DEADLINE_MS, "the outbox"),
    withDeadline(others.webhookEndpoints(env), DEADLINE_MS, "the endpoints"),
    withDeadline(archiveHealth(env), DEADLINE_MS, "the archive"),
  ]);
  return {
    atMs,
    parts: {
      d1: stateOf(lag),
      writes: stateOf(written),
      migrations: migrated.status === "fulfilled" && migrated.value === 0 ? TO_MIGRATE : tablesState(migrated, tables),
      outbox: stateOf(counted),
    },
    bytes: valueIn(written)?.meta.size_after ?? null,
    unaggregated: valueIn(lag) ?? null,
    webhookEndpoints: valueIn(endpoints) ?? null,
    archive: valueIn(archive),
    counts: valueIn(counted),
  };
}

function valueIn<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === "fulfilled" ? settled.value : undefined;
}

/** A later version's migration may have taken away what this one needs. */
function tablesState(migrated: PromiseSettledResult<unknown>, tables: PromiseSettledResult<unknown>): string {
  const isIncomplete = tables.status === "rejected" && /no such (?:table|column)/i.test(String(tables.reason));
  if (migrated.status === "fulfilled" && isIncomplete) return INCOMPLETE;
  return stateOf(migrated.status === "fulfilled" ? tables : migrated);
}

function stateOf(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === "fulfilled") return "ok";
  const reason = String(settled.reason);
  if (/no such table/i.test(reason)) return TO_MIGRATE;
  return isStorageFull(settled.reason) ? "full" : "out of reach";
}
