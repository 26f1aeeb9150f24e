/**
 * The whole Worker as wrangler.toml describes it, bundled and run by workerd on this machine, for the demo, the
 * benchmarks and the tests. Guarantees that requests go straight to workerd, that D1 is migrated, and that `stop`
 * leaves no process and no temporary file. Gives up the queue's durability: its local form lives in memory.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { makeApiKey } from "../cli/api-key.ts";
import { makeTokenKey } from "../tokens/keys.ts";
import { applyMigrations, type LocalD1 } from "./local-migrations.ts";
import { childrenNamed } from "./processes.ts";
import { projectRoot } from "./project.ts";
import { bundleWorker, WORKER } from "./worker-bundle.ts";

export type { LocalD1 };

/** A queue consumer's options, named as in miniflare; timeouts and delays in seconds. */
export interface ConsumerOptions {
  readonly maxBatchSize?: number;
  readonly maxBatchTimeout?: number;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
  readonly deadLetterQueue?: string;
}

/** Another Worker in the same workerd, with the same compatibility date. */
export interface BesideWorker {
  readonly name: string;
  /** An ES module. */
  readonly script: string;
  /** Binding → class of the script, with SQLite storage. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

export interface LocalWorkerOptions {
  /** The Worker's module. Default: src/index.ts */
  readonly main?: string;
  /** As in production, without the preview page. Default: false */
  readonly deployed?: boolean;
  /** The text of a module that `bundleWorker` has made; `main` and `deployed` are then ignored. */
  readonly script?: string;
  /** The folder of D1 and the Durable Objects. Default: a temporary one, which `stop` removes */
  readonly persistTo?: string;
  /** Variables and secrets that replace wrangler.toml's. Default: fresh development keys. `.dev.vars` is not read. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: a free one */
  readonly port?: number;
  /** Queue name → options that replace wrangler.toml's. */
  readonly consumers?: Readonly<Record<string, ConsumerOptions>>;
  /** Whether calls of Marketo's API have no rate limit. Default: false */
  readonly unlimited?: boolean;
  readonly beside?: readonly BesideWorker[];
  /** Whether `inspectorUrl` accepts debuggers; slower. Default: false */
  readonly inspected?: boolean;
  /** Called with each message that the Workers write to the console. */
  readonly console?: (message: string, level: string) => void;
}

