/**
 * GET /healthz: 200 while this Worker reaches and writes its log, and the log has the tables that this version needs;
 * 503 with the failing part when not.
 */
import type { Context } from "hono";
import { aggregated, events, LATEST_MIGRATION } from "../events/schema.ts";
import { configured } from "../http/configured.ts";
import { columnName, rawSql, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { lostEventCount, OUTBOX_NAME } from "./record.ts";

const DEADLINE_MS = 2_000;

/** The table in which wrangler notes applied migrations. */
const MIGRATIONS = rawSql("d1_migrations");
const IS_MIGRATED = sql`SELECT count(*) AS count FROM ${MIGRATIONS} WHERE name = ${LATEST_MIGRATION}`;
const UNAGGREGATED = sql`SELECT max(0, coalesce((SELECT max(${events.seq}) FROM ${events}), 0) - ${aggregated.seq})
  AS unaggregated FROM ${aggregated}`;
/** Writes the table's only row as it is. */
const WRITE_PROBE = sql`UPDATE ${aggregated} SET ${columnName(aggregated.seq)} = ${aggregated.seq}`;

const TO_MIGRATE = 'not applied: run "npx wrangler d1 migrations apply DB" (with --local or --remote)';

/**
 * `{ok, parts: {d1, writes, migrations, outbox}, bytes, unaggregated, waiting, deadLetters, lost, settings}`: each part
 * "ok" or what is wrong; `bytes` the size of D1; `unaggregated` seqs of the log that statistics lack; `waiting` groups
 * of rows that the outbox retries; `lost` rows of this isolate that no sink took, which are in its log; `settings` that
 * are wrong, each with its problem. Null where unknown.
 */
export async function health(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { DB, OUTBOX } = context.env;
  const [lag, written, migrated, counted] = await Promise.allSettled([
    withDeadline(UNAGGREGATED.prepare(DB).first<number>("unaggregated"), DEADLINE_MS, "D1"),
    withDeadline(WRITE_PROBE.prepare(DB).run(), DEADLINE_MS, "D1"),
    withDeadline(IS_MIGRATED.prepare(DB).first<number>("count"), DEADLINE_MS, "D1"),
    withDeadline(OUTBOX.getByName(OUTBOX_NAME).counts(), DEADLINE_MS, "the outbox"),
  ]);
  const parts = {
    d1: stateOf(lag),
    writes: stateOf(written),
    migrations: migrated.status === "fulfilled" && migrated.value === 0 ? TO_MIGRATE : stateOf(migrated),
    outbox: stateOf(counted),
  };
  const ok = Object.values(parts).every((part) => part === "ok");
  const counts = valueIn(counted);
  return context.json(
    {
      ok,
      parts,
      bytes: valueIn(written)?.meta.size_after ?? null,
      unaggregated: valueIn(lag) ?? null,
      waiting: counts?.waiting ?? null,
      deadLetters: counts?.deadLetters ?? null,
      lost: lostEventCount(),
      settings: configured(context.env).refused,
    },
    ok ? 200 : 503,
  );
}

function valueIn<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === "fulfilled" ? settled.value : undefined;
}

function stateOf(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === "fulfilled") return "ok";
  const reason = String(settled.reason);
  if (/no such table/i.test(reason)) return TO_MIGRATE;
  return /maximum DB size|database or disk is full/i.test(reason) ? "full" : "out of reach";
}
