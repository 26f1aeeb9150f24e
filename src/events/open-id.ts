/** What is opened at most once: the message, or the person's copy of the email in whatever campaign. */
import { sha256Hex } from "../platform/sha256.ts";
import type { Message } from "../tokens/claims.ts";

/**
 * The name of the gate of a message, and the id of its Opened in the log: "o" and the first 128 bits of SHA-256 over
 * the ids, in hexadecimal. Ids have no newline in them, so that no two messages spell the same text.
 */
export function openKey(message: Message, per: "campaign" | "email"): string {
  const { email, person, campaign } = message;
  const ids = per === "campaign" ? [email, person, campaign] : [email, person];
  return `o${sha256Hex(ids.join("\n")).slice(0, 32)}`;
}
