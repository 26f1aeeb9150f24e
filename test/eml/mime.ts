/** Messages for tests, one character a byte. */
import { type MimeMessage, readMessage, type TextPart } from "../../src/eml/mime-message.ts";

/** A message that can be read. */
export async function read(message: string | Buffer): Promise<MimeMessage> {
  const result = await readMessage(Buffer.isBuffer(message) ? message : Buffer.from(message, "latin1"));
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

/** The message with each part changed by `change`, one character a byte. */
export async function rewritten(
  message: string | Buffer,
  change: (text: string, part: TextPart) => string,
): Promise<string> {
  const { parts, write } = await read(message);
  const texts = new Map(parts.map((part) => [part, change(part.text, part)]));
  return (await write(texts, [])).toString("latin1");
}

/** With CRLF between them. */
export const lines = (...each: string[]) => each.join("\r\n");
