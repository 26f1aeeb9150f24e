/** The real Worker with counters between it and its bindings. `GET /counts` answers them. */
import worker from "../../../src/index.ts";
import { Outbox as RealOutbox } from "../../../src/ingest/outbox.ts";
import { OpenGate as RealOpenGate } from "../../../src/tracking/open-gate.ts";
import type { GateLoad } from "../../../src/tracking/recordable.ts";
import { WebhookEndpoint as RealWebhookEndpoint } from "../../../src/webhooks/endpoint.ts";
import { type Counts, NO_COUNTS } from "./counts.ts";

const counts: Counts = { ...NO_COUNTS };
const BILLED_BYTES = 64_000;

/** `target` with some members replaced; the others keep working on the real thing. */
function replacing<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(real, name) {
      const own: unknown = Reflect.get(replaced, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
}

function countRows<R extends D1Result<unknown>>(result: R): R {
  counts.d1RowsRead += result.meta.rows_read;
  counts.d1RowsWritten += result.meta.rows_written;
  return result;
}

const realStatements = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

function countingStatement(real: D1PreparedStatement): D1PreparedStatement {
  const statement = replacing(real, {
    bind: (...values: unknown[]) => countingStatement(real.bind(...values)),
    run: async <T>() => countRows(await real.run<T>()),
    all: async <T>() => countRows(await real.all<T>()),
    raw: async <T>() => {
      const { results } = countRows(await real.all<Record<string, unknown>>());
      return results.map((row) => Object.values(row)) as [string[], ...T[]];
    },
    first: async (column?: string) => {
      const [row] = countRows(await real.all<Record<string, unknown>>()).results;
      return (column === undefined ? row : row?.[column]) ?? null;
    },
  });
  realStatements.set(statement, real);
  return statement;
}

function counting(env: Env): Env {
  const DB = replacing(env.DB, {
    prepare: (query: string) => countingStatement(env.DB.prepare(query)),
    batch: async <T>(statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch<T>(statements.map((each) => realStatements.get(each) ?? each));
      return results.map(countRows);
    },
  });
  const EVENTS = replacing(env.EVENTS, {
    send: async (body: string, options?: QueueSendOptions) => {
      // Written, read and deleted.
      counts.queueOperations += 3 * Math.ceil(new TextEncoder().encode(body).length / BILLED_BYTES);
      return await env.EVENTS.send(body, options as QueueSendOptions & { contentType: "text" });
    },
  });
  const OPENS = replacing(env.OPENS, {
    getByName: (name: string) => {
      counts.durableObjectRequests++;
      return env.OPENS.getByName(name);
    },
  });
  const WEBHOOKS = replacing(env.WEBHOOKS, {
    getByName: (name: string) => {
      counts.durableObjectRequests++;
      return env.WEBHOOKS.getByName(name);
    },
  });
  return { ...env, DB, EVENTS, OPENS, WEBHOOKS, ARCHIVE: countingBucket(env.ARCHIVE) };
}

function countingBucket(bucket: R2Bucket): R2Bucket {
  const counted =
    (kind: "r2ClassA" | "r2ClassB", method: "get" | "list" | "put") =>
    (...values: unknown[]) => {
      counts[kind]++;
      return Reflect.apply(bucket[method], bucket, values);
    };
  return replacing(bucket, {
    get: counted("r2ClassB", "get"),
    put: counted("r2ClassA", "put"),
    list: counted("r2ClassA", "list"),
  });
}

function countingStorage({ storage }: DurableObjectState): DurableObjectStorage {
  const { kv } = storage;
  const countingKv = replacing(kv, {
    get: <T>(key: string) => {
      counts.durableObjectRowsRead++;
      return kv.get<T>(key);
    },
    put: (key: string, value: unknown) => {
      counts.durableObjectRowsWritten++;
      kv.put(key, value);
    },
  });
  const setAlarm = async (atMs: number | Date) => {
    counts.durableObjectRowsWritten++;
    await storage.setAlarm(atMs);
  };
  return replacing(storage, { kv: countingKv, setAlarm });
}

export class OpenGate extends RealOpenGate {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, counting(env));
    const counted = replacing(ctx, { storage: countingStorage(ctx) });
    // The base class takes the real one only.
    Object.defineProperty(this, "ctx", { value: counted });
  }

  override async acquire(open: GateLoad) {
    const startMs = Date.now();
    const count = () => {
      counts.durableObjectMs += Date.now() - startMs;
    };
    const lease = await super.acquire(open);
    if (typeof lease === "number") {
      count();
      return lease;
    }
    // Billed until the lease is released: the call that returned it lasts as long.
    const release = lease[Symbol.dispose].bind(lease);
    const counted = () => {
      count();
      release();
    };
    return Object.defineProperty(lease, Symbol.dispose, { value: counted });
  }
}

/** Counts what the storage is asked for, of which each write of a key or an alarm is billed as a row. */
function countStorage({ storage }: DurableObjectState): void {
  const { kv, sql } = storage;
  const setAlarm = storage.setAlarm.bind(storage);
  const counted = {
    kv: replacing(kv, {
      get: <T>(key: string) => {
        counts.durableObjectRowsRead++;
        return kv.get<T>(key);
      },
      put: (key: string, value: unknown) => {
        counts.durableObjectRowsWritten++;
        kv.put(key, value);
      },
      delete: (key: string) => {
        counts.durableObjectRowsWritten++;
        return kv.delete(key);
      },
    }),
    sql: replacing(sql, {
      exec: <T extends Record<string, SqlStorageValue>>(query: string, ...values: SqlStorageValue[]) => {
        const cursor = sql.exec<T>(query, ...values);
        // Its rows are taken at once.
        queueMicrotask(() => {
          counts.durableObjectRowsRead += cursor.rowsRead;
          counts.durableObjectRowsWritten += cursor.rowsWritten;
        });
        return cursor;
      },
    }),
    setAlarm: async (atMs: number | Date) => {
      counts.durableObjectRowsWritten++;
      await setAlarm(atMs);
    },
  };
  for (const [name, value] of Object.entries(counted)) Object.defineProperty(storage, name, { value });
}

export class WebhookEndpoint extends RealWebhookEndpoint {
  constructor(ctx: DurableObjectState, env: Env) {
    countStorage(ctx);
    super(ctx, counting(env));
  }

  override async alarm(): Promise<void> {
    const startMs = Date.now();
    counts.durableObjectRequests++;
    await super.alarm();
    counts.durableObjectMs += Date.now() - startMs;
  }
}

export const Outbox = RealOutbox;

export { Alerts } from "../../../src/alerts/alerts.ts";
export { ReadLeases } from "../../../src/http/read-leases.ts";
export { Extracts } from "../../../src/marketo/extract/extracts.ts";
export { RetryClock } from "../../../src/retries/clock.ts";

const environments = new WeakMap<Env, Env>();

/** The same for the same environment. */
export function countingOnce(env: Env): Env {
  const counted = environments.get(env) ?? counting(env);
  environments.set(env, counted);
  return counted;
}

export default {
  fetch(request, env, context) {
    if (request.url.endsWith("/counts")) return Response.json(counts);
    counts.requests++;
    return worker.fetch(request, countingOnce(env), context);
  },
  queue: (batch, env) => worker.queue(batch, countingOnce(env)),
} satisfies ExportedHandler<Env>;
