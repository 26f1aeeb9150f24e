/**
 * The Durable Object for rows that found neither queue nor D1, and for dead letters.
 *
 * Kept bodies are tried into D1 by alarm, with growing pauses, until they are in: nothing kept is dropped. Dead letters, which
 * D1 refuses for what they are or which the queue gave up on, wait for somebody to look and replay them.
 * Gives up: speed. One object, a few hundred writes a second: it sees groups of rows, and only in an outage.
 */
import { DurableObject } from "cloudflare:workers";
import { erasedRow, PERSON_COLUMN } from "../events/erased-row.ts";
import { backoffMs } from "../platform/backoff.ts";
import { isRejectedRow } from "../platform/errors.ts";
import { insertRows } from "./insert.ts";
import { bodyOf, rowsOf } from "./queue-body.ts";

export interface DeadLetter {
  readonly id: number;
  /** ms since 1970 UTC, when it was laid here. */
  readonly at: number;
  readonly error: string;
  readonly body: string;
}

export interface OutboxCounts {
  /** Bodies that are tried again by alarm. */
  readonly waiting: number;
  readonly dead: number;
}

export interface Replayed {
  readonly replayed: number;
  readonly failed: readonly { readonly id: number; readonly error: string }[];
}

const FIRST_PAUSE_MS = 1_000;
const BACKOFF = { firstMs: 2_000, maxMs: 300_000, jitter: 0.5 } as const;
/** Storage key: alarms in a row that D1 failed. */
const FAILURES = "failures";
const BODIES_AN_ALARM = 100;
const PAGE = 50;

interface Kept extends Record<string, SqlStorageValue> {
  id: number;
  at: number;
  error: string | null;
  body: string;
}

