/**
 * A raw bounce mail, to reports: RFC 3464 delivery reports, text of servers without them, RFC 5965 abuse reports.
 * Pure.
 *
 * Guarantees that an ordinary mail, an autoreply or a challenge is not a bounce, whatever tokens it holds, and that
 * broken, nested or endless mails are not either. Anybody can write to a bounce address: a forged bounce is worth
 * no more than the message token in it, and an attacker only has tokens of mail to himself. So a report holds no
 * address, which the attacker could choose. A stranger's mail costs little: texts are cut, and patterns are bounded.
 * Gives up: what comes after the first 256 KiB.
 */
import { sha256Hex } from "../../platform/sha256.ts";
import { isHelp } from "../address.ts";
import { verpToken } from "../carried-token.ts";
import type { Report } from "../outcome.ts";
import { attribute } from "./attribution.ts";
import { bounceTextOf, dividedText } from "./bounce-text.ts";
import { deliveryFindings, unwrappedFindings } from "./delivery-status.ts";
import { feedbackFindings } from "./feedback.ts";
import type { Finding } from "./finding.ts";
import { headersIn, MAX_MAIL_BYTES, type Mail, readMail } from "./mail.ts";
import { NO_RETURNED_MAIL, type ReturnedMail, returnedMailOf } from "./returned-mail.ts";
import { sesNotice } from "./ses-notice.ts";
import { textFindings } from "./text-report.ts";
import { writerOf } from "./writer.ts";

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

/** Gateways and groups wrap a notice into another mail, seldom twice. */
const MAX_WRAPPINGS = 2;
/** The notice and its report come first. Each wrapping is parsed once more, in a time that grows with the lines. */
const MAX_WRAPPED_LINES = 1_000;

/** Never throws. `raw` may be cut after its first `MAX_MAIL_BYTES` bytes. */
export async function readBounceMail(raw: Uint8Array, envelope: Envelope = {}): Promise<BounceMail> {
  const mail = await readMail(raw);
  if (mail === undefined) return { findings: [], returned: NO_RETURNED_MAIL, id: digest(raw) };
  const { findings, returned } = await readNotice(mail, envelope.from, MAX_WRAPPINGS);
  return { findings, returned, id: mail.messageId ?? digest(raw) };
}

type Notice = Pick<BounceMail, "findings" | "returned">;

async function readNotice(mail: Mail, envelopeFrom: string | undefined, wrappings: number): Promise<Notice> {
  const divided = dividedText(mail.text);
  const returned = returnedMailOf(mail, divided.returned);
  const notification = sesNotice(mail);
  if (notification !== undefined) {
    const { findings, tokens } = notification;
    return { findings, returned: { ...returned, tokens: [...tokens, ...returned.tokens] } };
  }
  const text = bounceTextOf(divided, returned.subject);
  const isByPerson = writerOf(mail, envelopeFrom) === "person";
  const reported =
    feedbackFindings(mail, returned.to) ??
    deliveryFindings(mail, text, returned) ??
    (isByPerson ? undefined : unwrappedFindings(mail, text, returned));
  const mayWrap = !isByPerson && wrappings > 0;
  const attached = mail.parts.find(({ type }) => type === "message/rfc822")?.text ?? "";
  // Another mail system's notice says more than words around it that name nobody.
  const inner = [attached, divided.returned].find(isBySystem);
  const namesNobody = () =>
    textFindings(mail, text, { ...returned, to: [] }, envelopeFrom).every(({ recipient }) => isHelp(recipient));
  if (reported === undefined && mayWrap && inner !== undefined && namesNobody()) {
    const wrapped = await wrappedNotice(inner, wrappings);
    if (wrapped !== undefined) return wrapped;
  }
  const findings = reported ?? textFindings(mail, text, returned, envelopeFrom);
  if (findings.length > 0 || !mayWrap) return { findings, returned };
  return (await wrappedNotice(attached, wrappings)) ?? { findings, returned };
}

/** A notice that a mail system returned in its own mail. What a person attaches is a question about a bounce. */
async function wrappedNotice(text: string, wrappings: number): Promise<Notice | undefined> {
  const inner = text === "" ? undefined : await readMail(bytesOf(text));
  if (inner === undefined) return undefined;
  const notice = await readNotice(inner, undefined, wrappings - 1);
  return notice.findings.length === 0 ? undefined : notice;
}

/** By its headers, so that a newsletter is not parsed for them. */
function isBySystem(text: string): boolean {
  const headers = headersIn(text.trimStart());
  return writerOf({ headers, from: headers.get("from")?.[0] ?? "", parts: [] }, undefined) === "mail system";
}

const bytesOf = (text: string) => new TextEncoder().encode(text.trimStart().split("\n", MAX_WRAPPED_LINES).join("\n"));

/**
 * At most one report, because a token names one send to one person. Its tokens are, the likeliest first, that of
 * the envelope's recipient (VERP, `bounces+<token>@…`), then those of the returned mail. Without `atMs`, since the
 * sender of a mail chooses its dates.
 */
export function bounceReports({ findings, returned, id }: BounceMail, envelope: Envelope = {}): readonly Report[] {
  const attributed = attribute(findings, returned);
  if (attributed === undefined) return [];
  const { outcome, recipients } = attributed;
  const verp = verpToken(envelope.to);
  const tokens = verp === undefined ? returned.tokens : [verp, ...returned.tokens];
  return [{ outcome, tokens, sourceId: `bounce-mail:${id} ${recipients}`.slice(0, 1_000) }];
}

const digest = (raw: Uint8Array) => sha256Hex(raw.subarray(0, MAX_MAIL_BYTES));
