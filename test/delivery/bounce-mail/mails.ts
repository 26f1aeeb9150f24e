/** Mails as servers write them, put together from what a test is about. */

const encoder = new TextEncoder();

/** Lines to a raw mail, with the line ends of SMTP. */
export const raw = (...lines: readonly string[]): Uint8Array =>
  encoder.encode(lines.join("\n").replaceAll("\n", "\r\n"));

/** Long enough to be a message token, but not signed. */
export const TOKEN = "FAE".padEnd(43, "x");
export const OTHER_TOKEN = "FAE".padEnd(43, "y");

export interface Dsn {
  /** The per-recipient fields of each. */
  readonly recipients: readonly (readonly string[])[];
  /** What people read. */
  readonly notice?: string;
  /** Headers of the returned mail. */
  readonly original?: readonly string[];
  /** Media type of the part that has them. */
  readonly originalType?: string;
  readonly headers?: readonly string[];
}

/** An RFC 3464 report. */
export function dsn({ recipients, notice = "It failed.", original, originalType, headers = [] }: Dsn): Uint8Array {
  return raw(
    "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>",
    "To: bounces@mail.example.com",
    "Message-ID: <bounce-1@mx.example.com>",
    "Subject: Undelivered Mail Returned to Sender",
    ...headers,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "MIME-Version: 1.0",
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    notice,
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.com",
    "Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000",
    "",
    ...recipients.flatMap((fields) => [...fields, ""]),
    ...(original === undefined
      ? []
      : ["--b", `Content-Type: ${originalType ?? "message/rfc822"}`, "", ...original, "", "Hello Marie", ""]),
    "--b--",
    "",
  );
}

export const failed = (address: string, status: string, said: string): readonly string[] => [
  `Final-Recipient: rfc822; ${address}`,
  "Action: failed",
  `Status: ${status}`,
  `Diagnostic-Code: smtp; ${said}`,
];

export const unknownUser = (address: string): readonly string[] =>
  failed(address, "5.1.1", `550 5.1.1 <${address}>... User unknown`);
export const mailboxFull = (address: string): readonly string[] =>
  failed(address, "5.2.2", `552 5.2.2 <${address}>... Mailbox full`);

/** A bounce that only people were meant to read. */
export const textBounce = (body: string, headers: readonly string[] = []): Uint8Array =>
  raw(
    "From: MAILER-DAEMON@mx.example.com",
    "To: bounces@mail.example.com",
    "Subject: failure notice",
    ...headers,
    "",
    body,
  );

/** An RFC 5965 report. */
export const abuseReport = (type: string, original: readonly string[], fields: readonly string[] = []): Uint8Array =>
  raw(
    "From: <feedback@isp.example>",
    "To: bounces@mail.example.com",
    "Message-ID: <report-1@isp.example>",
    "Subject: Abuse report",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "This is an abuse report.",
    "",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "User-Agent: SomeISP/1.0",
    "Version: 1",
    ...fields,
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    ...original,
    "",
    "Hello Marie",
    "",
    "--b--",
  );