export class Outbox extends DurableObject<Env> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, dead INTEGER NOT NULL, error TEXT, body TEXT NOT NULL)",
    );
  }

  /** Keeps queue bodies until D1 has their rows. */
  async keep(bodies: readonly string[]): Promise<void> {
    this.#lay(bodies, null);
    if ((await this.ctx.storage.getAlarm()) === null) await this.#setAlarmAfter(FIRST_PAUSE_MS);
  }

  /** Lays dead letters down for somebody to look at. */
  addDeadLetters(bodies: readonly string[], error: string): void {
    this.#lay(bodies, error);
  }

  counts(): OutboxCounts {
    const row = this.#sql
      .exec<{ waiting: number; dead: number }>(
        "SELECT count(*) FILTER (WHERE dead = 0) AS waiting, count(*) FILTER (WHERE dead = 1) AS dead FROM bodies",
      )
      .one();
    return { waiting: row.waiting, dead: row.dead };
  }

  /** At most 50 dead letters with a higher id than `after`, oldest first. */
  deadLetters(after: number): DeadLetter[] {
    return this.#sql
      .exec<Kept>(
        "SELECT id, at, error, body FROM bodies WHERE dead = 1 AND id > ? ORDER BY id LIMIT ?",
        after,
        PAGE,
      )
      .toArray()
      .map(({ id, at, error, body }) => ({ id, at, error: error ?? "", body }));
  }

  /** Tries dead letters into D1 again, all of them or those named; the ones that are in are gone from here. */
  async replay(ids?: readonly number[]): Promise<Replayed> {
    const failed: { id: number; error: string }[] = [];
    let replayed = 0;
    let after = 0;
    for (let page = this.deadLetters(after); page.length > 0; page = this.deadLetters(after)) {
      for (const { id, body } of page) {
        after = id;
        if (ids !== undefined && !ids.includes(id)) continue;
        const fault = await this.#insert(body);
        if (fault === undefined) {
          this.#sql.exec("DELETE FROM bodies WHERE id = ?", id);
          replayed++;
        } else {
          failed.push({ id, error: fault.error });
        }
      }
    }
    return { replayed, failed };
  }

  /**
   * Takes people out of some of the bodies behind the id `after`, and answers the last one's id; undefined when there are none.
   * `standIns` are by person. A body with rows of theirs goes into D1, where the others of theirs are; one that D1 will never take keeps
   * them without what leads to anybody. What cannot be read stays as it is. Throws when D1 is out of reach.
   */
  async erase(pseudonyms: Readonly<Record<string, string>>, after: number): Promise<number | undefined> {
    const found = this.#sql
      .exec<Kept>(
        `SELECT id, at, error, body FROM bodies
        WHERE id > ? AND EXISTS (SELECT 1 FROM json_each(?) WHERE instr(body, '"' || value || '"') > 0) ORDER BY id LIMIT ?`,
        after,
        JSON.stringify(Object.keys(pseudonyms)),
        PAGE,
      )
      .toArray();
    for (const { id, body } of found) {
      const rows = erasedRows(body, pseudonyms);
      if (rows === undefined) continue;
      const fault = await this.#insert(body);
      if (fault === undefined) this.#sql.exec("DELETE FROM bodies WHERE id = ?", id);
      else if (fault.forGood) this.#sql.exec("UPDATE bodies SET body = ? WHERE id = ?", rows, id);
      else throw new Error(fault.error);
    }
    return found.at(-1)?.id;
  }

  override async alarm(): Promise<void> {
    const waiting = this.#sql
      .exec<Kept>(
        "SELECT id, at, error, body FROM bodies WHERE dead = 0 ORDER BY id LIMIT ?",
        BODIES_AN_ALARM,
      )
      .toArray();
    for (const { id, body } of waiting) {
      const fault = await this.#insert(body);
      if (fault === undefined) this.#sql.exec("DELETE FROM bodies WHERE id = ?", id);
      else if (fault.forGood)
        this.#sql.exec("UPDATE bodies SET dead = 1, error = ? WHERE id = ?", fault.error, id);
      else return await this.#pauseLonger();
    }
    this.ctx.storage.kv.delete(FAILURES);
    if (this.counts().waiting > 0) await this.#setAlarmAfter(0);
  }

  #lay(bodies: readonly string[], error: string | null): void {
    for (const body of bodies) {
      this.#sql.exec(
        "INSERT INTO bodies (at, dead, error, body) VALUES (?, ?, ?, ?)",
        Date.now(),
        error === null ? 0 : 1,
        error,
        body,
      );
    }
  }

  async #insert(body: string): Promise<{ error: string; forGood: boolean } | undefined> {
    const rows = rowsOf(body);
    if (!rows.ok) return { error: rows.reason, forGood: true };
    try {
      await insertRows(this.env.DB, [rows.value]);
      return undefined;
    } catch (error) {
      return { error: String(error), forGood: isRejectedRow(error) };
    }
  }

  async #pauseLonger(): Promise<void> {
    const failures = (this.ctx.storage.kv.get<number>(FAILURES) ?? 0) + 1;
    this.ctx.storage.kv.put(FAILURES, failures);
    await this.#setAlarmAfter(backoffMs(BACKOFF, failures));
  }

  async #setAlarmAfter(ms: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + ms);
  }
}

/** The body without these people; undefined when it holds nothing of theirs, or nothing that can be read. */
function erasedRows(body: string, pseudonyms: Readonly<Record<string, string>>): string | undefined {
  const rows = rowsOf(body);
  if (!rows.ok) return undefined;
  const values = rowValues(rows.value);
  let isTheirs = false;
  const erased = values.map((row) => {
    const person = row[PERSON_COLUMN];
    const pseudonym =
      typeof person === "string" && Object.hasOwn(pseudonyms, person) ? pseudonyms[person] : undefined;
    if (pseudonym === undefined) return JSON.stringify(row);
    isTheirs = true;
    return JSON.stringify(erasedRow(row, pseudonym));
  });
  return isTheirs ? bodyOf(erased) : undefined;
}

function rowValues(rows: string): readonly (readonly unknown[])[] {
  try {
    const values: unknown = JSON.parse(`[${rows}]`);
    return Array.isArray(values) && values.every(Array.isArray) ? values : [];
  } catch {
    // No JSON: D1 will never take it, and nobody can tell whose it is.
    return [];
  }
}
