/**
 * What an endpoint was posted, in its object: a row each post, whose repetitions change it. The latest 10,000 are kept
 * for 30 days; those that were given up, skipped or filtered, and gaps, however many they are; those that are tried
 * again for longer. Holds no event: a repetition reads it again.
 */
import { DAY_MS } from "../platform/durations.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
import {
  type Delivery,
  type DeliveryKind,
  type DeliveryQuery,
  type DeliveryState,
  type NextTry,
  NO_ANSWER_YET,
  type SeqStretch,
  stateAfter,
  stretchOf,
} from "./delivery.ts";
import { batchId, type PostedEvent, type WebhookMessage } from "./message.ts";
import type { WebhookPost } from "./post.ts";

const KEPT_MS = 30 * DAY_MS;
const MAX_DELIVERIES = 10_000;
/** How many are added between two prunings. */
const PRUNED_EVERY = 500;

interface DeliveryRow extends Record<string, SqlStorageValue> {
  id: number;
  kind: DeliveryKind;
  webhook_id: string;
  type: string;
  events: string;
  first_at: number;
  last_at: number;
  tries: number;
  state: DeliveryState;
  status: number | null;
  text: string;
  duration_ms: number;
  next_at: number | null;
  recorded_at: number;
}

/** What a part of a delivery has of its own. */
interface DeliveryPart {
  readonly state: DeliveryState;
  /** Undefined: the delivery's. */
  readonly webhookId?: string;
  readonly type?: string;
  readonly tries?: number;
  /** When it is tried again, in the retry queue; null: it is not. */
  readonly nextAtMs: number | null;
}

const MAX_GAPS = 10;
const DELETED = "some of these events may have been deleted before they were posted, because of RETENTION_DAYS";
const NONE: ReadonlySet<number> = new Set();

/** Somebody has ended it, maybe while it was posted. */
const IS_OVER = sql`(state IN ('skipped', 'stopped'))`;

export class Deliveries {
  readonly #sql: SqlStorage;

  constructor(storage: SqlStorage) {
    this.#sql = storage;
  }

