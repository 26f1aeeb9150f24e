/**
 * A raw bounce mail, to reports: RFC 3464 delivery reports, text of servers without them, RFC 5965 abuse reports.
 * Pure.
 *
 * Guarantees that an ordinary mail, an autoreply or a challenge is not a bounce, whatever tokens it holds, and that
 * broken, nested or endless mails are not either. Anybody can write to a bounce address: a forged bounce is worth
 * no more than the message token in it, and an attacker only has tokens of mail to himself. So a report holds no
 * address, which the attacker could choose. Gives up: what stands after the first 256 KiB, and bounces without a
 * delivery report in other languages than English.
 */
import { sha256Hex } from "../../platform/sha256.ts";
import { verpToken } from "../carried-token.ts";
import type { Report } from "../outcome.ts";
import { attribute } from "./attribution.ts";
import { deliveryFindings } from "./delivery-status.ts";
import { feedbackFindings } from "./feedback.ts";
import type { Finding } from "./finding.ts";
import { MAX_MAIL_BYTES, readMail } from "./mail.ts";
import { type ReturnedMail, returnedMailOf } from "./returned-mail.ts";
import { textFindings } from "./text-report.ts";

export type { Finding } from "./finding.ts";
export { MAX_MAIL_BYTES } from "./mail.ts";

/** Addresses of the SMTP session; a null sender is "" or "<>". */
export interface Envelope {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface BounceMail {
  /** In the order of the mail; none when it is not a bounce. */
  readonly findings: readonly Finding[];
  readonly returned: ReturnedMail;
  /** Identifies the mail each time it arrives: its Message-ID, or SHA-256 of what was read of it. */
  readonly id: string;
}

const NO_RETURNED_MAIL: ReturnedMail = { to: [], tokens: [] };

/** Never throws. `raw` may be cut after its first `MAX_MAIL_BYTES` bytes. */
export async function readBounceMail(raw: Uint8Array, envelope: Envelope = {}): Promise<BounceMail> {
  const mail = await readMail(raw);
  if (mail === undefined) return { findings: [], returned: NO_RETURNED_MAIL, id: digest(raw) };
  const returned = returnedMailOf(mail);
  const findings =
    feedbackFindings(mail.parts, returned.to) ??
    deliveryFindings(mail.parts, mail.text) ??
    textFindings(mail, envelope.from);
  return { findings, returned, id: mail.messageId ?? digest(raw) };
}

/**
 * At most one report, because a token names one send to one person. Its tokens are, the likeliest first, that of
 * the envelope's recipient (VERP, `bounces+<token>@…`), of the returned mail's X-Waxseal-Message, and of its
 * Message-ID `<token@…>`. Without `atMs`, since the sender of a mail chooses its dates.
 */
export function bounceReports({ findings, returned, id }: BounceMail, envelope: Envelope = {}): readonly Report[] {
  const attributed = attribute(findings, returned.to);
  if (attributed === undefined) return [];
  const { outcome, recipients } = attributed;
  const verp = verpToken(envelope.to);
  const tokens = verp === undefined ? returned.tokens : [verp, ...returned.tokens];
  return [{ outcome, tokens, occurrence: `bounce-mail:${id} ${recipients}`.slice(0, 1_000) }];
}

const digest = (raw: Uint8Array) => sha256Hex(raw.subarray(0, MAX_MAIL_BYTES));
