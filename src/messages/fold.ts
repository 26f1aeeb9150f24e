/**
 * The log, folded into a row for each message: what reports read. Guarantees that each event is folded exactly once, whoever folds,
 * however often, and whatever fails in between: a step writes everything in one transaction, and nothing when the log was folded further
 * meanwhile. Gives up reports that are up to date by themselves: whoever reads one folds what is left first.
 */
import { PLACES_A_BLOCK } from "../log/activities.ts";
import { jsonArrays } from "../log/json-arrays.ts";
import { type Clicks, type CountedEvent, fold, type MessageState } from "./message.ts";

/** Of a step: few enough for a Worker's memory and for a statement of D1. */
const EVENTS_A_STEP = 10_000;

const EVENTS = `SELECT place, type, at, email, campaign, person, link_id AS linkId, is_bot AS isBot
FROM events WHERE place > (SELECT place FROM folded) ORDER BY place LIMIT ${EVENTS_A_STEP}`;

const STATES = `SELECT email, campaign, person, since, marks, clicks FROM json_each(?1) AS asked CROSS JOIN messages
ON email = asked.value->>0 AND campaign = asked.value->>1 AND person = asked.value->>2`;

/** Of a step from ?1 to ?2, unless somebody else has done it. */
const UNDONE = "(SELECT place FROM folded) = ?1";

const KEEP_STATES = `INSERT INTO messages (email, campaign, person, since, marks, clicks)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?2) WHERE ${UNDONE}
ON CONFLICT (email, campaign, person) DO UPDATE
SET since = excluded.since, marks = excluded.marks, clicks = excluded.clicks`;

const KEEP_LINKS = `INSERT INTO links (email, id, url)
SELECT email, link_id, link FROM events WHERE place > ?1 AND place <= ?2 AND link_id IS NOT NULL AND link IS NOT NULL AND ${UNDONE}
ON CONFLICT (email, id) DO NOTHING`;

const KEEP_BLOCKS = `INSERT INTO blocks (block, earliest, latest)
SELECT place / ${PLACES_A_BLOCK} AS number, min(at), max(at) FROM events
WHERE place > ?1 AND place <= ?2 AND ${UNDONE} GROUP BY number
ON CONFLICT (block) DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`;

const KEEP_PLACE = `UPDATE folded SET place = ?2 WHERE place = ?1`;

interface EventRow extends CountedEvent {
  readonly place: number;
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
}

interface StateRow {
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
  readonly since: number;
  readonly marks: number;
  readonly clicks: string | null;
}

/**
 * Folds what the log has until nothing is left, or `untilMs` has come; in ms since 1970. Answers how many places of the log are left.
 * Throws D1's error; what was folded until then stays.
 */
export async function foldLog(d1: D1Database, untilMs: number): Promise<number> {
  while (await foldStep(d1)) {
    if (Date.now() < untilMs) continue;
    const left = "SELECT (SELECT max(place) FROM events) - place AS places FROM folded";
    return (await d1.prepare(left).first<number>("places")) ?? 0;
  }
  return 0;
}

/** Folds the next events; false when none is left. Whoever did the step instead may have read less of the log. */
async function foldStep(d1: D1Database): Promise<boolean> {
  const [read, done] = await d1.batch<EventRow>([d1.prepare(EVENTS), d1.prepare("SELECT place FROM folded")]);
  const events = read?.results ?? [];
  const from = done?.results[0]?.place ?? 0;
  const to = events.at(-1)?.place;
  if (to === undefined) return false;
  const rows = await changedStates(d1, events);
  const through = (statement: string) => d1.prepare(statement).bind(from, to);
  const written = await d1.batch([
    ...jsonArrays(rows).map((array) => d1.prepare(KEEP_STATES).bind(from, array)),
    through(KEEP_LINKS),
    through(KEEP_BLOCKS),
    through(KEEP_PLACE),
  ]);
  const isMine = written.at(-1)?.meta.changes === 1;
  return !isMine || events.length === EVENTS_A_STEP;
}

/** The messages that events change, as rows of JSON. */
async function changedStates(d1: D1Database, events: readonly EventRow[]): Promise<string[]> {
  const keys = new Map(
    events.map(({ email, campaign, person }) => [keyOf(email, campaign, person), [email, campaign, person]]),
  );
  const before = new Map<string, MessageState>();
  for (const asked of jsonArrays([...keys.values()].map((key) => JSON.stringify(key)))) {
    const { results } = await d1.prepare(STATES).bind(asked).all<StateRow>();
    for (const { email, campaign, person, since, marks, clicks } of results)
      before.set(keyOf(email, campaign, person), { since, marks, clicks: clicksIn(clicks) });
  }
  const after = new Map(before);
  for (const event of events) {
    const key = keyOf(event.email, event.campaign, event.person);
    const state = fold(after.get(key), event);
    if (state !== undefined) after.set(key, state);
  }
  return [...after]
    .filter(([key, state]) => !isSame(state, before.get(key)))
    .map(([key, { since, marks, clicks }]) => {
      const written = Object.keys(clicks).length === 0 ? null : JSON.stringify(clicks);
      return JSON.stringify([...(keys.get(key) ?? []), since, marks, written]);
    });
}

/** Ids have no slash in them. */
function keyOf(email: string, campaign: string, person: string): string {
  return `${email}/${campaign}/${person}`;
}

function clicksIn(text: string | null): Readonly<Record<string, Clicks>> {
  return text === null ? {} : (JSON.parse(text) as Record<string, Clicks>);
}

/** A click always makes new counts. */
function isSame(state: MessageState, before: MessageState | undefined): boolean {
  return (
    before !== undefined &&
    state.since === before.since &&
    state.marks === before.marks &&
    state.clicks === before.clicks
  );
}
