/**
 * The mail handler: what comes to the bounce address. Guarantees that a bounce of ours is recorded before the mail is accepted:
 * when it cannot be, this throws, Cloudflare answers the sending server with a temporary failure (cloudflare-docs#12591), and that
 * server comes again, for days; recording twice is recording once. Mail that is no bounce of ours is accepted and dropped: rejecting
 * it would send a bounce to whoever was named as its sender.
 */

import { settingsOf } from "../../config/settings.ts";
import { errorText, logger } from "../../platform/logger.ts";
import { withDeadline } from "../../platform/timeout.ts";
import { recordReports } from "../record.ts";
import { type Envelope, MAIL_READ, readBounceMail, reportsOf } from "./index.ts";

const COMMIT_DEADLINE_MS = 20_000;

/** @throws when the mail could not be read whole, the settings are wrong, or D1 may not have taken the bounce */
export async function receiveBounce(message: ForwardableEmailMessage, env: Env): Promise<void> {
  const settings = settingsOf(env);
  if (!settings.ok) throw new Error(`bounce mail refused for now: ${settings.reason.join(" ")}`);
  const raw = await headOf(message.raw, MAIL_READ);
  const envelope: Envelope = { from: message.from, to: message.to };
  const reports = reportsOf(await readBounceMail(raw, envelope), envelope);
  if (reports.length === 0) return say("a mail to the bounce address is no bounce", message);
  try {
    const recording = recordReports(reports, settings.value, env, Date.now());
    const { recorded } = await withDeadline(recording, COMMIT_DEADLINE_MS, "D1");
    if (recorded === 0) say("a bounce mail carries no message token of ours", message);
  } catch (error) {
    const words = errorText(error);
    logger.error("bounce mail not recorded", { error: words });
    // Cloudflare logs what is thrown here, too.
    throw new Error(words);
  }
}

/** Neither addresses nor tokens: logs are read by more people than mail is. */
function say(message: string, { rawSize }: ForwardableEmailMessage): void {
  logger.info(message, { bytes: rawSize });
}

/** The first `limit` bytes. The rest is read too, so that the mail counts as taken, but not kept. */
async function headOf(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const head = new Uint8Array(limit);
  let length = 0;
  for await (const chunk of stream) {
    const part = chunk.subarray(0, limit - length);
    head.set(part, length);
    length += part.length;
  }
  return head.subarray(0, length);
}
