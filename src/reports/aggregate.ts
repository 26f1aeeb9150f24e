/**
 * The log, folded into a row for each message: what reports read; and the moment in which bursts of machines show. Guarantees that each
 * event is folded exactly once, whoever folds, however often, and whatever fails in between: a step writes everything in one
 * transaction, what it found of machines as well, and nothing when the log was folded further meanwhile, or what it found is no longer
 * where it was. Gives up reports that are up to date by themselves: whoever reads one folds what is left first.
 *
 * Whoever takes events out of the log must leave alone what is not folded yet, or else its messages are folded from what was there before.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { SEQS_PER_BLOCK } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import {
  type CountedEvent,
  type FoundMachine,
  MessageAggregator,
  type MessageState,
} from "./message-stats.ts";
import { reclassifyStatements } from "./reclassify.ts";

/** Of a step: few enough for a Worker's memory and for a statement of D1. */
const EVENTS_PER_BATCH = 10_000;

/** Ids have no slash in them. */
const KEY = "email || '/' || campaign || '/' || person AS key";

/** Of an Opened's id, a hash behind a letter, eight digits: a message has two at most. */
const EVENTS = `SELECT seq, type, at, ${KEY}, link_id AS linkId, iif(is_bot, coalesce(bot_pattern, ''), NULL) AS pattern,
iif(type = ${EVENT_TYPE_IDS.opened}, substr(id, 2, 8), NULL) AS openedId
FROM events WHERE seq > (SELECT seq FROM aggregated) ORDER BY seq LIMIT ${EVENTS_PER_BATCH}`;

const STATES = `SELECT ${KEY}, since, flags, clicks, recent FROM json_each(?1) AS asked CROSS JOIN message_stats
ON email = asked.value->>0 AND campaign = asked.value->>1 AND person = asked.value->>2`;

const STANDING = "SELECT seq FROM json_each(?1) CROSS JOIN events ON seq = value";

/** A step from ?2 to ?1 begins, unless somebody else has done it. Nobody sees this place: it is of this transaction. */
const CLAIM = "UPDATE aggregated SET seq = -?1 WHERE seq = ?2";

const MINE = "(SELECT seq FROM aggregated) = -?1";

/** It does not, when one of the events in ?3 is no longer in its place. */
const DISCLAIM = `UPDATE aggregated SET seq = ?2 WHERE seq = -?1
AND EXISTS (SELECT 1 FROM json_each(?3) LEFT JOIN events ON seq = value WHERE seq IS NULL)`;

const KEEP_STATES = `INSERT INTO message_stats (email, campaign, person, since, flags, clicks, recent)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?2) WHERE ${MINE}
ON CONFLICT (email, campaign, person) DO UPDATE
SET since = excluded.since, flags = excluded.flags, clicks = excluded.clicks, recent = excluded.recent`;

const KEEP_LINKS = `INSERT INTO links (email, id, url)
SELECT email, link_id, link FROM events WHERE seq > ?2 AND seq <= ?1 AND link_id IS NOT NULL AND link IS NOT NULL AND ${MINE}
ON CONFLICT (email, id) DO NOTHING`;

const KEEP_BLOCKS = `INSERT INTO blocks (block, earliest, latest)
SELECT seq / ${SEQS_PER_BLOCK} AS number, min(at), max(at) FROM events
WHERE seq > ?2 AND seq <= ?1 AND ${MINE} GROUP BY number
ON CONFLICT (block) DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`;

const DONE = "UPDATE aggregated SET seq = ?1 WHERE seq = -?1";

/** The key is that of its message. */
type EventRow = CountedEvent & { readonly key: string };
type StateRow = MessageState & { readonly key: string };

/**
 * Folds what the log has until nothing is left, or `untilMs` has come; in ms since 1970. Answers how many places of the log are left.
 * Throws D1's error; what was folded until then stays.
 */
