/**
 * Queue → D1. A batch of messages is one insert. Guarantees that a message is acknowledged only when its rows are in
 * D1, and that one delivered twice adds nothing. While D1 is down messages wait in the queue, with growing pauses. Rows
 * that D1 rejects become dead letters, and do not hold up the other messages.
 */
import { backoffMs } from "../platform/backoff.ts";
import { HOUR_MS } from "../platform/durations.ts";
import { errorText, logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { insertGroups, isUnacceptable } from "./insert.ts";
import { rowsIn } from "./queue-body.ts";
import { type OutboxEnv, outboxOf, SINK_TIMEOUT_MS, type Sinks } from "./record.ts";
import type { RowGroup } from "./row-group.ts";

/** Cloudflare Queues allow a delay of 12 hours; one hour is long enough with 100 attempts. */
const REDELIVERY = { firstMs: 10_000, maxMs: HOUR_MS } as const;

type ConsumerSinks = Omit<Sinks, "EVENTS">;

/** A message and its rows. */
interface QueuedGroup {
  readonly message: Message<unknown>;
  readonly group: RowGroup;
}

export async function consumeEvents(batch: MessageBatch<unknown>, sinks: ConsumerSinks): Promise<void> {
  const groups: QueuedGroup[] = [];
  for (const message of batch.messages) {
    const rows = rowsIn(message.body);
    if (rows.ok) groups.push({ message, group: rows.value });
    else await addDeadLetter(message, "unknown version of body", sinks);
  }
  try {
    await consumeGroups(groups, sinks);
  } catch (error) {
    if (isUnacceptable(error)) return await consumeOneByOne(groups, sinks);
    logger.warn("D1 refused a batch; the queue keeps it", { error });
    for (const { message } of groups) retryLater(message);
  }
}

/** Stores messages that the queue has given up on as dead letters, which `waxseal dead-letters` lists and replays. */
export async function consumeDeadLetters(batch: MessageBatch<unknown>, sinks: OutboxEnv): Promise<void> {
  for (const message of batch.messages) await addDeadLetter(message, "the queue gave up on it", sinks);
}

async function consumeGroups(groups: readonly QueuedGroup[], sinks: ConsumerSinks): Promise<void> {
  await insertGroups(
    sinks,
    groups.map(({ group }) => group),
  );
  for (const { message } of groups) message.ack();
}

async function consumeOneByOne(groups: readonly QueuedGroup[], sinks: ConsumerSinks): Promise<void> {
  for (const group of groups) {
    try {
      await consumeGroups([group], sinks);
    } catch (error) {
      if (isUnacceptable(error)) await addDeadLetter(group.message, errorText(error), sinks);
      else retryLater(group.message);
    }
  }
}

async function addDeadLetter(message: Message<unknown>, error: string, env: OutboxEnv) {
  const body = typeof message.body === "string" ? message.body : JSON.stringify(message.body);
  try {
    await withDeadline(outboxOf(env).addDeadLetter(body, error), SINK_TIMEOUT_MS, "outbox");
    logger.error("dead letter", { id: message.id, error });
    message.ack();
  } catch (failure) {
    logger.error("dead letter not confirmed; the queue keeps it", { id: message.id, error: failure });
    retryLater(message);
  }
}

/** Returns a message to the queue, with a delay that grows with its attempts. */
export function retryLater(message: Message<unknown>): void {
  message.retry({ delaySeconds: backoffMs(REDELIVERY, message.attempts) / 1_000 });
}
