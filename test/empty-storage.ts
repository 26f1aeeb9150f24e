/** Empties the storage that files of tests share. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../src/index.ts";

/** Batches that queues have delivered to the Worker: so many have begun, and so many of them have ended. */
const batches = { begun: 0, ended: 0 };
const MARKER = "marker ";
/** The marker that was delivered last. */
let arrived = "";

const isMarker = (body: unknown): body is string => typeof body === "string" && body.startsWith(MARKER);

const consume = worker.queue;
worker.queue = async (batch, ...others) => {
  const marker = batch.messages.map(({ body }) => body).find(isMarker);
  if (marker !== undefined) {
    // The messages beside it are of the file before.
    arrived = marker;
    return;
  }
  batches.begun++;
  try {
    await consume(batch, ...others);
  } finally {
    batches.ended++;
  }
};

const POLL_MS = 2;
const TIMEOUT_MS = 60_000;

/**
 * Leaves no Durable Object, no queued message and no row. A batch that a queue has on its way goes on, and would write
 * into the new storage: then all of it is emptied again.
 */
export async function emptyStorage(): Promise<void> {
  for (let before: number | undefined; before !== batches.begun; ) {
    before = batches.ended;
    await reset();
    // The new queue's first: it comes behind what the old one had on its way.
    const marker = MARKER + crypto.randomUUID();
    await env.EVENTS.send(marker);
    for (const started = performance.now(); arrived !== marker || batches.ended < batches.begun; ) {
      if (performance.now() - started > TIMEOUT_MS)
        throw new Error(`the queue of the file before has ${batches.begun - batches.ended} batches on their way`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
}