export async function aggregateLog(d1: D1Database, policy: BotPolicy, untilMs: number): Promise<number> {
  while (await aggregateStep(d1, policy)) {
    if (Date.now() < untilMs) continue;
    const left = "SELECT (SELECT max(seq) FROM events) - seq AS places FROM aggregated";
    return Math.max(0, (await d1.prepare(left).first<number>("places")) ?? 0);
  }
  return 0;
}

/** Folds the next events; false when none is left. Whoever did the step instead may have read less of the log. */
async function aggregateStep(d1: D1Database, policy: BotPolicy): Promise<boolean> {
  const [read, done] = await d1.batch<EventRow>([
    d1.prepare(EVENTS),
    d1.prepare("SELECT seq FROM aggregated"),
  ]);
  const events = read?.results ?? [];
  const from = done?.results[0]?.seq ?? 0;
  const to = events.at(-1)?.seq;
  if (to === undefined) return false;
  const aggregates = await aggregatesOf(d1, events);
  for (const event of events) aggregates.get(event.key)?.add(event);
  const machines = await takeBackMachines(d1, aggregates.values(), policy, from);
  const changed = [...aggregates].flatMap(([key, aggregate]) => {
    const state = aggregate.changed;
    return state === undefined ? [] : [stateRow(key, state)];
  });
  const places = jsonArrays(machines.map(({ activity }) => String(activity.seq)));
  const written = await d1.batch([
    d1.prepare(CLAIM).bind(to, from),
    ...places.map((array) => d1.prepare(DISCLAIM).bind(to, from, array)),
    ...jsonArrays(changed).map((array) => d1.prepare(KEEP_STATES).bind(to, array)),
    d1.prepare(KEEP_LINKS).bind(to, from),
    d1.prepare(KEEP_BLOCKS).bind(to, from),
    ...reclassifyStatements(d1, machines, policy, MINE, to),
    d1.prepare(DONE).bind(to),
  ]);
  const isMine = written.at(-1)?.meta.changes === 1;
  return !isMine || machines.length > 0 || events.length === EVENTS_PER_BATCH;
}

/** The messages of events as they were before, by their keys. */
async function aggregatesOf(
  d1: D1Database,
  events: readonly EventRow[],
): Promise<Map<string, MessageAggregator>> {
  const aggregates = new Map(events.map(({ key }) => [key, new MessageAggregator(personIn(key))]));
  for (const asked of jsonArrays([...aggregates.keys()].map((key) => JSON.stringify(key.split("/"))))) {
    const { results } = await d1.prepare(STATES).bind(asked).all<StateRow>();
    for (const { key, ...state } of results) aggregates.set(key, new MessageAggregator(personIn(key), state));
  }
  return aggregates;
}

function personIn(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/**
 * What of the messages is a machine's, and no longer counted as a person's. What has left the log since it was folded goes on counting
 * as what it was.
 */
async function takeBackMachines(
  d1: D1Database,
  aggregates: Iterable<MessageAggregator>,
  policy: BotPolicy,
  from: number,
): Promise<readonly FoundMachine[]> {
  const found = [...aggregates].flatMap((aggregate) =>
    aggregate.findMachines(policy).map((machine) => ({ aggregate, machine })),
  );
  const aggregated = found.map(({ machine }) => machine.activity.seq).filter((seq) => seq <= from);
  const standing = new Set<number>();
  for (const places of jsonArrays(aggregated.map(String))) {
    const { results } = await d1.prepare(STANDING).bind(places).all<{ seq: number }>();
    for (const { seq } of results) standing.add(seq);
  }
  return found.flatMap(({ aggregate, machine }) => {
    const { seq } = machine.activity;
    if (seq <= from && !standing.has(seq)) return [];
    aggregate.takeBack(machine.activity);
    return [machine];
  });
}

function stateRow(key: string, { since, flags, clicks, recent }: MessageState): string {
  return JSON.stringify([...key.split("/"), since, flags, clicks, recent]);
}
