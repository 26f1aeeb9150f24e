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
import { PLACES_A_BLOCK } from "../marketo/activity-page.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { type CountedEvent, type FoundMachine, MessageFold, type MessageState } from "./message-stats.ts";
import { moveStatements } from "./reclassify.ts";

/** Of a step: few enough for a Worker's memory and for a statement of D1. */
const EVENTS_A_STEP = 10_000;

/** Ids have no slash in them. */
const KEY = "email || '/' || campaign || '/' || person AS key";

/** Of an Opened's id, a hash behind a letter, eight digits: a message has two at most. */
const EVENTS = `SELECT place, type, at, ${KEY}, link_id AS linkId, iif(is_bot, coalesce(bot_pattern, ''), NULL) AS pattern,
iif(type = ${EVENT_TYPE_IDS.opened}, substr(id, 2, 8), NULL) AS openedId
FROM events WHERE place > (SELECT place FROM folded) ORDER BY place LIMIT ${EVENTS_A_STEP}`;

const STATES = `SELECT ${KEY}, since, marks, clicks, recent FROM json_each(?1) AS asked CROSS JOIN messages
ON email = asked.value->>0 AND campaign = asked.value->>1 AND person = asked.value->>2`;

const STANDING = "SELECT place FROM json_each(?1) CROSS JOIN events ON place = value";

/** A step from ?2 to ?1 begins, unless somebody else has done it. Nobody sees this place: it is of this transaction. */
const CLAIM = "UPDATE folded SET place = -?1 WHERE place = ?2";

const MINE = "(SELECT place FROM folded) = -?1";

/** It does not, when one of the events in ?3 is no longer in its place. */
const DISCLAIM = `UPDATE folded SET place = ?2 WHERE place = -?1
AND EXISTS (SELECT 1 FROM json_each(?3) LEFT JOIN events ON place = value WHERE place IS NULL)`;

const KEEP_STATES = `INSERT INTO messages (email, campaign, person, since, marks, clicks, recent)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?2) WHERE ${MINE}
ON CONFLICT (email, campaign, person) DO UPDATE
SET since = excluded.since, marks = excluded.marks, clicks = excluded.clicks, recent = excluded.recent`;

const KEEP_LINKS = `INSERT INTO links (email, id, url)
SELECT email, link_id, link FROM events WHERE place > ?2 AND place <= ?1 AND link_id IS NOT NULL AND link IS NOT NULL AND ${MINE}
ON CONFLICT (email, id) DO NOTHING`;

const KEEP_BLOCKS = `INSERT INTO blocks (block, earliest, latest)
SELECT place / ${PLACES_A_BLOCK} AS number, min(at), max(at) FROM events
WHERE place > ?2 AND place <= ?1 AND ${MINE} GROUP BY number
ON CONFLICT (block) DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`;

const DONE = "UPDATE folded SET place = ?1 WHERE place = -?1";

/** The key is that of its message. */
type EventRow = CountedEvent & { readonly key: string };
type StateRow = MessageState & { readonly key: string };

/**
 * Folds what the log has until nothing is left, or `untilMs` has come; in ms since 1970. Answers how many places of the log are left.
 * Throws D1's error; what was folded until then stays.
 */
export async function foldLog(d1: D1Database, policy: BotPolicy, untilMs: number): Promise<number> {
  while (await foldStep(d1, policy)) {
    if (Date.now() < untilMs) continue;
    const left = "SELECT (SELECT max(place) FROM events) - place AS places FROM folded";
    return Math.max(0, (await d1.prepare(left).first<number>("places")) ?? 0);
  }
  return 0;
}

/** Folds the next events; false when none is left. Whoever did the step instead may have read less of the log. */
async function foldStep(d1: D1Database, policy: BotPolicy): Promise<boolean> {
  const [read, done] = await d1.batch<EventRow>([d1.prepare(EVENTS), d1.prepare("SELECT place FROM folded")]);
  const events = read?.results ?? [];
  const from = done?.results[0]?.place ?? 0;
  const to = events.at(-1)?.place;
  if (to === undefined) return false;
  const folds = await foldsOf(d1, events);
  for (const event of events) folds.get(event.key)?.add(event);
  const machines = await takeBackMachines(d1, folds.values(), policy, from);
  const changed = [...folds].flatMap(([key, fold]) => {
    const state = fold.changed;
    return state === undefined ? [] : [stateRow(key, state)];
  });
  const places = jsonArrays(machines.map(({ activity }) => String(activity.place)));
  const written = await d1.batch([
    d1.prepare(CLAIM).bind(to, from),
    ...places.map((array) => d1.prepare(DISCLAIM).bind(to, from, array)),
    ...jsonArrays(changed).map((array) => d1.prepare(KEEP_STATES).bind(to, array)),
    d1.prepare(KEEP_LINKS).bind(to, from),
    d1.prepare(KEEP_BLOCKS).bind(to, from),
    ...moveStatements(d1, machines, policy, MINE, to),
    d1.prepare(DONE).bind(to),
  ]);
  const isMine = written.at(-1)?.meta.changes === 1;
  return !isMine || machines.length > 0 || events.length === EVENTS_A_STEP;
}

/** The messages of events as they were before, by their keys. */
async function foldsOf(d1: D1Database, events: readonly EventRow[]): Promise<Map<string, MessageFold>> {
  const folds = new Map(events.map(({ key }) => [key, new MessageFold(personIn(key))]));
  for (const asked of jsonArrays([...folds.keys()].map((key) => JSON.stringify(key.split("/"))))) {
    const { results } = await d1.prepare(STATES).bind(asked).all<StateRow>();
    for (const { key, ...state } of results) folds.set(key, new MessageFold(personIn(key), state));
  }
  return folds;
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
  folds: Iterable<MessageFold>,
  policy: BotPolicy,
  from: number,
): Promise<readonly FoundMachine[]> {
  const found = [...folds].flatMap((fold) => fold.findMachines(policy).map((machine) => ({ fold, machine })));
  const folded = found.map(({ machine }) => machine.activity.place).filter((place) => place <= from);
  const standing = new Set<number>();
  for (const places of jsonArrays(folded.map(String))) {
    const { results } = await d1.prepare(STANDING).bind(places).all<{ place: number }>();
    for (const { place } of results) standing.add(place);
  }
  return found.flatMap(({ fold, machine }) => {
    const { place } = machine.activity;
    if (place <= from && !standing.has(place)) return [];
    fold.takeBack(machine.activity);
    return [machine];
  });
}

function stateRow(key: string, { since, marks, clicks, recent }: MessageState): string {
  return JSON.stringify([...key.split("/"), since, marks, clicks, recent]);
}
