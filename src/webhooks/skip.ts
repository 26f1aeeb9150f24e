/** Skips an event that waits after a failure: it is not posted any more, but by a later replay. */
import type { Deliveries } from "./deliveries.ts";
import type { Delivery } from "./delivery.ts";
import { resumed, skipping } from "./post-queue.ts";
import { type EndpointState, QUEUE_NAMES } from "./state.ts";

/** Leaves an event out wherever it waits, and lets what waited behind it be tried at once. Returns whether it waits. */
export function skipEvent(state: EndpointState, deliveries: Deliveries, eventId: string): boolean {
  const nowMs = Date.now();
  const retries = deliveries.retriesOf(eventId);
  for (const delivery of retries) skipIn(deliveries, delivery, eventId);
  let isFound = retries.length > 0;
  for (const name of QUEUE_NAMES) {
    const queue = state.queue(name);
    if (queue?.failure === undefined) continue;
    const delivery = deliveries.find(queue.failure.delivery);
    const event = delivery?.events.find(({ id }) => id === eventId);
    if (delivery === undefined || event === undefined) continue;
    const isEnded = skipIn(deliveries, delivery, eventId);
    const { failure, ...others } = skipping(resumed(queue, nowMs), event.seq);
    state.saveQueue(name, isEnded ? others : { ...others, failure });
    isFound = true;
  }
  return isFound;
}

/** Returns whether nothing else is left of the delivery. */
function skipIn(deliveries: Deliveries, { id, events }: Delivery, eventId: string): boolean {
  const event = events.find((each) => each.id === eventId);
  return event !== undefined && deliveries.skip(id, event);
}
