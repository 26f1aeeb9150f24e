/**
 * The Sents that outcomes imply: some providers report what happened to an email, and never that it was sent. A Sent
 * that is in the log already stays as it is, and one that is reported later has the same id and adds nothing. A
 * complaint is logged as an Unsubscribed and implies none, like an open or a click.
 */
import type { OutcomeEvent, Sent } from "../events/event.ts";
import { sendKey, sentId } from "../events/send-key.ts";

/** One Sent for each send, at the time of its earliest outcome. */
export function impliedSents(outcomes: readonly OutcomeEvent[]): Sent[] {
  const sents = new Map<string, Sent>();
  for (const { message, address, atMs } of outcomes) {
    const id = sentId(sendKey(message));
    const known = sents.get(id);
    sents.set(id, {
      type: "sent",
      id,
      message,
      isImplied: true,
      atMs: Math.min(atMs, known?.atMs ?? atMs),
      address: known?.address ?? address,
    });
  }
  return [...sents.values()];
}
