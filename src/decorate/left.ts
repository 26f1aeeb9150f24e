/** What cannot be decorated, and stays as it is beside what is. */
import type { TokenKeys } from "../tokens/keys.ts";
import { tokensIn } from "./copied.ts";
import { CopiedTokens } from "./copied-tokens.ts";
import { readings } from "./readings.ts";

/**
 * Whether a text has tokens of another copy in it.
 * @throws {DecorateError} naming `message` when there are too many forged ones
 */
export function holdsCopied(text: string, keys: TokenKeys): boolean {
  const tokens = new CopiedTokens(keys, "message");
  for (const reading of readings(text, [], () => [{ start: 0, end: text.length }])) {
    for (const { copied } of tokensIn(reading.text, tokens)) if (copied.kind !== "unverified") return true;
  }
  return false;
}
