/** The Worker: wires requests, queues and the Durable Objects. Nothing else. */
import type { Env } from "./env.ts";
import { consumeDeadLetters, consumeEvents } from "./log/consume.ts";
import { app } from "./routes/app.ts";

export { Outbox } from "./log/outbox.ts";
export { OpenGate } from "./opens/gate.ts";

const DEAD_LETTERS = /-dead-letters$/;

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    if (DEAD_LETTERS.test(batch.queue)) await consumeDeadLetters(batch, env);
    else await consumeEvents(batch, env);
  },
} satisfies ExportedHandler<Env>;