export interface LocalWorker {
  /** "http://127.0.0.1:49152", straight into workerd. */
  readonly origin: string;
  readonly apiKey: string;
  readonly tokenKeys: string;
  /** Changes after `kill`. */
  readonly workerdPid: number;
  /** The origins of the Workers beside it, by name. */
  readonly besideOrigins: Readonly<Record<string, string>>;
  /** The WebSocket address of the Worker's inspector (Chrome DevTools Protocol); undefined unless `inspected`. */
  readonly inspectorUrl: string | undefined;
  /** The log's database, through Node: too slow for measurements. */
  d1(): Promise<LocalD1>;
  /**
   * Ends workerd by SIGKILL, whatever it is doing, and resolves when it runs again: at the same origins, with what
   * was on the disk. Call `d1` again afterwards.
   */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Named here and not in the call, because wrangler's type leaves `envFiles` out. */
const WITHOUT_DEV_VARS = { overrides: {}, envFiles: [".no-such-file"] };

/** One start at a time, so that the new workerd among this process's children is the one just started. */
let lastStart: Promise<unknown> = Promise.resolve();

export function startLocalWorker(options: LocalWorkerOptions = {}): Promise<LocalWorker> {
  const started = lastStart.then(() => start(options));
  lastStart = started.catch(() => undefined);
  return started;
}

async function start(options: LocalWorkerOptions): Promise<LocalWorker> {
  const config = unstable_readConfig({ config: join(projectRoot, "wrangler.toml") });
  const name = config.name ?? "waxseal";
  const settings = {
    ENVIRONMENT: "development",
    TOKEN_KEYS: makeTokenKey({ id: 1, development: true }),
    API_KEYS: makeApiKey({ development: true }),
    ...options.settings,
  };
  const worker = await configuredWorker(config, name, settings, options);
  const storage = options.persistTo ?? (await mkdtemp(join(tmpdir(), "waxseal-")));
  const removeStorage = () => {
    // A workerd that has just been killed may still write for a moment.
    if (options.persistTo === undefined)
      rmSync(storage, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const workerdsBefore = await childrenNamed("workerd");
  let restarted = Promise.withResolvers<void>();
  const beside = (options.beside ?? []).map((each) => besideWorker(each, config.compatibility_date));
  const miniflare = startMiniflare([worker, ...beside], storage, options, () => restarted.resolve());
  // Runs after miniflare's own handler, which kills workerd.
  process.once("exit", removeStorage);
  const stop = async () => {
    await miniflare.dispose();
    process.off("exit", removeStorage);
    removeStorage();
  };
  try {
    await miniflare.ready;
    const d1 = () => miniflare.getD1Database("DB");
    await applyMigrations(await d1(), join(projectRoot, "migrations"));
    let workerdPid = await newWorkerd(workerdsBefore);
    const originOf = async (each: string) => (await miniflare.unsafeGetDirectURL(each)).origin;
    const besideOrigins: Record<string, string> = {};
    for (const each of options.beside ?? []) besideOrigins[each.name] = await originOf(each.name);
    const inspectorUrl = options.inspected
      ? new URL(`/core:user:${name}`, await miniflare.getInspectorURL()).href
      : undefined;
    return {
      inspectorUrl,
      origin: await originOf(name),
      apiKey: settings.API_KEYS.split(",")[0] ?? "",
      tokenKeys: settings.TOKEN_KEYS,
      get workerdPid() {
        return workerdPid;
      },
      besideOrigins,
      d1,
      async kill() {
        const others = (await childrenNamed("workerd")).filter((pid) => pid !== workerdPid);
        restarted = Promise.withResolvers();
        process.kill(workerdPid, "SIGKILL");
        await restarted.promise;
        workerdPid = await newWorkerd(others);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The Worker of wrangler.toml, in miniflare's options. */
async function configuredWorker(
  config: ReturnType<typeof unstable_readConfig>,
  name: string,
  settings: Readonly<Record<string, string>>,
  options: LocalWorkerOptions,
): Promise<V4WorkerOptions> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, undefined, WITHOUT_DEV_VARS);
  // wrangler's type leaves out the names of these options.
  const configuredConsumers = workerOptions.queueConsumers as Record<string, ConsumerOptions>;
  const { main = WORKER, deployed = false } = options;
  const script = options.script ?? (await bundleWorker(main, deployed ? "production" : "development"));
  return {
    ...workerOptions,
    name,
    modules: [{ type: "ESModule", path: "index.js", contents: script }],
    bindings: { ...config.vars, ...settings },
    queueConsumers: consumersWith(configuredConsumers, options.consumers),
    ...(options.unlimited ? { ratelimits: {} } : {}),
    unsafeDirectSockets: [{ host: HOST, port: options.port ?? 0 }],
  };
}

function startMiniflare(
  workers: V4WorkerOptions[],
  storage: string,
  options: LocalWorkerOptions,
  onRestart: () => void,
): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message, level }) => options.console?.(message, level),
      unsafeHandleRuntimeRestart: onRestart,
      logRequests: false,
      ...(options.inspected ? { inspectorPort: 0 } : {}),
      unsafeLocalExplorer: false,
      telemetry: { enabled: false },
      resourcePersistencePath: storage,
      workers,
    }),
  );
}

async function newWorkerd(before: readonly number[]): Promise<number> {
  const pid = (await childrenNamed("workerd")).find((each) => !before.includes(each));
  if (pid === undefined) throw new Error("workerd started, but is not among this process's children");
  return pid;
}

function besideWorker({ name, script, durableObjects = {} }: BesideWorker, compatibilityDate = ""): V4WorkerOptions {
  return {
    name,
    compatibilityDate,
    modules: [{ type: "ESModule", path: `${name}.js`, contents: script }],
    durableObjects: Object.fromEntries(
      Object.entries(durableObjects).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
  };
}

function consumersWith(
  configured: Readonly<Record<string, ConsumerOptions>>,
  overriding: Readonly<Record<string, ConsumerOptions>> = {},
): Record<string, ConsumerOptions> {
  const unknown = Object.keys(overriding).find((queue) => configured[queue] === undefined);
  if (unknown !== undefined) throw new Error(`wrangler.toml has no consumer of a queue "${unknown}"`);
  const consumers = { ...configured };
  for (const [queue, options] of Object.entries(overriding)) consumers[queue] = { ...configured[queue], ...options };
  return consumers;
}
