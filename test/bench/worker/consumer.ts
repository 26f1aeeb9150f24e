/**
 * The real Worker, which also fills its queue on request, times its own consumer and times a bare insert of those rows.
 */
import { rowOf } from "../../../src/events/row.ts";
import worker from "../../../src/index.ts";
import { insertStatement } from "../../../src/ingest/insert.ts";
import { bodyOf } from "../../../src/ingest/queue-body.ts";
import { groupOf } from "../../../src/ingest/row-group.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

const ROWS_A_MESSAGE = 20;
const MESSAGES_A_BATCH = 100;

let consumedRows = 0;
let consumedMs = 0;
let made = 0;

function rows(count: number): string[] {
  const run = crypto.randomUUID().replaceAll("-", "");
  return Array.from({ length: count }, () =>
    rowOf({
      type: "clicked",
      id: `${run}.${(made++).toString(36)}`,
      atMs: Date.now(),
      message: { email: "1042", person: String(5_000_000 + made), campaign: "88012" },
      link: {
        id: "a1b2c3d4",
        url: "https://shop.example.com/collections/autumn/products/linen-shirt?item=7",
      },
      visitor: { userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36" },
    }),
  );
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/fill") {
      // One by one: a sendBatch holds 256 KB at most.
      for (let message = 0; message < MESSAGES_A_BATCH; message++)
        await env.EVENTS.send(bodyOf(groupOf(rows(ROWS_A_MESSAGE))), { contentType: "text" });
      return Response.json({ rows: ROWS_A_MESSAGE * MESSAGES_A_BATCH });
    }
    if (pathname === "/insert") {
      // The same rows: as many isolates' ids, so that they fall as far apart in the index.
      const all = Array.from({ length: MESSAGES_A_BATCH }, () => rows(ROWS_A_MESSAGE)).flat();
      const statement = insertStatement(env.DB, `[${all.join(",")}]`);
      // The clock stands still between one arrival and the next: this is one, made for the clock's sake.
      await scheduler.wait(0);
      const start = Date.now();
      await statement.run();
      return Response.json({ rows: all.length, ms: Date.now() - start });
    }
    return Response.json({ rows: consumedRows, ms: consumedMs });
  },
  async queue(batch, env) {
    await scheduler.wait(0);
    const start = Date.now();
    await worker.queue(batch, env);
    consumedMs += Date.now() - start;
    consumedRows += batch.messages.length * ROWS_A_MESSAGE;
  },
} satisfies ExportedHandler<Env>;
