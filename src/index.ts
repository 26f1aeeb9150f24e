/** The Worker: wires requests, queues and the Durable Objects. Nothing else. */
import type { Env } from "./env.ts";
import { consumeDeadLetters, consumeEvents } from "./log/consume.ts";
import { app } from "./routes/app.ts";
import { click } from "./routes/click.ts";

export { Outbox } from "./log/outbox.ts";
export { OpenGate } from "./opens/gate.ts";

const DEAD_LETTERS = /-dead-letters$/;

export default {
  fetch(request, env, context) {
    const at = request.url.indexOf("/", 8);
    if (request.method === "GET" && request.url.startsWith("/c/", at))
      return click(request, env, context, request.url.slice(at + 3));
    return app.fetch(request, env, context);
  },
  async queue(batch, env) {
    if (DEAD_LETTERS.test(batch.queue)) await consumeDeadLetters(batch, env);
    else await consumeEvents(batch, env);
  },
} satisfies ExportedHandler<Env>;
