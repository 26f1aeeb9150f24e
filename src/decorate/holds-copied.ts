/** Whether a text has addresses of another copy in it. */
import type { TokenKeys } from "../tokens/keys.ts";
import { tokensIn } from "./copied.ts";
import { CopiedTokens } from "./copied-tokens.ts";
import { DecorateError } from "./options.ts";
import { readings } from "./readings.ts";

/** @throws {DecorateError} naming the part that `tokens` is at when there are too many forged ones */
export function holdsCopied(text: string, tokens: CopiedTokens): boolean {
  for (const reading of readings(text, [], () => [{ start: 0, end: text.length }])) {
    for (const { copied } of tokensIn(reading.text, tokens)) if (copied.kind !== "unverified") return true;
  }
  return false;
}

/**
 * The same of a text that is not decorated, which refuses no email.
 * @returns "unknown" when there are too many forged tokens in it
 */
export function copiedIn(text: string, keys: TokenKeys): "some" | "none" | "unknown" {
  try {
    return holdsCopied(text, new CopiedTokens(keys, "message")) ? "some" : "none";
  } catch (error) {
    if (error instanceof DecorateError) return "unknown";
    throw error;
  }
}
