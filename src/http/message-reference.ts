/**
 * References to messages: the encrypted ids of one, by which `/v1` shows it to who is not shown a person's id.
 * Guarantees that nobody else reads a reference, and that it does nothing else: unlike a message token it reports no
 * outcome.
 */
import type { Message } from "../tokens/claims.ts";
import { decryptText, encryptText } from "../tokens/encrypted-text.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { verifyToken } from "../tokens/verify.ts";

export function messageReference(keys: TokenKeys, { email, campaign, person }: Message): string {
  // Ids have no slash.
  return encryptText(keys, "message", [email, campaign, person].join("/"));
}

/** The message of a reference or of a message token; undefined for a text that no key of ours has made. */
export function referredMessage(keys: TokenKeys, text: string): Message | undefined {
  const token = verifyToken(keys, "message", text);
  return token.ok ? token.value : readReference(keys, text);
}

function readReference(keys: TokenKeys, reference: string): Message | undefined {
  const text = decryptText(keys, "message", reference);
  const [email, campaign, person] = text.ok ? text.value.split("/") : [];
  if (email === undefined || campaign === undefined || person === undefined) return undefined;
  return { email, campaign, person };
}
