/**
 * The Durable Object for rows that neither queue nor D1 took, and for dead letters.
 *
 * Guarantees: bodies that it keeps are retried into D1 by alarm, with growing pauses, until they are in; none is
 * dropped. Dead letters, which D1 rejected or the queue gave up on, stay until somebody replays them.
 * Gives up speed: one object takes a few hundred writes a second. It is used in outages only, and by groups of rows.
 */
import { DurableObject } from "cloudflare:workers";
import { opensRule, settingsOf } from "../config/settings.ts";
import { erasedRow, rowWithoutAddress } from "../events/erased-row.ts";
import { openedId } from "../events/opened-id.ts";
import { type NamedRow, namedRow, rowText } from "../events/row.ts";
import { backoffMs } from "../platform/backoff.ts";
import { errorText } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { isOneOf, type Sql, sql } from "../platform/sql.ts";
import { insertGroups, isUnacceptable } from "./insert.ts";
import { bodyOf, rowsIn } from "./queue-body.ts";
import type { RowGroup } from "./row-group.ts";

/** A queue body. `error` is empty while it waits for D1, and says why a dead letter is one. */
export interface DeadLetter {
  readonly id: number;
  /** When it was stored, ms since 1970 UTC. */
  readonly at: number;
  readonly error: string;
  readonly body: string;
}

interface StoredBody extends DeadLetter {
  readonly state: number;
}

/** Who is erased: a person, or an address out of the rows of people who stay. */
export type ErasedSubject = { readonly person: string; readonly pseudonym: string } | { readonly address: string };

export interface OutboxCounts {
  /** Bodies that are retried by alarm, or parked. */
  readonly waiting: number;
  readonly deadLetters: number;
}

export interface ReplayReport {
  readonly replayed: number;
  readonly failed: readonly { readonly id: number; readonly error: string }[];
  /** The id behind which the next ones begin; undefined: there are none. */
  readonly next?: number | undefined;
  /** Set when D1 was out of reach: the others were not tried. */
  readonly outOfReach?: string | undefined;
}

/** Why a body's rows are not in D1. */
interface InsertFailure {
  readonly error: string;
  /** Whether D1 will never take them. */
  readonly isRejected: boolean;
}

const NOT_INSERTED = refused<InsertFailure>({ error: "", isRejected: true });

/** Opens are parked until OPENS_PER is right. */
const STATE = { waiting: 0, dead: 1, parked: 2 } as const;

const FIRST_RETRY_MS = 1_000;
const PARKED_CHECK_MS = 60_000;
const BACKOFF = { firstMs: 2_000, maxMs: 300_000, jitter: 0.5 } as const;
/** Storage key: how many alarms in a row D1 has failed. */
const FAILURES = "failures";
const BODIES_PER_ALARM = 100;
const PAGE_SIZE = 50;
/** Each is a transaction of D1. */
const REPLAYED_AT_ONCE = 100;

