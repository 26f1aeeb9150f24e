/**
 * The email handler: mail to the bounce address. Guarantees that a bounce is recorded before its mail is accepted:
 * when it cannot be, this throws, Cloudflare answers the sending server with a temporary failure
 * (cloudflare-docs#12591), and that server tries again for days; recording twice changes nothing. Other mail is
 * accepted and dropped: rejecting it would send a bounce to its alleged sender.
 */
import { settingsOf } from "../../config/settings.ts";
import { errorText, logger } from "../../platform/logger.ts";
import { withDeadline } from "../../platform/timeout.ts";
import { recordReports } from "../record.ts";
import { bounceReports, type Envelope, MAX_MAIL_BYTES, readBounceMail } from "./index.ts";

const COMMIT_DEADLINE_MS = 20_000;

/** @throws when the mail could not be read whole, the settings are wrong, or the commit is uncertain */
export async function receiveBounce(message: ForwardableEmailMessage, env: Env): Promise<void> {
  const settings = settingsOf(env);
  if (!settings.ok) throw new Error(`bounce mail refused for now: ${settings.reason.join(" ")}`);
  const raw = await headOf(message.raw, MAX_MAIL_BYTES);
  const envelope: Envelope = { from: message.from, to: message.to };
  const reports = bounceReports(await readBounceMail(raw, envelope), envelope);
  if (reports.length === 0) return logIgnored("a mail to the bounce address is not a bounce", message);
  try {
    const recording = recordReports(reports, settings.value, env, Date.now());
    const { recorded } = await withDeadline(recording, COMMIT_DEADLINE_MS, "D1");
    if (recorded === 0) logIgnored("a bounce mail carries no valid message token", message);
  } catch (error) {
    const text = errorText(error);
    logger.error("bounce mail not recorded", { error: text });
    // Redacted, because Cloudflare logs what is thrown here, too.
    throw new Error(text);
  }
}

/** Without addresses and tokens: more people read logs than mail. */
function logIgnored(message: string, { rawSize }: ForwardableEmailMessage): void {
  logger.info(message, { bytes: rawSize });
}

/** The first `limit` bytes. The rest is read, too, because a mail must be consumed to be accepted, but not kept. */
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
