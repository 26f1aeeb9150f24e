/** The real Worker with counters, whose log gets months of events, statistics and an archive on request. */
import { moveMessages } from "../../../src/archive/messages/move.ts";
import { rewriteSegment, segmentToRewrite } from "../../../src/archive/rewrite.ts";
import { writeSegment } from "../../../src/archive/write.ts";
import { rowOf } from "../../../src/events/row.ts";
import { insertStatement } from "../../../src/ingest/insert.ts";
import { aggregateLog } from "../../../src/reports/aggregate.ts";
import { statementsForLeaving } from "../../../src/retries/leaving.ts";
import { MARKING } from "../../reports/policy.ts";
import counting, { countingOnce } from "./counting.ts";
import { eventsOfMonth, type Month } from "./month.ts";
import { timed } from "./reading.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "./counting.ts";

const ROWS_AN_INSERT = 1_000;
const LATER_MS = 7 * 86_400_000;
/** Recorded when they happened. */
const RECORD_IN_TIME = "UPDATE events SET recorded_at = at WHERE seq > ?1";

/** Not counted: what it costs to record events is known. */
async function recordMonth(d1: D1Database, month: Month): Promise<number> {
  const events = eventsOfMonth(month);
  const seq = (await d1.prepare("SELECT max(seq) AS seq FROM events").first<number>("seq")) ?? 0;
  for (let from = 0; from < events.length; from += ROWS_AN_INSERT) {
    const rows = events.slice(from, from + ROWS_AN_INSERT).map(rowOf);
    await insertStatement(d1, `[${rows.join(",")}]`).run();
  }
  await d1.prepare(RECORD_IN_TIME).bind(seq).run();
  return events.length;
}

async function archive(env: Env, beforeMs: number): Promise<{ readonly rows: number; readonly bytes: number }> {
  const written = { rows: 0, bytes: 0 };
  for (;;) {
    const segment = await writeSegment(countingOnce(env), beforeMs);
    if (segment === undefined) return written;
    if (segment === false) throw new Error("the log has changed");
    written.rows += segment.rows;
    written.bytes += segment.bytes;
  }
}

/** Messages move, and days later what has stayed with them leaves their segments' part of D1. */
async function moveWithBounces(env: Env, beforeMs: number): Promise<number> {
  const moved = await moveMessages(env, beforeMs, Number.POSITIVE_INFINITY, statementsForLeaving);
  const laterMs = Date.now() + LATER_MS;
  for (let after = 0; ; ) {
    const segment = await segmentToRewrite(env.DB, laterMs, after);
    if (segment === undefined) return moved;
    if (!(await rewriteSegment(env, segment, laterMs))) throw new Error("the log has changed");
    after = segment.last;
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string) => Number(searchParams.get(name));
    switch (pathname) {
      case "/month":
        return Response.json({
          rows: await recordMonth(env.DB, {
            index: number("index"),
            messages: number("messages"),
            lengthMs: number("length"),
          }),
        });
      case "/aggregate": {
        const { ms, value } = await timed(() => aggregateLog(countingOnce(env), MARKING, Number.POSITIVE_INFINITY));
        return Response.json({ ms, rows: value });
      }
      case "/archive": {
        const { ms, value } = await timed(() => archive(env, number("before")));
        return Response.json({ ms, ...value });
      }
      case "/messages": {
        const around = countingOnce(env);
        const { ms, value } = await timed(() => moveWithBounces(around, number("before")));
        return Response.json({ ms, rows: value });
      }
      default:
        return await counting.fetch(request, env, context);
    }
  },
  queue: counting.queue,
} satisfies ExportedHandler<Env>;
