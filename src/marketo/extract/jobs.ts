/** The object's SQLite tables: a row for each job, and for each part of a file while it is written. */
import { isOneOf, type Sql, sql } from "../../platform/sql.ts";
import {
  dueAtMs,
  type Job,
  type JobStatus,
  MAX_JOBS_WITHOUT_FILE,
  MAX_QUEUED_JOBS,
  MAX_RUNNING_JOBS,
  MIN_KEPT_MS,
} from "./job.ts";

const TABLES = [
  `CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, client TEXT NOT NULL, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, due_at INTEGER NOT NULL, job TEXT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS parts (
    id TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (id, number)) WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS jobs_of_clients ON jobs (client, status)",
];

/** States without a file in R2. */
const WITHOUT_FILE: readonly JobStatus[] = ["Created", "Cancelled", "Failed"];

/** More than can be queued and running, so that these never keep old jobs from being cleaned up. */
const MAX_DUE_JOBS = 2 * MAX_QUEUED_JOBS;

export interface JobQuery {
  readonly statuses: readonly JobStatus[];
  readonly createdSinceMs: number;
  /** The list begins after the job of this number. */
  readonly after: number;
  readonly limit: number;
}

export interface NumberedJob {
  readonly number: number;
  readonly job: Job;
}

export class Jobs {
  readonly #storage: SqlStorage;

  constructor(storage: SqlStorage) {
    this.#storage = storage;
    for (const table of TABLES) storage.exec(table);
  }

  /** Inserts or updates a job. */
  save(job: Job): void {
    const { id, client, status, createdAtMs } = job;
    sql`INSERT INTO jobs (id, client, status, created_at, due_at, job)
      VALUES (${id}, ${client}, ${status}, ${createdAtMs}, ${dueAtMs(job)}, ${JSON.stringify(job)})
      ON CONFLICT (id) DO UPDATE SET status = excluded.status, due_at = excluded.due_at, job = excluded.job`.exec(
      this.#storage,
    );
    if (status !== "Processing") sql`DELETE FROM parts WHERE id = ${id}`.exec(this.#storage);
  }

  /** Makes a job due at `untilMs`, instead of when its state says, until it is saved again. */
  postpone(id: string, untilMs: number): void {
    sql`UPDATE jobs SET due_at = ${untilMs} WHERE id = ${id}`.exec(this.#storage);
  }

  find(id: string): Job | undefined {
    return this.#read(sql`SELECT number, job FROM jobs WHERE id = ${id}`)[0]?.job;
  }

  /** In the order of their creation. */
  list(client: string, { statuses, createdSinceMs, after, limit }: JobQuery): NumberedJob[] {
    return this.#read(sql`SELECT number, job FROM jobs
      WHERE client = ${client} AND created_at >= ${createdSinceMs} AND number > ${after} AND ${hasStatus(statuses)}
      ORDER BY number LIMIT ${limit}`);
  }

  count(...statuses: readonly JobStatus[]): number {
    const query = sql`SELECT count(*) AS count FROM jobs WHERE ${hasStatus(statuses)}`;
    return query.exec<{ count: number }>(this.#storage).one().count;
  }

  /** How many jobs of a client have this status. */
  countOf(client: string, status: JobStatus): number {
    const query = sql`SELECT count(*) AS count FROM jobs WHERE client = ${client} AND status = ${status}`;
    return query.exec<{ count: number }>(this.#storage).one().count;
  }

  /**
   * Whether a client may create a job. When it has too many without a file, the oldest makes room, provided that it is
   * old enough and that nothing of it is left in R2.
   */
  makeRoom(client: string, nowMs: number): boolean {
    const withoutFile = sql`FROM jobs WHERE client = ${client} AND ${hasStatus(WITHOUT_FILE)}`;
    const { count } = sql`SELECT count(*) AS count ${withoutFile}`.exec<{ count: number }>(this.#storage).one();
    if (count < MAX_JOBS_WITHOUT_FILE) return true;
    const oldest = sql`SELECT min(number) ${withoutFile}
      AND created_at <= ${nowMs - MIN_KEPT_MS} AND job ->> 'openUpload' IS NULL`;
    return sql`DELETE FROM jobs WHERE number = (${oldest})`.exec(this.#storage).rowsWritten > 0;
  }

  /** Due jobs, the longest due first, at most MAX_DUE_JOBS. */
  due(nowMs: number): Job[] {
    return this.#read(sql`SELECT number, job FROM jobs WHERE due_at <= ${nowMs}
      ORDER BY due_at, number LIMIT ${MAX_DUE_JOBS}`).map(({ job }) => job);
  }

  /** When the next job is due; null: never. Queued jobs count only while fewer than the maximum run. */
  nextDueAtMs(): number | null {
    const query = sql`SELECT min(due_at) AS due FROM jobs WHERE status <> 'Queued'
      OR (SELECT count(*) FROM jobs WHERE status = 'Processing') < ${MAX_RUNNING_JOBS}`;
    return query.exec<{ due: number | null }>(this.#storage).one().due;
  }

  /** Inserts a part, or replaces one of the same number. */
  savePart(id: string, { partNumber, etag }: R2UploadedPart): void {
    sql`INSERT OR REPLACE INTO parts (id, number, etag) VALUES (${id}, ${partNumber}, ${etag})`.exec(this.#storage);
  }

  parts(id: string): R2UploadedPart[] {
    const query = sql`SELECT number AS partNumber, etag FROM parts WHERE id = ${id} ORDER BY number`;
    return query.exec<{ partNumber: number; etag: string }>(this.#storage).toArray();
  }

  delete(id: string): void {
    sql`DELETE FROM jobs WHERE id = ${id}`.exec(this.#storage);
  }

  #read(query: Sql): NumberedJob[] {
    return query
      .exec<{ number: number; job: string }>(this.#storage)
      .toArray()
      .map(({ number, job }) => ({ number, job: JSON.parse(job) as Job }));
  }
}

function hasStatus(statuses: readonly JobStatus[]): Sql {
  return isOneOf(sql`status`, statuses);
}
