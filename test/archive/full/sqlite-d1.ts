/** D1 on a SQLite of its own, which a test may fill, and R2 in memory: what the archive calls of them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { scheduler } from "node:timers/promises";
import { fileURLToPath } from "node:url";

// Workers have it as a global.
Object.assign(globalThis, { scheduler });

const MIGRATION = fileURLToPath(import.meta.resolve("../../../migrations/0000_log.sql"));

/** A statement with its values. */
class Statement {
  readonly #database: DatabaseSync;
  readonly #query: string;
  readonly #values: readonly SQLInputValue[];

  constructor(database: DatabaseSync, query: string, values: readonly SQLInputValue[] = []) {
    this.#database = database;
    this.#query = query;
    this.#values = values;
  }

  bind(...values: SQLInputValue[]): Statement {
    return new Statement(this.#database, this.#query, values);
  }

  async all() {
    return this.allAtOnce();
  }

  async run() {
    return this.allAtOnce();
  }

  async first(column?: string): Promise<unknown> {
    const [row = null] = this.allAtOnce().results;
    return row === null || column === undefined ? row : row[column];
  }

  async raw(): Promise<unknown> {
    const statement = this.#database.prepare(this.#query);
    statement.setReturnArrays(true);
    return statement.all(...this.#values);
  }

  allAtOnce() {
    const results = this.#database.prepare(this.#query).all(...this.#values);
    const { changes } = this.#database.prepare("SELECT changes() AS changes").get() ?? {};
    return { results, meta: { changes: Number(changes) } };
  }
}

/** A database with the tables of D1. */
export function sqliteD1() {
  const sqlite = new DatabaseSync(":memory:");
  sqlite.exec(readFileSync(MIGRATION, "utf8"));
  const d1 = {
    prepare: (query: string) => new Statement(sqlite, query),
    batch: async (statements: readonly Statement[]) => {
      sqlite.exec("BEGIN");
      try {
        const results = statements.map((statement) => statement.allAtOnce());
        sqlite.exec("COMMIT");
        return results;
      } catch (error) {
        // SQLite ends some transactions by itself.
        if (sqlite.isTransaction) sqlite.exec("ROLLBACK");
        throw error;
      }
    },
  };
  return { sqlite, DB: d1 as unknown as D1Database };
}

/** A bucket that takes each object, whatever its conditions. */
export function memoryR2(): R2Bucket {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  const objectOf = (key: string) => {
    const bytes = objects.get(key);
    if (bytes === undefined) return null;
    const etag = createHash("md5").update(bytes).digest("hex");
    return { key, etag, size: bytes.length, uploaded: new Date(), arrayBuffer: async () => bytes.slice().buffer };
  };
  const bucket = {
    head: async (key: string) => objectOf(key),
    get: async (key: string) => objectOf(key),
    put: async (key: string, bytes: Uint8Array) => {
      objects.set(key, new Uint8Array(bytes));
      return objectOf(key);
    },
    delete: async (key: string) => void objects.delete(key),
  };
  return bucket as unknown as R2Bucket;
}
