/**
 * The Sents that outcomes imply: some providers report what happened to an email, and never that it was sent. A Sent
 * that is in the log already stays as it is, and one that is reported later has the same id and adds nothing but its
 * address, where the outcome named none: retries need it. A complaint is logged as an Unsubscribed and implies none,
 * like an open or a click.
 */
import type { OutcomeEvent, Sent } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { assign, type Sql, sql } from "../platform/sql.ts";

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

/** The statement that gives the addresses of reported Sents to implied ones in the log that have none. */
export function addressImpliedSents(sents: readonly Sent[]): Sql {
  const rows = JSON.stringify(sents.map(({ id, address }) => ({ id, address })));
  const { id, detail } = events;
  const named = sql`json_set(${detail}, '$.address', named.value->>'address')`;
  return sql`UPDATE ${events} SET ${assign(events, { detail: named })} FROM json_each(${rows}) AS named
  WHERE ${id} = named.value->>'id' AND ${detail}->>'implied' AND ${detail}->>'address' IS NULL`;
}
