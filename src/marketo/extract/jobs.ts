/** The table of jobs in the object's SQLite: one row a job, and one a part of a file while it is written. */
import { dueMs, type Job, type JobStatus, MOST_IN_QUEUE, RUNNING_AT_ONCE } from "./job.ts";

const TABLES = [
  `CREATE TABLE IF NOT EXISTS jobs (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, client TEXT NOT NULL,
status TEXT NOT NULL, created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, job TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS parts (id TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (id, number))
WITHOUT ROWID`,
];

/** More than can be queued and running, so that these never keep the others from being cleaned up. */
const MOST_DUE = 2 * MOST_IN_QUEUE;

/** What the list of a client's jobs is asked for. */
export interface Asked {
  readonly statuses: readonly JobStatus[];
  readonly createdSinceMs: number;
  /** The number of the job to go on behind. */
  readonly after: number;
  readonly limit: number;
}

export interface Numbered {
  readonly number: number;
  readonly job: Job;
}

export class Jobs {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const table of TABLES) sql.exec(table);
  }

  /** A job that stands there already becomes what it is now. */
  save(job: Job): void {
    const { id, client, status, createdMs } = job;
    this.#sql.exec(
      `INSERT INTO jobs (id, client, status, created_at, due_at, job) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at, job = excluded.job`,
      id,
      client,
      status,
      createdMs,
      dueMs(job),
      JSON.stringify(job),
    );
    if (status !== "Processing") this.#sql.exec("DELETE FROM parts WHERE id = ?", id);
  }

  /** There is nothing to do about it until then, whatever it says itself; until it is saved again. */
  putOff(id: string, untilMs: number): void {
    this.#sql.exec("UPDATE jobs SET due_at = ? WHERE id = ?", untilMs, id);
  }

  find(id: string): Job | undefined {
    return this.#read("SELECT number, job FROM jobs WHERE id = ?", id)[0]?.job;
  }

  /** In the order in which they were made. */
  list(client: string, { statuses, createdSinceMs, after, limit }: Asked): Numbered[] {
    return this.#read(
      `SELECT number, job FROM jobs WHERE client = ? AND created_at >= ? AND number > ?
AND status IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?`,
      client,
      createdSinceMs,
      after,
      JSON.stringify(statuses),
      limit,
    );
  }

  count(...statuses: readonly JobStatus[]): number {
    return this.#sql
      .exec<{ count: number }>(
        "SELECT count(*) AS count FROM jobs WHERE status IN (SELECT value FROM json_each(?))",
        JSON.stringify(statuses),
      )
      .one().count;
  }

  /** Jobs with which there is something to do, the longest due first; not all of a mass of old ones at once. */
  due(nowMs: number): Job[] {
    return this.#read(
      `SELECT number, job FROM jobs WHERE due_at <= ? ORDER BY due_at, number LIMIT ${MOST_DUE}`,
      nowMs,
    ).map(({ job }) => job);
  }

  /** When there is something to do next, ms since 1970 UTC; null: never. What is queued waits for its turn. */
  nextDueMs(): number | null {
    return this.#sql
      .exec<{ due: number | null }>(
        `SELECT min(due_at) AS due FROM jobs WHERE status <> 'Queued'
OR (SELECT count(*) FROM jobs WHERE status = 'Processing') < ${RUNNING_AT_ONCE}`,
      )
      .one().due;
  }

  /** A part written again takes the place of the first. */
  savePart(id: string, { partNumber, etag }: R2UploadedPart): void {
    this.#sql.exec("INSERT OR REPLACE INTO parts (id, number, etag) VALUES (?, ?, ?)", id, partNumber, etag);
  }

  parts(id: string): R2UploadedPart[] {
    return this.#sql
      .exec<{ number: number; etag: string }>(
        "SELECT number, etag FROM parts WHERE id = ? ORDER BY number",
        id,
      )
      .toArray()
      .map(({ number, etag }) => ({ partNumber: number, etag }));
  }

  drop(id: string): void {
    this.#sql.exec("DELETE FROM jobs WHERE id = ?", id);
  }

  #read(query: string, ...bound: readonly (string | number)[]): Numbered[] {
    return this.#sql
      .exec<{ number: number; job: string }>(query, ...bound)
      .toArray()
      .map(({ number, job }) => ({ number, job: JSON.parse(job) as Job }));
  }
}