export class Outbox extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    sql`CREATE TABLE IF NOT EXISTS bodies (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, state INTEGER NOT NULL,
      error TEXT NOT NULL DEFAULT '', body TEXT NOT NULL
    )`.exec(this.#sql);
  }

  /** Keeps queue bodies until D1 has their rows. */
  async keep(bodies: readonly string[]): Promise<void> {
    await this.#store(bodies, STATE.waiting, FIRST_RETRY_MS);
  }

  /** Keeps queue bodies of opens until it is known what opens are counted by. */
  async park(bodies: readonly string[]): Promise<void> {
    await this.#store(bodies, STATE.parked, PARKED_CHECK_MS);
  }

  /** Stores a dead letter for inspection and replay. */
  addDeadLetter(body: string, error: string): void {
    sql`INSERT INTO bodies (at, state, error, body) VALUES (${Date.now()}, ${STATE.dead}, ${error}, ${body})`.exec(
      this.#sql,
    );
  }

  counts(): OutboxCounts {
    const query = sql`SELECT count(*) FILTER (WHERE state <> ${STATE.dead}) AS waiting,
      count(*) FILTER (WHERE state = ${STATE.dead}) AS deadLetters FROM bodies`;
    const { waiting, deadLetters } = query.exec<{ waiting: number; deadLetters: number }>(this.#sql).one();
    return { waiting, deadLetters };
  }

  /** At most `limit` dead letters with a higher id than `after`, oldest first. */
  deadLetters(after: number, limit = PAGE_SIZE): DeadLetter[] {
    const found = this.#select(sql`state = ${STATE.dead} AND id > ${after}`, limit);
    return found.map(({ id, at, error, body }) => ({ id, at, error, body }));
  }

  /**
   * Inserts dead letters with a higher id than `after` into D1 again, all or those with these ids, and removes the ones
   * that D1 took. Stops after a hundred, and when D1 is out of reach.
   */
  async replay(ids?: readonly number[], after = 0): Promise<ReplayReport> {
    const isAsked = ids === undefined ? sql`true` : isOneOf(sql`id`, ids);
    const found = this.#select(sql`state = ${STATE.dead} AND id > ${after} AND ${isAsked}`, REPLAYED_AT_ONCE + 1);
    const letters = found.slice(0, REPLAYED_AT_ONCE);
    const failed: { id: number; error: string }[] = [];
    let replayed = 0;
    for (const { id } of letters) {
      const inserted = await this.#insertStored(id);
      if (inserted.ok) replayed++;
      else if (!inserted.reason.isRejected) return { replayed, failed, outOfReach: inserted.reason.error };
      else failed.push({ id, error: inserted.reason.error });
    }
    return { replayed, failed, next: found.length > letters.length ? letters.at(-1)?.id : undefined };
  }

  /**
   * Erases a person or an address from up to 50 bodies with a higher id than `after`. A body with rows of the person is
   * inserted into D1, where the erasure finds them; when D1 rejects it, it stays here with their pseudonym. So does one
   * with rows that name the address, without it. An unreadable body stays as it is.
   * @returns the last id that it read, or undefined when no body is left
   * @throws {Error} when D1 is unreachable
   */
  async erase(whom: ErasedSubject, after: number): Promise<number | undefined> {
    const isPerson = "person" in whom;
    const mayNameThem = isPerson
      ? sql`instr(body, ${`"${whom.person}"`}) > 0`
      : sql`(instr(body, '@') > 0 OR instr(body, '%') > 0)`;
    const found = this.#select(sql`id > ${after} AND ${mayNameThem}`, PAGE_SIZE);
    for (const { id, body, state } of found) {
      const erased = erasedBody(body, whom);
      if (erased === undefined) continue;
      const inserted = isPerson && state !== STATE.parked ? await this.#insert(body) : NOT_INSERTED;
      if (inserted.ok) this.#remove(id);
      else if (inserted.reason.isRejected) sql`UPDATE bodies SET body = ${erased} WHERE id = ${id}`.exec(this.#sql);
      else throw new Error(inserted.reason.error);
    }
    return found.at(-1)?.id;
  }

  override async alarm(): Promise<void> {
    this.#releaseParked();
    for (const { id } of this.#select(sql`state = ${STATE.waiting}`, BODIES_PER_ALARM)) {
      const inserted = await this.#insertStored(id);
      if (inserted.ok) continue;
      if (!inserted.reason.isRejected) return await this.#retryLater();
      this.#markDead(id, inserted.reason.error);
    }
    this.ctx.storage.kv.delete(FAILURES);
    if (this.#has(STATE.waiting)) await this.#setAlarmAfter(0);
    else if (this.#has(STATE.parked)) await this.#setAlarmAfter(PARKED_CHECK_MS);
  }

  /** Oldest first. */
  #select(condition: Sql, limit: number): StoredBody[] {
    const query = sql`SELECT id, at, state, error, body FROM bodies WHERE ${condition} ORDER BY id LIMIT ${limit}`;
    return query.exec<Record<string, SqlStorageValue> & StoredBody>(this.#sql).toArray();
  }

  #has(state: number): boolean {
    return this.#select(sql`state = ${state}`, 1).length > 0;
  }

  async #store(bodies: readonly string[], state: number, afterMs: number): Promise<void> {
    for (const body of bodies)
      sql`INSERT INTO bodies (at, state, body) VALUES (${Date.now()}, ${state}, ${body})`.exec(this.#sql);
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarmAfter(afterMs);
  }

  /** Makes parked opens wait for D1 as any others, once it is known what opens are counted by. */
  #releaseParked(): void {
    const settings = settingsOf(this.env);
    const per = settings.ok ? opensRule(settings.value) : undefined;
    if (per === undefined) return;
    for (const { id, body } of this.#select(sql`state = ${STATE.parked}`, BODIES_PER_ALARM)) {
      const released = withOpenedIds(body, per);
      sql`UPDATE bodies SET state = ${STATE.waiting}, body = ${released} WHERE id = ${id}`.exec(this.#sql);
    }
  }

  #markDead(id: number, error: string): void {
    sql`UPDATE bodies SET state = ${STATE.dead}, error = ${error} WHERE id = ${id}`.exec(this.#sql);
  }

  #remove(id: number): void {
    sql`DELETE FROM bodies WHERE id = ${id}`.exec(this.#sql);
  }

  /** Inserts a body into D1 as it is by now, and removes it. One that an erasure has changed meanwhile stays. */
  async #insertStored(id: number): Promise<Result<void, InsertFailure>> {
    const [stored] = this.#select(sql`id = ${id}`, 1);
    // Another call has inserted it.
    if (stored === undefined) return ok(undefined);
    const inserted = await this.#insert(stored.body);
    if (inserted.ok) sql`DELETE FROM bodies WHERE id = ${id} AND body = ${stored.body}`.exec(this.#sql);
    return inserted;
  }

  /** Inserts a body's rows into D1. */
  async #insert(body: string): Promise<Result<void, InsertFailure>> {
    const rows = rowsIn(body);
    if (!rows.ok) return refused({ error: rows.reason, isRejected: true });
    try {
      return ok(await insertGroups(this.env, [rows.value]));
    } catch (error) {
      return refused({ error: errorText(error), isRejected: isUnacceptable(error) });
    }
  }

  async #retryLater(): Promise<void> {
    const failures = (this.ctx.storage.kv.get<number>(FAILURES) ?? 0) + 1;
    this.ctx.storage.kv.put(FAILURES, failures);
    await this.#setAlarmAfter(backoffMs(BACKOFF, failures));
  }

  async #setAlarmAfter(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }
}

