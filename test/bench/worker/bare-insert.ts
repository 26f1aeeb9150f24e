/**
 * The real Worker, and the control for outcomes: `POST /bare` inserts the rows of its body into D1 and times the
 * insert.
 */
import worker from "../../../src/index.ts";
import { insertStatement } from "../../../src/ingest/insert.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/bare") return await worker.fetch(request, env, context);
    const statement = insertStatement(env.DB, await request.text());
    // The clock stands still between one arrival and the next: this is one, made for the clock's sake.
    await scheduler.wait(0);
    const start = Date.now();
    await statement.run();
    return Response.json({ ms: Date.now() - start });
  },
  queue: worker.queue,
} satisfies ExportedHandler<Env>;