  /** Makes the table. */
  start(): void {
    // `retrying`: how many events of it are in the retry queue.
    sql`CREATE TABLE IF NOT EXISTS deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, webhook_id TEXT NOT NULL, type TEXT NOT NULL,
      events TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, tries INTEGER NOT NULL,
      state TEXT NOT NULL, status INTEGER, text TEXT NOT NULL, duration_ms INTEGER NOT NULL,
      next_at INTEGER, retrying INTEGER NOT NULL, recorded_at INTEGER NOT NULL
    )`.exec(this.#sql);
    sql`CREATE INDEX IF NOT EXISTS deliveries_retrying ON deliveries (next_at) WHERE retrying > 0`.exec(this.#sql);
    sql`CREATE INDEX IF NOT EXISTS deliveries_given_up ON deliveries (last_at) WHERE state = 'given_up'`.exec(
      this.#sql,
    );
    sql`CREATE INDEX IF NOT EXISTS deliveries_deleted ON deliveries (id) WHERE state = 'deleted'`.exec(this.#sql);
  }

  /** Adds a first post, and returns its id. */
  add(kind: DeliveryKind, message: WebhookMessage, result: WebhookPost, { nextAtMs, isRetried }: NextTry): number {
    const nowMs = Date.now();
    const { status = null, text, durationMs } = result;
    const retrying = isRetried ? message.events.length : 0;
    const { id } = sql`INSERT INTO deliveries (kind, webhook_id, type, events, first_at, last_at, tries, state,
      status, text, duration_ms, next_at, retrying, recorded_at)
      VALUES (${kind}, ${message.id}, ${message.type}, ${JSON.stringify(message.events)}, ${nowMs}, ${nowMs},
      ${triesIn(result)},
      ${stateAfter(result, nextAtMs)}, ${status}, ${text}, ${durationMs}, ${nextAtMs}, ${retrying},
      ${message.recordedAtMs}) RETURNING id`
      .exec<{ id: number }>(this.#sql)
      .one();
    if (id % PRUNED_EVERY === 0) this.prune(nowMs);
    return id;
  }

  /**
   * Records a repetition. The message may hold less than before. What was ended while it was posted stays so, unless it
   * was accepted.
   */
  repeat(id: number, message: WebhookMessage, result: WebhookPost, { nextAtMs, isRetried }: NextTry): void {
    const { status = null, text, durationMs } = result;
    const isAccepted = result.type === "accepted";
    const known = this.find(id)?.events ?? [];
    const held = message.events.filter((event) => isAccepted || known.some((each) => each.id === event.id));
    sql`UPDATE deliveries SET webhook_id = ${message.id}, events = ${JSON.stringify(held)},
      last_at = ${Date.now()}, tries = tries + ${triesIn(result)}, state = ${stateAfter(result, nextAtMs)},
      status = ${status}, text = ${text}, duration_ms = ${durationMs}, next_at = ${nextAtMs},
      retrying = ${isRetried ? held.length : 0},
      recorded_at = ${message.recordedAtMs}
      WHERE id = ${id} AND (NOT ${IS_OVER} OR ${Number(isAccepted)})`.exec(this.#sql);
  }

  /** It is not tried again. */
  end(id: number, state: "given_up" | "skipped" | "stopped" | "filtered" | "replaced" | "deleted"): void {
    sql`UPDATE deliveries SET state = ${state}, next_at = NULL, retrying = 0
      WHERE id = ${id} AND NOT ${IS_OVER}`.exec(this.#sql);
  }

  /** Keeps, of a delivery that is tried again without them, the events that the filter passes no more. */
  addFiltered(id: number, held: readonly PostedEvent[]): void {
    this.#addPart(id, held, { state: "filtered", nextAtMs: null });
  }

  /** Puts the halves of a delivery that was too large into the retry queue, in its place. */
  halve(id: number, events: readonly PostedEvent[], nextAtMs: number): void {
    if (this.find(id)?.nextAtMs === null) return;
    const half = Math.ceil(events.length / 2);
    for (const part of [events.slice(0, half), events.slice(half)]) {
      this.#addPart(id, part, { state: "waiting", nextAtMs, webhookId: batchId(part), tries: 0 });
    }
    this.end(id, "replaced");
  }

  /**
   * Takes an event out of a delivery that waits; it stays as a delivery of its own. Returns whether nothing else is
   * left of it.
   */
  skip(id: number, event: PostedEvent): boolean {
    const delivery = this.find(id);
    const rest = delivery?.events.filter((each) => each.id !== event.id) ?? [];
    if (rest.length === 0) {
      this.end(id, "skipped");
      return true;
    }
    const { id: webhookId, type } = event;
    this.#addPart(id, [event], { state: "skipped", nextAtMs: null, webhookId, type });
    sql`UPDATE deliveries SET events = ${JSON.stringify(rest)}, webhook_id = ${batchId(rest)},
      next_at = iif(retrying > 0, ${Date.now()}, next_at), retrying = iif(retrying > 0, ${rest.length}, 0)
      WHERE id = ${id}`.exec(this.#sql);
    return false;
  }

  /** Adds a delivery of some of another one's events, which has been as it has. */
  #addPart(
    id: number,
    events: readonly PostedEvent[],
    { state, nextAtMs, webhookId, type, tries }: DeliveryPart,
  ): void {
    const retrying = nextAtMs === null ? 0 : events.length;
    sql`INSERT INTO deliveries (kind, webhook_id, type, events, first_at, last_at, tries, state, status, text,
      duration_ms, next_at, retrying, recorded_at)
      SELECT kind, coalesce(${webhookId ?? null}, webhook_id), coalesce(${type ?? null}, type),
      ${JSON.stringify(events)}, first_at, last_at, coalesce(${tries ?? null}, tries), ${state}, status, text,
      duration_ms, ${nextAtMs}, ${retrying}, recorded_at FROM deliveries WHERE id = ${id}`.exec(this.#sql);
  }

  /** Notes that events of these seqs may have been deleted before they were posted. Its events are its ends. */
  addPossibleGap(kind: DeliveryKind, { from, to }: SeqStretch): void {
    const nowMs = Date.now();
    const ends = [from, to].map((seq) => ({ id: "", seq, type: "gap" }));
    sql`INSERT INTO deliveries (kind, webhook_id, type, events, first_at, last_at, tries, state, text, duration_ms,
      retrying, recorded_at)
      VALUES (${kind}, ${`gap_${from}_${to}`}, 'gap', ${JSON.stringify(ends)}, ${nowMs}, ${nowMs}, 0, 'deleted',
      ${DELETED}, 0, 0, ${nowMs})`.exec(this.#sql);
  }

  /** Where events may have been deleted before they were posted, in the last 30 days; the latest ten. */
  possibleGaps(): readonly SeqStretch[] {
    // The state as text, not as a parameter: else SQLite does not use the partial index.
    const isGap = sql`state = 'deleted' AND last_at >= ${Date.now() - KEPT_MS}`;
    return this.#select(isGap, sql`id DESC`, MAX_GAPS).map(stretchOf);
  }

  /** When the oldest event of the retry queue was recorded that is not posted again; null: there is none. */
  oldestRetryingAtMs(): number | null {
    return sql`SELECT min(recorded_at) AS atMs FROM deliveries WHERE retrying > 0 AND kind = 'live'`
      .exec<{ atMs: number | null }>(this.#sql)
      .one().atMs;
  }

  /** Whether something of the log was accepted at a time or later. */
  isAcceptedSince(ms: number): boolean {
    const query = sql`SELECT 1 FROM deliveries WHERE state = 'delivered' AND kind <> 'test' AND last_at >= ${ms}
      ORDER BY id DESC LIMIT 1`;
    return query.exec(this.#sql).toArray().length > 0;
  }

  /** How many events were given up in the last 30 days. */
  givenUp(): number {
    return sql`SELECT coalesce(sum(json_array_length(events)), 0) AS count FROM deliveries
      WHERE state = 'given_up' AND last_at >= ${Date.now() - KEPT_MS}`
      .exec<{ count: number }>(this.#sql)
      .one().count;
  }

  find(id: number): Delivery | undefined {
    return this.#select(sql`id = ${id}`, sql`id`, 1)[0];
  }

  /** The newest first. */
  list({ before, state, limit }: DeliveryQuery): readonly Delivery[] {
    const isOlder = before === undefined ? sql`true` : sql`id < ${before}`;
    const isInState = state === undefined ? sql`true` : sql`state = ${state}`;
    const isKept = sql`(next_at IS NOT NULL OR last_at >= ${Date.now() - KEPT_MS})`;
    return this.#select(sql`${isOlder} AND ${isInState} AND ${isKept}`, sql`id DESC`, limit);
  }

  /** Posts of the retry queue that are due, the longest waiting first. */
  dueRetries(nowMs: number, limit: number, inFlight: ReadonlySet<number>): readonly Delivery[] {
    if (limit <= 0) return [];
    return this.#select(sql`retrying > 0 AND next_at <= ${nowMs} AND NOT ${isAmong(inFlight)}`, sql`next_at`, limit);
  }

  /** The posts of the retry queue that hold an event. */
  retriesOf(eventId: string): readonly Delivery[] {
    const holds = sql`EXISTS (SELECT 1 FROM json_each(events) WHERE value->>'id' = ${eventId})`;
    return this.#select(sql`retrying > 0 AND ${holds}`, sql`id`, MAX_DELIVERIES);
  }

  /** How many events are in the retry queue, and when the first of those that are not in flight is tried again. */
  retryQueue(inFlight: ReadonlySet<number> = NONE): { readonly events: number; readonly nextAtMs: number | null } {
    return sql`SELECT coalesce(sum(retrying), 0) AS events, min(iif(${isAmong(inFlight)}, NULL, next_at)) AS nextAtMs
      FROM deliveries WHERE retrying > 0`
      .exec<{ events: number; nextAtMs: number | null }>(this.#sql)
      .one();
  }

  /** The retry queue is tried now, also what the filter did not pass. */
  resumeRetries(nowMs: number): void {
    sql`UPDATE deliveries SET next_at = ${nowMs}, state = 'waiting', retrying = json_array_length(events)
      WHERE retrying > 0 OR (state = 'filtered' AND last_at >= ${nowMs - KEPT_MS})`.exec(this.#sql);
  }

  /** Ends what replays have posted and would try again. */
  stopReplays(): void {
    sql`UPDATE deliveries SET state = 'stopped', next_at = NULL, retrying = 0
      WHERE kind = 'replay' AND (next_at IS NOT NULL OR state = 'filtered')`.exec(this.#sql);
  }

  #select(condition: Sql, order: Sql, limit: number): readonly Delivery[] {
    const query = sql`SELECT id, kind, webhook_id, type, events, first_at, last_at, tries, state, status, text,
      duration_ms, next_at, recorded_at FROM deliveries WHERE ${condition} ORDER BY ${order} LIMIT ${limit}`;
    return query.exec<DeliveryRow>(this.#sql).toArray().map(deliveryOf);
  }

  /** Deletes those that are kept no longer. */
  prune(nowMs: number): void {
    const isExtra = sql`state NOT IN ('given_up', 'filtered', 'skipped', 'deleted')
      AND id <= (SELECT max(id) FROM deliveries) - ${MAX_DELIVERIES}`;
    sql`DELETE FROM deliveries WHERE next_at IS NULL AND (last_at < ${nowMs - KEPT_MS} OR (${isExtra}))`.exec(
      this.#sql,
    );
  }
}

/** How many tries a result is: a post counts once it is answered, or was not in time. */
function triesIn(result: WebhookPost): number {
  return result === NO_ANSWER_YET ? 0 : 1;
}

function isAmong(ids: ReadonlySet<number>): Sql {
  return isOneOf(sql`id`, [...ids]);
}

function deliveryOf(row: DeliveryRow): Delivery {
  const { id, kind, type, tries, state, status, text } = row;
  return {
    id,
    kind,
    webhookId: row.webhook_id,
    type,
    events: JSON.parse(row.events),
    firstAtMs: row.first_at,
    lastAtMs: row.last_at,
    tries,
    state,
    status,
    text,
    durationMs: row.duration_ms,
    nextAtMs: row.next_at,
    recordedAtMs: row.recorded_at,
  };
}
