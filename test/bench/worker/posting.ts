/**
 * The real Worker with counters between it and its bindings, whose log is filled on request: `/fill` wakes no endpoint,
 * `/record` does.
 */
import { insertStatement } from "../../../src/ingest/insert.ts";
import { wakeEndpoints } from "../../../src/webhooks/index.ts";
import counting, { countingOnce } from "./counting.ts";
import { seededRows } from "./seeded-log.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "./counting.ts";

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/fill" && pathname !== "/record") return await counting.fetch(request, env, context);
    // Not counted: what it costs to record them is known.
    const rows = seededRows(Number(searchParams.get("first")), Number(searchParams.get("count") ?? 1));
    const { meta } = await insertStatement(env.DB, `[${rows.join(",")}]`).run();
    if (pathname === "/record") wakeEndpoints(countingOnce(env), context);
    return Response.json({ written: meta.rows_written });
  },
  queue: counting.queue,
} satisfies ExportedHandler<Env>;
