/**
 * The addresses that hard bounces suppress. A bounce that names none is of the address that any other event of its send
 * names, also of one that is reported later. Guarantees that who is suppressed does not depend on the order of
 * reports. Gives up doing it in one transaction: what is reported later is committed first, and suppresses the
 * address whenever it is reported again.
 */
import { type Bounce, CATEGORY, type HardBounce } from "../events/bounce.ts";
import type { HardBounced, OutcomeEvent } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { hardBouncedId, sendKey, sentId } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { type BounceSuppression, suppressBounced } from "../suppressions/index.ts";
import { impliedSents } from "./implied-sent.ts";

/**
 * The suppressions that hard bounces cause.
 * @param addressed the events that are reported at the same time and name an address
 */
export function bounceSuppressionsOf(
  hard: readonly HardBounced[],
  addressed: readonly OutcomeEvent[],
): readonly BounceSuppression[] {
  const sents = addressed.filter(({ type }) => type === "sent");
  const sentTo = new Map([...impliedSents(addressed), ...sents].map(({ id, address }) => [id, address]));
  return hard.map(({ id, message, address, atMs, bounce }) => {
    const sent = sentId(sendKey(message));
    return suppressionOf({ id, sent, person: message.person, address: address ?? sentTo.get(sent), atMs, bounce });
  });
}

/** A Hard Bounced in the log that names no address, of a send whose address is known. */
export interface UnaddressedBounce {
  readonly id: string;
  readonly sent: string;
  readonly person: string;
  readonly at: number;
  /** The Sent's. */
  readonly address: string;
  /** JSON of the bounce. */
  readonly detail: string;
}

/** The query for the hard bounces of sends whose address is reported. It runs after the insert of the events. */
export function unaddressedBounces(addressed: readonly OutcomeEvent[]): Sql {
  const keys = [...new Set(addressed.map(({ message }) => sendKey(message)))];
  const { id, uniqueId, person, at, detail } = events;
  return sql`SELECT bounced.*, ${detail}->>'address' AS address FROM (
    SELECT ${id}, ${person}, ${at}, ${detail}, ${sentId("")} || value AS sent
    FROM json_each(${JSON.stringify(keys)}) CROSS JOIN ${events} ON ${uniqueId} = ${hardBouncedId("")} || value
    WHERE ${detail}->>'address' IS NULL) AS bounced
  CROSS JOIN ${events} ON ${uniqueId} = bounced.sent WHERE ${detail}->>'address' IS NOT NULL`;
}

/** Suppresses the addresses instead of whatever else their bounces have suppressed. Repeating it is harmless. */
export async function suppressAddresses(d1: D1Database, bounces: readonly UnaddressedBounce[]): Promise<void> {
  if (bounces.length === 0) return;
  const suppressing = bounces.map(({ at, detail, ...bounced }) =>
    suppressionOf({ ...bounced, atMs: at, bounce: JSON.parse(detail) }),
  );
  const statements = await suppressBounced(d1, suppressing, "logged");
  await retryOnce(() => d1.batch(statements));
}

interface HardBouncedSend extends Pick<BounceSuppression, "sent" | "person" | "address"> {
  readonly id: string;
  readonly atMs: number;
  readonly bounce: HardBounce;
}

/** What a hard bounce suppresses. */
export function suppressionOf({ id, atMs, bounce, ...send }: HardBouncedSend): BounceSuppression {
  const reason = bounce.category === CATEGORY.blocked ? "blocked" : "invalid";
  return { ...send, event: id, reason, sinceMs: atMs, cause: serverWords(bounce) };
}

const MAX_CAUSE_CHARS = 200;

/** What the server said, for people to read. */
function serverWords({ status, details, subcategory, category }: Bounce): string {
  const words = details ?? subcategory ?? `bounce of category ${category}`;
  const cause = status === undefined || words.includes(status) ? words : `${status} ${words}`;
  return cause.slice(0, MAX_CAUSE_CHARS);
}
