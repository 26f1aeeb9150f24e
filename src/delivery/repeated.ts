/**
 * An event that is reported again with another time, or in other words. Guarantees that the row that the log ends with,
 * and who is suppressed, depend on all reports and not on their order: each part of the row is the least of what was
 * reported, by an order that favours the recipient.
 *
 * - Time: the earliest. A report without one, or with one that cannot be believed, adds none, because the row has a
 *   time already. The other times stay beside, the latest few: each may have been when it was delivered, and shows
 *   scanners.
 * - Words: of the lesser category, and then the first in the alphabet. So of two hard bounces of a send, blocked for a
 *   day holds, and invalid for ever does not. A report that gives neither words nor a status yields to one that does.
 * - Address: the first in the alphabet, as everywhere where reports contradict each other.
 *
 * A row that changes gets a new seq, so that readers see it again.
 */
import { type Edition, requireEdition } from "../archive/index.ts";
import { type Bounce, CATEGORY, isHard } from "../events/bounce.ts";
import { ADDRESS_ERASED } from "../events/erased-row.ts";
import type { OutcomeEvent } from "../events/event.ts";
import { EVENT_COLUMNS, storedRow } from "../events/row-sql.ts";
import { events } from "../events/schema.ts";
import { sendKey, sentId } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { isOneOf, runBatch, type Sql, sql } from "../platform/sql.ts";
import { suppressBounced } from "../suppressions/index.ts";
import { suppressionOf } from "./hard-bounces.ts";
import { lesser } from "./implied-sent.ts";

/** Times beside the earliest. Statistics keep as many of a message. */
const MAX_OTHER_TIMES = 7;
/** Others may change the same rows at the same time. */
const MAX_TRIES = 5;

interface StoredRow {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  /** JSON object. */
  readonly detail: string | null;
}

type Detail = Partial<Bounce> & {
  readonly address?: string;
  readonly implied?: boolean;
  readonly [ADDRESS_ERASED]?: boolean;
  readonly reportedAt?: number;
  readonly otherTimes?: readonly number[];
};

interface Change {
  readonly before: StoredRow;
  readonly at: number;
  readonly detail: string | null;
  readonly event: OutcomeEvent;
}

/**
 * Changes the rows of events that were in the log before, or that are reported more than once. Repeating it is
 * harmless.
 * @param edition the one in which these rows were found in D1
 * @throws D1's error; also when others change the same rows again and again, or the archive has changed since
 */
export async function changeRepeated(
  d1: D1Database,
  reported: readonly OutcomeEvent[],
  edition: Edition,
): Promise<void> {
  const byId = Map.groupBy(reported, ({ id }) => id);
  const first = requireEdition(edition);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = sql`SELECT ${events.seq}, ${events.id}, ${events.at}, ${events.detail} FROM ${events}
      WHERE ${isOneOf(events.uniqueId, [...byId.keys()])}`;
    const [, found] = await retryOnce(() => runBatch<StoredRow>(d1, [first, stored]));
    const rows = (found?.results ?? []).toSorted((one, other) => one.seq - other.seq);
    const changes = rows.flatMap((row) => changeOf(row, byId.get(row.id) ?? []) ?? []);
    if (changes.length === 0) return;
    const bounces = changes.flatMap((change) => suppressionAfter(change) ?? []);
    const suppress = bounces.length === 0 ? [] : await suppressBounced(d1, bounces, "logged");
    const replaced = replaceRows(changes);
    await retryOnce(() =>
      d1.batch([first.prepare(d1), ...replaced.map((statement) => statement.prepare(d1)), ...suppress]),
    );
  }
  throw new Error("The same events are changed by others at the same time");
}

/**
 * Rows that somebody else has changed meanwhile stay as they are.
 * @param changes in the order of the log
 */
function replaceRows(changes: readonly Change[]): Sql[] {
  const { uniqueId, at, detail } = events;
  const rows = changes.map(({ before, at: newAt, detail: newDetail }) =>
    JSON.stringify({ before, at: newAt, detail: newDetail }),
  );
  const replace = (array: string) => sql`REPLACE INTO ${events} (${EVENT_COLUMNS})
    SELECT ${storedRow({ at: sql`value->>'at'`, detail: sql`value->>'detail'` })}
    FROM json_each(${array}) CROSS JOIN ${events} ON ${uniqueId} = value->>'$.before.id'
    WHERE ${at} = value->>'$.before.at' AND ${detail} IS value->>'$.before.detail' ORDER BY ${events.seq}`;
  return jsonArrays(rows).map(replace);
}

/** Undefined when the row has it all. */
function changeOf(before: StoredRow, reports: readonly OutcomeEvent[]): Change | undefined {
  const [event] = reports;
  const known: Detail = JSON.parse(before.detail ?? "{}");
  // A Sent that is reported after an outcome adds nothing, and nothing comes back that was erased.
  if (event === undefined || known.implied === true || known[ADDRESS_ERASED] === true) return undefined;
  const reported = reports.flatMap(({ isUntimed, reportedAtMs, atMs }) =>
    isUntimed === true || reportedAtMs !== undefined ? [] : [atMs],
  );
  const times = [...new Set([before.at, ...(known.otherTimes ?? []), ...reported])].sort((one, other) => one - other);
  const [at = before.at, ...others] = times;
  const otherTimes = others.slice(-MAX_OTHER_TIMES);
  const { reportedAt, address, ...unchanged } = known;
  const changed: Detail = {
    ...(at === before.at && reportedAt !== undefined ? { reportedAt } : {}),
    ...named(leastAddress(event, address, reports)),
    ...unchanged,
    ...leastWords(known, reports),
    ...(otherTimes.length === 0 ? {} : { otherTimes }),
  };
  if (at === before.at && textOf(changed) === textOf(known)) return undefined;
  return { before, at, detail: Object.keys(changed).length === 0 ? null : JSON.stringify(changed), event };
}

/** A Sent gets one here only where two name one: any event of its send gives it its address (implied-sent.ts). */
function leastAddress({ type }: OutcomeEvent, known: string | undefined, reports: readonly OutcomeEvent[]) {
  if (type === "delivered" || (type === "sent" && known === undefined)) return known;
  return reports.map(({ address }) => address).reduce(lesser, known);
}

function named(address: string | undefined): Detail {
  return address === undefined ? {} : { address };
}

/** The category and the words of a bounce. */
function leastWords(known: Detail, reports: readonly OutcomeEvent[]): Detail {
  const bounces = reports.flatMap((event) => ("bounce" in event ? [event.bounce] : []));
  const [least = {}] = [known, ...bounces].map(wordsOf).sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  return least;
}

function wordsOf({ category, subcategory, details, status }: Detail): Detail {
  return JSON.parse(JSON.stringify({ category, subcategory, details, status }));
}

function orderOf({ category, details, status, subcategory }: Detail): string {
  const isWithoutReason = details === undefined && status === undefined;
  return JSON.stringify([isWithoutReason, category, details, status, subcategory]);
}

/** The same for details with the same fields in another order. */
function textOf(detail: Detail): string {
  return JSON.stringify(Object.entries(detail).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a hard bounce suppresses now. */
function suppressionAfter({ before: { id }, at, detail, event }: Change) {
  if (event.type !== "hardBounced") return undefined;
  const { address, category = CATEGORY.blocked, ...words }: Detail = JSON.parse(detail ?? "{}");
  const bounce = { ...words, category };
  const { message } = event;
  const send = { id, sent: sentId(sendKey(message)), person: message.person, address, atMs: at };
  return isHard(bounce) ? suppressionOf({ ...send, bounce }) : undefined;
}
