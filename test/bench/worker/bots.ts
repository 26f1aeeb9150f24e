/**
 * The real Worker, which also aggregates a simulated mailing on request and answers how well bots are distinguished.
 */
import worker from "../../../src/index.ts";
import { classifiedMailing } from "../../reports/classified-mailing.ts";
import { MARKING } from "../../reports/policy.ts";
import { simulatedMailing } from "../../reports/simulated-mailing.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

export default {
  async fetch(request, env) {
    const seed = Number(new URL(request.url).searchParams.get("seed"));
    return Response.json(await classifiedMailing(env.DB, simulatedMailing(seed), MARKING));
  },
  queue: worker.queue,
} satisfies ExportedHandler<Env>;
