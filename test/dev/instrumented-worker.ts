/**
 * The local Worker with what tests and benchmarks need besides: storage that stays, its process, a debugger, and other
 * Workers in the same workerd.
 */
import type { V4WorkerOptions } from "miniflare";
import {
  type LocalRuntimeOptions,
  type LocalWorker,
  type LocalWorkerOptions,
  startLocalWorker,
} from "../../src/dev/local-worker.ts";
import { childrenNamed } from "./processes.ts";

/** Another Worker in the same workerd, with the same compatibility date. */
export interface BesideWorker {
  readonly name: string;
  /** An ES module. */
  readonly script: string;
  /** Binding → class of the script, with SQLite storage. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

export interface InstrumentedWorkerOptions extends Omit<LocalWorkerOptions, "configure"> {
  /** The folder of D1 and the Durable Objects. Default: a temporary one, which `stop` removes */
  readonly persistTo?: string;
  /** Whether calls of Marketo's API have no rate limit. Default: false */
  readonly unlimited?: boolean;
  readonly beside?: readonly BesideWorker[];
  /** Whether `inspectorUrl` accepts debuggers; slower. Default: false */
  readonly inspected?: boolean;
}

export interface InstrumentedWorker extends LocalWorker {
  /** Changes after `kill`. */
  readonly workerdPid: number;
  /** The origins of the Workers beside it, by name. */
  readonly besideOrigins: Readonly<Record<string, string>>;
  /** The WebSocket address of the Worker's inspector (Chrome DevTools Protocol); undefined unless `inspected`. */
  readonly inspectorUrl: string | undefined;
  /**
   * Ends workerd by SIGKILL, whatever it is doing, and resolves when it runs again: at the same origins, with what
   * was on the disk. Call `d1` again afterwards.
   */
  kill(): Promise<void>;
}

/** One start at a time, so that the new workerd among this process's children is the one just started. */
let lastStart: Promise<unknown> = Promise.resolve();

export function startInstrumentedWorker(options: InstrumentedWorkerOptions = {}): Promise<InstrumentedWorker> {
  const started = lastStart.then(() => start(options));
  lastStart = started.catch(() => undefined);
  return started;
}

async function start(options: InstrumentedWorkerOptions): Promise<InstrumentedWorker> {
  const { beside = [], inspected = false } = options;
  const workerdsBefore = await childrenNamed("workerd");
  let restarted = Promise.withResolvers<void>();
  let name = "";
  const worker = await startLocalWorker({
    ...options,
    configure: (runtime) => {
      name = runtime.workers[0].name ?? "";
      return { ...instrumented(runtime, options), unsafeHandleRuntimeRestart: () => restarted.resolve() };
    },
  });
  const { miniflare } = worker;
  try {
    let workerdPid = await newWorkerd(workerdsBefore);
    const besideOrigins: Record<string, string> = {};
    for (const each of beside) besideOrigins[each.name] = (await miniflare.unsafeGetDirectURL(each.name)).origin;
    return {
      ...worker,
      get workerdPid() {
        return workerdPid;
      },
      besideOrigins,
      inspectorUrl: inspected ? new URL(`/core:user:${name}`, await miniflare.getInspectorURL()).href : undefined,
      async kill() {
        const others = (await childrenNamed("workerd")).filter((pid) => pid !== workerdPid);
        restarted = Promise.withResolvers();
        process.kill(workerdPid, "SIGKILL");
        await restarted.promise;
        workerdPid = await newWorkerd(others);
      },
    };
  } catch (error) {
    await worker.stop();
    throw error;
  }
}

function instrumented(
  runtime: LocalRuntimeOptions,
  { persistTo, unlimited = false, beside = [], inspected = false }: InstrumentedWorkerOptions,
): LocalRuntimeOptions {
  const [waxseal] = runtime.workers;
  const others = beside.map((each) => besideWorker(each, waxseal));
  return {
    ...runtime,
    ...(persistTo === undefined ? {} : { resourcePersistencePath: persistTo }),
    ...(inspected ? { inspectorPort: 0 } : {}),
    workers: [{ ...waxseal, ...(unlimited ? { ratelimits: withoutLimits(waxseal.ratelimits) } : {}) }, ...others],
  };
}

async function newWorkerd(before: readonly number[]): Promise<number> {
  const pid = (await childrenNamed("workerd")).find((each) => !before.includes(each));
  if (pid === undefined) throw new Error("workerd started, but is not among this process's children");
  return pid;
}

function besideWorker({ name, script, durableObjects = {} }: BesideWorker, waxseal: V4WorkerOptions): V4WorkerOptions {
  return {
    name,
    compatibilityDate: waxseal.compatibilityDate ?? "",
    modules: [{ type: "ESModule", path: `${name}.js`, contents: script }],
    durableObjects: Object.fromEntries(
      Object.entries(durableObjects).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
}

function withoutLimits(ratelimits: V4WorkerOptions["ratelimits"] = {}): NonNullable<V4WorkerOptions["ratelimits"]> {
  const limiters = Object.entries(ratelimits);
  return Object.fromEntries(
    limiters.map(([name, limiter]) => [name, { ...limiter, simple: { limit: 1_000_000_000 } }]),
  );
}