/** The body with the rows erased that concern them; undefined when there is none, or it cannot be read. */
function erasedBody(body: string, whom: ErasedSubject): string | undefined {
  const rows = rowsIn(body);
  if (!rows.ok) return undefined;
  const before = parsedRows(rows.value);
  const after = before.map((row) => {
    if ("address" in whom) return rowWithoutAddress(row, whom.address);
    return row.person === whom.person ? erasedRow(row, whom.pseudonym) : row;
  });
  if (after.every((row, index) => row === before[index])) return undefined;
  return bodyOf({ ...rows.value, rows: after.map(rowText).join(",") });
}

/** The body with the ids that its opens have by the rule. An erased one keeps its own. */
function withOpenedIds(body: string, per: "campaign" | "email"): string {
  const rows = rowsIn(body);
  if (!rows.ok) return body;
  const named = parsedRows(rows.value).map((row) => {
    const message = { email: String(row.email), person: String(row.person), campaign: String(row.campaign) };
    return row.id === openedId(message, "campaign") ? { ...row, id: openedId(message, per) } : row;
  });
  return bodyOf({ ...rows.value, rows: named.map(rowText).join(",") });
}

function parsedRows({ rows }: RowGroup): readonly NamedRow[] {
  try {
    const values: unknown = JSON.parse(`[${rows}]`);
    return Array.isArray(values) && values.every(Array.isArray) ? values.map(namedRow) : [];
  } catch {
    // Not JSON: D1 will never take it, and whose rows it had cannot be known.
    return [];
  }
}
