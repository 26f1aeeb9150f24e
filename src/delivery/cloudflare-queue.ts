/**
 * Cloudflare Email Sending's events, from the queue into the log. Guarantees that a message is acknowledged only
 * when it is recorded; until then the queue delivers it again after growing pauses, and recording twice changes
 * nothing. A message of unknown shape is logged without its content and acknowledged: retries cannot make it
 * readable, and as a dead letter it could never be replayed.
 */
import { type Settings, settingsOf } from "../config/settings.ts";
import { retryLater } from "../ingest/consume.ts";
import { isRejectedRow } from "../platform/errors.ts";
import { logger } from "../platform/logger.ts";
import type { Report } from "./outcome.ts";
import { readCloudflareEvent } from "./providers/cloudflare.ts";
import { type OutcomeSinks, recordReports } from "./record.ts";

interface ReadMessage {
  readonly message: Message<unknown>;
  readonly reports: readonly Report[];
}

/** The queue handler. */
export async function consumeEmailEvents({ messages }: MessageBatch<unknown>, env: Env): Promise<void> {
  const settings = settingsOf(env);
  if (!settings.ok) {
    logger.warn("email events wait until the Worker is set up");
    for (const message of messages) retryLater(message);
    return;
  }
  const read: ReadMessage[] = [];
  for (const message of messages) {
    const event = readCloudflareEvent(message.body);
    if (event.ok) {
      read.push({ message, reports: event.value.reports });
    } else {
      logger.error("email event of unknown shape", { id: message.id });
      message.ack();
    }
  }
  await record(read, settings.value, env);
}

async function record(messages: readonly ReadMessage[], settings: Settings, sinks: OutcomeSinks): Promise<void> {
  try {
    const reports = messages.flatMap((each) => each.reports);
    await recordReports(reports, settings, sinks, Date.now());
    for (const { message } of messages) message.ack();
  } catch (error) {
    // A message that D1 will never accept must not hold up the others.
    if (isRejectedRow(error) && messages.length > 1) {
      for (const each of messages) await record([each], settings, sinks);
      return;
    }
    logger.warn("email events wait in the queue", { error });
    for (const { message } of messages) retryLater(message);
  }
}
