/** The queue's part: it delivers bodies to the Worker. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../../src/index.ts";

/** Delivers bodies as one batch; returns the ids of acknowledged and of retried messages: m0, m1 … */
export async function deliver(bodies: readonly unknown[], around: Env = env, queue = "waxseal-events") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await worker.queue(batch, around);
  const result = await getQueueResult(batch, context);
  return { acknowledged: result.explicitAcks, retried: result.retryMessages.map(({ msgId }) => msgId) };
}
