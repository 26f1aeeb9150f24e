/**
 * A bounce mail, raw, to reports: RFC 3464 delivery reports, servers that only write text, RFC 5965 abuse reports. Pure.
 *
 * Guarantees that an ordinary mail, an autoreply or a challenge is no report whatever tokens it holds, and that broken, nested or
 * endless mails are none either. Anybody can write to a bounce address: what is forged here is worth no more than the message token
 * it carries, and the one that an attacker holds is that of a mail to himself. So a report bears no address: it would be an address
 * of the attacker's choice. Gives up what lies behind the first quarter of a mebibyte, and bounces in other languages than English that do not
 * keep to RFC 3464.
 */
import { sha256Hex } from "../../platform/sha256.ts";
import { verpToken } from "../carried-token.ts";
import type { Report } from "../outcome.ts";
import { attributed } from "./attribution.ts";
import { deliveryFindings } from "./delivery-status.ts";
import { feedbackFindings } from "./feedback.ts";
import type { Finding } from "./finding.ts";
import { MAIL_READ, readMail } from "./mail.ts";
import { type Original, originalOf } from "./original.ts";
import { textFindings } from "./text-report.ts";

export type { Finding } from "./finding.ts";
export { MAIL_READ } from "./mail.ts";

/** Of the SMTP session; null senders are "" or "<>". */
export interface Envelope {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface BounceMail {
  /** In the order of the mail; none: it is no bounce. */
  readonly findings: readonly Finding[];
  readonly original: Original;
  /** Names the mail, the same whenever it comes: its Message-ID, or SHA-256 of what was read of it. */
  readonly id: string;
}

const NO_ORIGINAL: Original = { to: [], tokens: [] };

/** Never throws. `raw` may be cut behind its first `MAIL_READ` bytes. */
export async function readBounceMail(raw: Uint8Array, envelope: Envelope = {}): Promise<BounceMail> {
  const mail = await readMail(raw);
  if (mail === undefined) return { findings: [], original: NO_ORIGINAL, id: digest(raw) };
  const original = originalOf(mail);
  const findings =
    feedbackFindings(mail.parts, original.to) ??
    deliveryFindings(mail.parts, mail.text) ??
    textFindings(mail, envelope.from);
  return { findings, original, id: mail.messageId ?? digest(raw) };
}

/**
 * At most one report: a token names one send to one person. Its tokens are, likeliest first, that of the envelope's recipient (VERP,
 * `bounces+<token>@…`), of the returned mail's X-Waxseal-Message, and of its Message-ID `<token@…>`. `atMs` is undefined: dates in
 * a mail are whatever its writer wants.
 */
export function reportsOf(
  { findings, original, id }: BounceMail,
  envelope: Envelope = {},
): readonly Report[] {
  const told = attributed(findings, original.to);
  if (told === undefined) return [];
  const verp = verpToken(envelope.to);
  const tokens = verp === undefined ? original.tokens : [verp, ...original.tokens];
  return [
    { outcome: told.outcome, tokens, occurrence: `bounce-mail:${id} ${told.recipients}`.slice(0, 1_000) },
  ];
}

const digest = (raw: Uint8Array) => sha256Hex(raw.subarray(0, MAIL_READ));
