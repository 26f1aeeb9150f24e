/** GET /healthz: 200 while this Worker reaches its log, 503 with the failing part when not. */
import type { Context } from "hono";
import { events } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { lostEventCount, OUTBOX_NAME } from "./record.ts";

const DEADLINE_MS = 2_000;

/**
 * `{ok, parts: {d1, outbox}, waiting, deadLetters, lost}`: each part "ok" or what is wrong; `waiting` groups of rows
 * that the outbox retries; `lost` rows of this isolate that no sink took, which are in its log.
 */
export async function health(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { DB, OUTBOX } = context.env;
  const [d1, outbox] = await Promise.allSettled([
    withDeadline(sql`SELECT ${events.seq} FROM ${events} LIMIT 1`.prepare(DB).first(), DEADLINE_MS, "D1"),
    withDeadline(OUTBOX.getByName(OUTBOX_NAME).counts(), DEADLINE_MS, "the outbox"),
  ]);
  const ok = d1.status === "fulfilled" && outbox.status === "fulfilled";
  const counts = outbox.status === "fulfilled" ? outbox.value : undefined;
  return context.json(
    {
      ok,
      parts: { d1: stateOf(d1), outbox: stateOf(outbox) },
      waiting: counts?.waiting ?? null,
      deadLetters: counts?.deadLetters ?? null,
      lost: lostEventCount(),
    },
    ok ? 200 : 503,
  );
}

function stateOf(settled: PromiseSettledResult<unknown>): string {
  if (settled.status === "fulfilled") return "ok";
  return /no such table/i.test(String(settled.reason))
    ? 'has no tables: run "npx wrangler d1 migrations apply DB" (with --local or --remote)'
    : "out of reach";
}
