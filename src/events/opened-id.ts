/** The id of an Opened: one for each message, or one for each person and email in all campaigns. */
import { sha256Hex } from "../platform/sha256.ts";
import type { Message } from "../tokens/claims.ts";

/**
 * The id of a message's Opened, and the name of its open gate: "o" and the first 128 bits of SHA-256 over the ids, in
 * hexadecimal. Ids hold no line feed, so that different messages have different texts.
 */
export function openedId(message: Message, per: "campaign" | "email"): string {
  const { email, person, campaign } = message;
  const ids = per === "campaign" ? [email, person, campaign] : [email, person];
  return `o${sha256Hex(ids.join("\n")).slice(0, 32)}`;
}
