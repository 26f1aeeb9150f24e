/** Bindings that fail on purpose, in the ways that the real ones do. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { vi } from "vitest";

/** The fault of the next call; undefined: it works. */
export type Next<Fault> = () => Fault | undefined;

/** One fault after the other, then the first again; without any, everything works. */
export function inTurn<Fault>(faults: readonly (Fault | undefined)[]): Next<Fault> {
  let calls = 0;
  return () => (faults.length === 0 ? undefined : faults[calls++ % faults.length]);
}

/** Faults in turn, among calls that work. */
export function faultsOf<Fault>(maxLength: number, ...faults: Fault[]): fc.Arbitrary<(Fault | undefined)[]> {
  return fc.array(fc.option(fc.constantFrom(...faults), { nil: undefined, freq: 2 }), { maxLength });
}

export type QueueFault = "refuses" | "hangs" | "takes it and fails";

/** A queue that passes the bodies it takes to `take`. */
export function faultyQueue(next: Next<QueueFault>, take: (body: string) => Promise<void>): Queue<string> {
  const send = async (body: string): Promise<void> => {
    const fault = next();
    if (fault === "hangs") await new Promise(() => {});
    if (fault !== "refuses") await take(body);
    if (fault !== undefined) throw new Error("Queue send failed: Too Many Requests");
  };
  return { ...env.EVENTS, send } as unknown as Queue<string>;
}

/** The real queue, failing every time. */
export function brokenQueue(how: QueueFault): Queue<string> {
  return faultyQueue(
    () => how,
    async (body) => void (await env.EVENTS.send(body, { contentType: "text" })),
  );
}

export type DatabaseFault = "overloaded" | "loses the connection" | "commits and loses the connection" | "hangs";

async function failing<T>(fault: DatabaseFault | undefined, work: () => Promise<T>): Promise<T> {
  if (fault === undefined) return await work();
  if (fault === "overloaded") throw new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
  if (fault === "hangs") return await new Promise(() => {});
  if (fault === "commits and loses the connection") await work();
  throw new Error("D1_ERROR: Network connection lost.");
}

/** The real database behind a connection that fails. */
export function faultyDatabase(next: Next<DatabaseFault>): D1Database {
  return databaseAround((work) => failing(next(), work));
}

/** The real D1, in which `around` makes each call: none, or one that fails, or one with something before it. */
export function databaseAround(around: <T>(work: () => Promise<T>) => Promise<T>): D1Database {
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const wrap = (real: D1PreparedStatement): D1PreparedStatement => {
    const statement = new Proxy(real, {
      get: (_, name: keyof D1PreparedStatement) => {
        if (name === "bind") return (...values: unknown[]) => wrap(real.bind(...values));
        const method = real[name] as (...values: unknown[]) => Promise<unknown>;
        return (...values: unknown[]) => around(() => method.apply(real, values));
      },
    });
    realOf.set(statement, real);
    return statement;
  };
  return new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (name === "prepare") return (query: string) => wrap(real.prepare(query));
      if (name !== "batch") throw new Error(`nothing here calls ${String(name)} on D1`);
      return (statements: D1PreparedStatement[]) =>
        around(() => real.batch(statements.map((each) => realOf.get(each) ?? each)));
    },
  });
}

/** All faults of D1 except hanging. */
export const databaseFaults = faultsOf<DatabaseFault>(
  12,
  "overloaded",
  "loses the connection",
  "commits and loses the connection",
);

/**
 * The real database for one aggregation: it has read a batch when `read` settles, and writes it when `write` is called.
 */
export function slowToWrite(): {
  readonly d1: D1Database;
  readonly read: Promise<void>;
  readonly write: () => void;
} {
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: read, resolve: isRead } = Promise.withResolvers<void>();
  const d1 = {
    prepare: (query: string) => env.DB.prepare(query),
    batch: async (statements: D1PreparedStatement[]) => {
      // What reads a step is two statements, what writes it more.
      if (statements.length > 2) {
        isRead();
        await written;
      }
      return await env.DB.batch(statements);
    },
  } as unknown as D1Database;
  return { d1, read, write };
}

/** A database that is overloaded until `mend` is called. */
export function brokenDatabase(): { d1: D1Database; mend: () => void } {
  let broken = true;
  return {
    d1: faultyDatabase(() => (broken ? "overloaded" : undefined)),
    mend: () => {
      broken = false;
    },
  };
}

export type ObjectFault = "hangs" | "out of reach" | "answers nobody" | "evicted" | "dies before it writes";

/** Durable Objects that fail. */
export function faultyObjects<T extends Rpc.DurableObjectBranded>(
  real: DurableObjectNamespace<T>,
  next: Next<ObjectFault>,
): DurableObjectNamespace<T> {
  const call = async (name: string, method: string, values: unknown[]) => {
    const fault = next();
    if (fault === "out of reach") throw new Error("Durable Object reset because its code was updated.");
    if (fault === "hangs") return await new Promise(() => {});
    const stub = real.getByName(name);
    if (fault === "evicted") await evictDurableObject(stub);
    if (fault === "dies before it writes") await refuseWrites(stub);
    try {
      const answer: unknown = await (stub as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>)[
        method
      ]?.(...values);
      if (fault === "answers nobody") {
        // The stubs of the answer are disposed with the connection.
        (answer as Partial<Disposable> | null | undefined)?.[Symbol.dispose]?.();
        throw new Error("Network connection lost.");
      }
      return answer;
    } finally {
      if (fault === "dies before it writes") await crash(real.getByName(name));
    }
  };
  const getByName = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          (...values: unknown[]) =>
            call(name, method, values),
      },
    );
  return { getByName } as unknown as DurableObjectNamespace<T>;
}

/** Durable Objects that are all unreachable. */
export function unreachable<T extends Rpc.DurableObjectBranded>(): DurableObjectNamespace<T> {
  return faultyObjects({} as DurableObjectNamespace<T>, () => "out of reach");
}

/** Gives a Durable Object another environment, until it is evicted. */
export async function surround(stub: DurableObjectStub, around: Env): Promise<void> {
  await runInDurableObject(stub, (instance) => {
    Object.assign(instance, { env: around });
  });
}

/** Makes every write of the object throw, as if it died at that moment. */
export async function refuseWrites(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_instance, { storage }) => {
    const { kv } = storage;
    const put = () => {
      throw new Error("the object was evicted");
    };
    Object.defineProperty(storage, "kv", { value: { get: (key: string) => kv.get(key), put } });
  });
}

/** Ends an object as a crash does: what it wrote stays, what it had in memory is lost. */
export async function crash(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_instance, state) => state.abort("crash")).catch(() => {
    // The call itself fails, too.
  });
}

/** Timers of seconds wait for the function that is returned, until mocks are restored. */
export function holdTimers(): () => void {
  const real = globalThis.setTimeout;
  const held: (() => void)[] = [];
  const holding = (callback: () => void, ms = 0) => (ms >= 1_000 ? held.push(callback) : real(callback, ms));
  vi.spyOn(globalThis, "setTimeout").mockImplementation(holding as typeof setTimeout);
  return () => {
    for (const callback of held.splice(0)) callback();
  };
}

/** Timers of seconds fire at once, until mocks are restored. */
export function hurry(): void {
  const real = globalThis.setTimeout;
  const hurried = (callback: () => void, ms = 0) => real(callback, ms >= 1_000 && ms < 20_000 ? 0 : ms);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
}
