/**
 * Queue → D1. A batch of messages is one insert; a message is acknowledged only when its rows are in D1, and one that is
 * delivered twice adds nothing. While D1 is down messages wait in the queue, with growing pauses; rows that D1 will never
 * take become dead letters, without holding up their neighbours.
 */

import { backoffMs } from "../platform/backoff.ts";
import { isRejectedRow } from "../platform/errors.ts";
import { errorText, logger } from "../platform/logger.ts";
import { insertRows } from "./insert.ts";
import { rowsOf } from "./queue-body.ts";
import { OUTBOX_NAME, type Sinks } from "./record.ts";

/** Cloudflare Queues allow a delay of 12 hours; an hour is patient enough with 100 attempts. */
const REDELIVERY = { firstMs: 10_000, maxMs: 3_600_000 } as const;

export async function consumeEvents(
  batch: MessageBatch<unknown>,
  sinks: Pick<Sinks, "DB" | "OUTBOX">,
): Promise<void> {
  const groups: string[] = [];
  const unreadable: Message<unknown>[] = [];
  for (const message of batch.messages) {
    const rows = rowsOf(message.body);
    if (rows.ok) groups.push(rows.value);
    else unreadable.push(message);
  }
  await addDeadLetterEach(unreadable, "unknown version of body", sinks);
  try {
    await insertRows(sinks.DB, groups);
    for (const message of batch.messages) if (!unreadable.includes(message)) message.ack();
  } catch (error) {
    if (isRejectedRow(error)) return await consumeOneByOne(batch.messages, sinks);
    logger.warn("D1 refused a batch; the queue keeps it", { error });
    for (const message of batch.messages) if (!unreadable.includes(message)) retryLater(message);
  }
}

/** Messages that the queue gave up on: laid down as dead letters, for `waxseal dead-letters` to list and replay. */
export async function consumeDeadLetters(
  batch: MessageBatch<unknown>,
  sinks: Pick<Sinks, "OUTBOX">,
): Promise<void> {
  await addDeadLetterEach(batch.messages, "the queue gave up on it", sinks);
}

async function consumeOneByOne(
  messages: readonly Message<unknown>[],
  sinks: Pick<Sinks, "DB" | "OUTBOX">,
): Promise<void> {
  for (const message of messages) {
    const rows = rowsOf(message.body);
    if (!rows.ok) continue;
    try {
      await insertRows(sinks.DB, [rows.value]);
      message.ack();
    } catch (error) {
      if (isRejectedRow(error)) await addDeadLetterEach([message], errorText(error), sinks);
      else retryLater(message);
    }
  }
}

async function addDeadLetterEach(
  messages: readonly Message<unknown>[],
  error: string,
  { OUTBOX }: Pick<Sinks, "OUTBOX">,
): Promise<void> {
  for (const message of messages) {
    const body = typeof message.body === "string" ? message.body : JSON.stringify(message.body);
    try {
      await OUTBOX.getByName(OUTBOX_NAME).addDeadLetters([body], error);
      logger.error("dead letter", { id: message.id, error });
      message.ack();
    } catch {
      // The outbox is out of reach: the queue still has the message, and will bring it again.
      retryLater(message);
    }
  }
}

/** Gives a message back to the queue, for longer each time. */
export function retryLater(message: Message<unknown>): void {
  message.retry({ delaySeconds: backoffMs(REDELIVERY, message.attempts) / 1_000 });
}
