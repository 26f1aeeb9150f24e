/**
 * Queue → D1. A batch of messages is one insert. Guarantees that a message is acknowledged only when its rows are in
 * D1, and that one delivered twice adds nothing. While D1 is down messages wait in the queue, with growing pauses. Rows
 * that D1 rejects become dead letters, and do not hold up the other messages.
 */

import { backoffMs } from "../platform/backoff.ts";
import { isRejectedRow } from "../platform/errors.ts";
import { errorText, logger } from "../platform/logger.ts";
import { insertRows } from "./insert.ts";
import { rowsOf } from "./queue-body.ts";
import { OUTBOX_NAME, type Sinks } from "./record.ts";

/** Cloudflare Queues allow a delay of 12 hours; one hour is long enough with 100 attempts. */
const REDELIVERY = { firstMs: 10_000, maxMs: 3_600_000 } as const;

type ConsumerSinks = Pick<Sinks, "DB" | "OUTBOX">;

export async function consumeEvents(batch: MessageBatch<unknown>, sinks: ConsumerSinks): Promise<void> {
  const groups: string[] = [];
  const readable: Message<unknown>[] = [];
  const unreadable: Message<unknown>[] = [];
  for (const message of batch.messages) {
    const rows = rowsOf(message.body);
    if (rows.ok) groups.push(rows.value);
    (rows.ok ? readable : unreadable).push(message);
  }
  await addDeadLetters(unreadable, "unknown version of body", sinks);
  try {
    await insertRows(sinks.DB, groups);
    for (const message of readable) message.ack();
  } catch (error) {
    if (isRejectedRow(error)) return await consumeOneByOne(readable, groups, sinks);
    logger.warn("D1 refused a batch; the queue keeps it", { error });
    for (const message of readable) retryLater(message);
  }
}

/** Stores messages that the queue has given up on as dead letters, which `waxseal dead-letters` lists and replays. */
export async function consumeDeadLetters(batch: MessageBatch<unknown>, sinks: Pick<Sinks, "OUTBOX">): Promise<void> {
  await addDeadLetters(batch.messages, "the queue gave up on it", sinks);
}

async function consumeOneByOne(
  messages: readonly Message<unknown>[],
  groups: readonly string[],
  sinks: ConsumerSinks,
): Promise<void> {
  for (const [index, message] of messages.entries()) {
    try {
      await insertRows(sinks.DB, groups.slice(index, index + 1));
      message.ack();
    } catch (error) {
      if (isRejectedRow(error)) await addDeadLetters([message], errorText(error), sinks);
      else retryLater(message);
    }
  }
}

async function addDeadLetters(
  messages: readonly Message<unknown>[],
  error: string,
  { OUTBOX }: Pick<Sinks, "OUTBOX">,
): Promise<void> {
  for (const message of messages) {
    const body = typeof message.body === "string" ? message.body : JSON.stringify(message.body);
    try {
      await OUTBOX.getByName(OUTBOX_NAME).addDeadLetter(body, error);
      logger.error("dead letter", { id: message.id, error });
      message.ack();
    } catch {
      // While the outbox is unreachable, the queue keeps the message and delivers it again.
      retryLater(message);
    }
  }
}

/** Returns a message to the queue, with a delay that grows with its attempts. */
export function retryLater(message: Message<unknown>): void {
  message.retry({ delaySeconds: backoffMs(REDELIVERY, message.attempts) / 1_000 });
}
