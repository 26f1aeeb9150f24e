/**
 * Wraps an email's HTML into a MIME message, and reads the HTML back. Written from RFC 2045 and 2046 alone, as a
 * check on the command. Bytes are one character each.
 */

export type TransferEncoding = "quoted-printable" | "base64";

export interface MailPart {
  readonly html: string;
  readonly charset: string;
  readonly encoding: TransferEncoding;
}

const BOUNDARY = "=_Real mail, part";
const LINE_LENGTH = 76;

export function messageOf({ html, charset, encoding }: MailPart): string {
  return [
    "Received: from mx.example.com",
    "\tby mail.example.com; Mon, 2 Nov 2026 10:00:00 +0000",
    "From: =?utf-8?q?Caf=C3=A9?= <news@example.com>",
    "Subject: Hello",
    "MIME-Version: 1.0",
    "Content-Type: multipart/alternative;",
    ` boundary="${BOUNDARY}"`,
    "",
    "A preamble.",
    `--${BOUNDARY}`,
    "Content-Type: text/plain; charset=iso-8859-1",
    "Content-Transfer-Encoding: 8bit",
    "",
    "A caf\xe9, and no address.",
    `--${BOUNDARY}`,
    `Content-Type: text/html; charset="${charset}"`,
    `Content-Transfer-Encoding: ${encoding}`,
    "",
    encoding === "base64" ? base64(html) : quotedPrintable(html),
    `--${BOUNDARY}--`,
    "An epilogue.",
    "",
  ].join("\r\n");
}

export interface TakenApart {
  readonly html: string;
  /** As it is in the message, encoded. */
  readonly body: string;
  /** The message around `body`, without the fields that the command adds to the header. */
  readonly around: readonly [before: string, after: string];
}

export function takenApart(message: string, encoding: TransferEncoding): TakenApart {
  const part = message.indexOf(`Content-Transfer-Encoding: ${encoding}`);
  const start = message.indexOf("\r\n\r\n", part) + 4;
  const end = message.indexOf(`\r\n--${BOUNDARY}`, start);
  const body = message.slice(start, end);
  const added = /^(?:List-Unsubscribe|List-Unsubscribe-Post|X-Waxseal-Message): .*\r\n/gm;
  return {
    html: encoding === "base64" ? Buffer.from(body, "base64").toString("latin1") : fromQuotedPrintable(body),
    body,
    around: [message.slice(0, start).replace(added, ""), message.slice(end)],
  };
}

function base64(text: string): string {
  return (
    Buffer.from(text, "latin1")
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\r\n");
}

/** RFC 2045 §6.7. Line ends of the text are those of the message. */
function quotedPrintable(text: string): string {
  const lines = text.split("\r\n").map((line) => {
    let encoded = "";
    let length = 0;
    for (const [index, character] of Array.from(line).entries()) {
      const isLast = index === line.length - 1;
      const stands = /[!-<>-~]/.test(character) || (/[ \t]/.test(character) && !isLast);
      const written = stands ? character : `=${hexadecimal(character)}`;
      // One place is the soft line break's.
      if (length + written.length > LINE_LENGTH - 1) {
        encoded += "=\r\n";
        length = 0;
      }
      encoded += written;
      length += written.length;
    }
    return encoded;
  });
  return lines.join("\r\n");
}

function hexadecimal(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

function fromQuotedPrintable(body: string): string {
  return body
    .replace(/=[ \t]*\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
