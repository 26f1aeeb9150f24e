/**
 * The Worker of worker/reading.ts, whose calls no limiter counts. The platform counts them on the machine that runs the
 * Worker; its local stand-in is a Worker of its own, and a call of it costs about as much as a query of D1.
 */
import reading from "./reading.ts";

export { Extracts, OpenGate, Outbox, ReadLeases, RetryClock } from "./reading.ts";

const UNCOUNTED: RateLimit = { limit: () => Promise.resolve({ success: true }) };

/** One object for all requests: settings are read anew for each. */
let uncounted: Env | undefined;

export default {
  async fetch(request, env, context) {
    uncounted ??= { ...env, API_CALLS: UNCOUNTED, SENDER_CALLS: UNCOUNTED };
    return await reading.fetch(request, uncounted, context);
  },
  queue: reading.queue,
} satisfies ExportedHandler<Env>;
