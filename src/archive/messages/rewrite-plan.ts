/** What becomes of a message file's messages when it is rewritten: decided of each by itself. */
import { DAY_MS } from "../../platform/durations.ts";
import type { Message } from "../../tokens/claims.ts";
import { isPseudonym } from "../../tokens/pseudonym.ts";
import { type FileContent, type FiledMessage, type LeftMessage, lastSeqOf } from "./message-file.ts";
import { keyOfMessage } from "./message-filter.ts";

/** Time Travel takes D1 back by 30 days at most ("Time Travel" of D1). */
export const RESTORED_MS = 31 * DAY_MS;

/** A message that came back, and its row in D1 as JSON; undefined: D1 has no row of it, or one of later events. */
export interface RecalledMessage extends Message {
  readonly usedAt: number;
  readonly stored: string | undefined;
}

/** What a file may give up. */
export interface RewriteLimits {
  /** No message has an event below it. */
  readonly logStart: number;
  /** Retention has deleted what happened before, ms since 1970 UTC; 0: it deletes nothing. */
  readonly keptFromMs: number;
  /** Messages that were used later stay as they are: somebody may be about to write about them. */
  readonly idleSinceMs: number;
}

export interface RewritePlan {
  /** What the file has afterwards. */
  readonly messages: readonly FiledMessage[];
  /** Those among them that came back, and are in D1 as they are here: their rows leave D1 again. */
  readonly returning: readonly FiledMessage[];
  /** What the object keeps of those that left it before. */
  readonly keptLeft: readonly LeftMessage[];
  /** Those that leave it now, which the object keeps. */
  readonly leaving: readonly FiledMessage[];
  /** How many came back and were not used lately, in the file or not. */
  readonly idle: number;
  /** Whether the object stays as it is. */
  readonly isSame: boolean;
}

/**
 * `stays`; `returns`: it stays, and its row leaves D1 again; `leaves`: D1 has it with later events; `erased`: nothing
 * keeps it; `old`: retention has deleted its events.
 */
type Fate = "stays" | "returns" | "leaves" | "erased" | "old";

/** @param recalled those that came back, by `keyOfMessage` */
export function planOf(
  { messages: filed, left }: FileContent,
  recalled: ReadonlyMap<string, RecalledMessage>,
  limits: RewriteLimits,
): RewritePlan {
  const { idleSinceMs } = limits;
  const fates = filed.map((message) => ({
    message,
    fate: fateOf(message, recalled.get(keyOfMessage(message)), limits),
  }));
  const those = (...wanted: readonly Fate[]) =>
    fates.filter(({ fate }) => wanted.includes(fate)).map(({ message }) => message);
  const messages = those("stays", "returns");
  const keptLeft = left.filter(
    (message) => !recalled.has(keyOfMessage(message)) && message.leftAt > idleSinceMs - RESTORED_MS,
  );
  return {
    messages,
    returning: those("returns"),
    keptLeft,
    leaving: those("leaves"),
    idle: [...recalled.values()].filter(({ usedAt }) => usedAt <= idleSinceMs).length,
    isSame: messages.length === filed.length && keptLeft.length === left.length,
  };
}

function fateOf(
  message: FiledMessage,
  recalled: RecalledMessage | undefined,
  { logStart, keptFromMs, idleSinceMs }: RewriteLimits,
): Fate {
  if (recalled === undefined) {
    // A pseudonym names nobody: those messages stay.
    const isOld = message.since < keptFromMs && (lastSeqOf(message) ?? 0) < logStart && !isPseudonym(message.person);
    return isOld ? "old" : "stays";
  }
  if (recalled.usedAt > idleSinceMs) return "stays";
  if (recalled.stored === undefined) return "erased";
  return recalled.stored === JSON.stringify(message) ? "returns" : "leaves";
}
