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

/** Asks it of what is not decorated, which refuses no email: with too many forged tokens in it, it may hold some. */
export function mayHoldCopied(text: string, keys: TokenKeys): boolean | "maybe" {
  try {
    return holdsCopied(text, new CopiedTokens(keys, "message"));
  } catch (error) {
    if (error instanceof DecorateError) return "maybe";
    throw error;
  }
}
