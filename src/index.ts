/** The Worker's entry points: requests, queues, schedule, email, and its Durable Objects. */
import { app } from "./app.ts";
import { settingsOf } from "./config/settings.ts";
import { receiveBounce } from "./delivery/bounce-mail/receive.ts";
import { consumeEmailEvents } from "./delivery/cloudflare-queue.ts";
import { PROTECTION } from "./http/answers.ts";
import { isAddressed } from "./http/path.ts";
import { consumeDeadLetters, consumeEvents } from "./ingest/consume.ts";
import { runScheduledWork } from "./scheduled.ts";
import { wakeEndpoints } from "./webhooks/index.ts";

export { Alerts } from "./alerts/alerts.ts";
export { ReadLeases } from "./http/read-leases.ts";
export { Outbox } from "./ingest/outbox.ts";
export { Extracts } from "./marketo/extract/extracts.ts";
export { RetryClock } from "./retries/clock.ts";
export { OpenGate } from "./tracking/open-gate.ts";
export { WebhookEndpoint } from "./webhooks/endpoint.ts";

const DEAD_LETTERS = /-dead-letters$/;
const EMAIL_EVENTS = /-email-events$/;

export default {
  fetch(request, env, context) {
    if (isAddressed(request)) return app.fetch(request, env, context);
    return new Response("That is no address.\n", { status: 400, headers: PROTECTION });
  },
  async queue(batch, env, context?: ExecutionContext) {
    if (DEAD_LETTERS.test(batch.queue)) return await consumeDeadLetters(batch, env);
    if (EMAIL_EVENTS.test(batch.queue)) await consumeEmailEvents(batch, env);
    else await consumeEvents(batch, env);
    if (context !== undefined) wakeEndpoints(env, context);
  },
  async scheduled(_controller, env) {
    const settings = settingsOf(env);
    if (settings.ok) await runScheduledWork(env, settings.value);
  },
  async email(message, env, context?: ExecutionContext) {
    await receiveBounce(message, env);
    if (context !== undefined) wakeEndpoints(env, context);
  },
} satisfies ExportedHandler<Env>;
