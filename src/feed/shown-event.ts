/**
 * An event as a caller of `/v1` may see it. A caller who sees no whole addresses gets a reference to its message: the
 * person's id may be masked. It is never a message token, in which anybody can read that id.
 */
import { NO_ID } from "../events/event.ts";
import { messageReference } from "../http/message-reference.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type EventRow, eventAnswer } from "./event-answer.ts";

export function shownEvent(row: EventRow, keys: TokenKeys, seesAddresses: boolean) {
  const answer = eventAnswer(row, keys);
  return seesAddresses || row.email === NO_ID ? answer : { ...answer, message: messageReference(keys, row) };
}
