/**
 * Cloudflare Email Sending's events → the log. Guarantees that a message is acknowledged only when it is recorded; until then
 * the queue keeps it and brings it again with growing pauses, which changes nothing twice. A message of unknown shape is logged,
 * without its content, and let go: a hundred tries more would not make it readable, and as a dead letter it could never be
 * replayed into the log.
 */

import type { Settings } from "../config/settings.ts";
import { settingsOf } from "../config/settings.ts";
import { retryLater } from "../ingest/consume.ts";
import { isRejectedRow } from "../platform/errors.ts";
import { logger } from "../platform/logger.ts";
import type { Report } from "./outcome.ts";
import { readCloudflareEvent } from "./providers/cloudflare.ts";
import { type OutcomeSinks, recordReports } from "./record.ts";

interface Readable {
  readonly message: Message<unknown>;
  readonly reports: readonly Report[];
}

export async function consumeEmailEvents({ messages }: MessageBatch<unknown>, env: Env): Promise<void> {
  const settings = settingsOf(env);
  if (!settings.ok) {
    logger.warn("email events wait until the Worker is set up");
    for (const message of messages) retryLater(message);
    return;
  }
  const readable: Readable[] = [];
  for (const message of messages) {
    const reading = readCloudflareEvent(message.body);
    if (reading.ok) {
      readable.push({ message, reports: reading.value.reports });
      continue;
    }
    logger.error("email event of unknown shape", { id: message.id });
    message.ack();
  }
  await record(readable, settings.value, env);
}

async function record(readable: readonly Readable[], settings: Settings, sinks: OutcomeSinks): Promise<void> {
  try {
    const reports = readable.flatMap((each) => each.reports);
    await recordReports(reports, settings, sinks, Date.now());
    for (const { message } of readable) message.ack();
  } catch (error) {
    // One that D1 will never take must not hold up its neighbours.
    if (isRejectedRow(error) && readable.length > 1) {
      for (const each of readable) await record([each], settings, sinks);
      return;
    }
    logger.warn("email events wait in the queue", { error });
    for (const { message } of readable) retryLater(message);
  }
}
