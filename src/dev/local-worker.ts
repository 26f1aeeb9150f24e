/**
 * The whole Worker as wrangler.toml describes it, bundled and run by workerd on this machine, for the demo, the
 * benchmarks and the tests. Guarantees that requests go straight to workerd, that D1 is migrated, and that `stop`
 * leaves no process and no temporary file. Gives up the queue's durability: its local form lives in memory.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4MiniflareOptions,
  type V4WorkerOptions,
} from "miniflare";
import { makeApiKey } from "../cli/api-key.ts";
import { makeTokenKey } from "../tokens/keys.ts";
import { applyMigrations, type LocalD1 } from "./local-migrations.ts";
import { projectRoot } from "./project.ts";
import { bundleWorker, WORKER } from "./worker-bundle.ts";
import { readWranglerConfig } from "./wrangler-config.ts";

export type { LocalD1 };

/** A queue consumer's options, named as in miniflare; timeouts and delays in seconds. */
export interface ConsumerOptions {
  readonly maxBatchSize?: number;
  readonly maxBatchTimeout?: number;
  readonly maxRetries?: number;
  readonly retryDelay?: number;
  readonly deadLetterQueue?: string;
}

/** miniflare's options, with Waxseal as the first of the Workers. */
export type LocalRuntimeOptions = V4MiniflareOptions & { readonly workers: [V4WorkerOptions, ...V4WorkerOptions[]] };

export interface LocalWorkerOptions {
  /** The text of a module that `bundleWorker` has made. Default: that of src/index.ts, as it is deployed */
  readonly script?: string;
  /** Variables and secrets that replace wrangler.toml's. Default: fresh development keys. `.dev.vars` is not read. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Queue name → options that replace wrangler.toml's. */
  readonly consumers?: Readonly<Record<string, ConsumerOptions>>;
  /**
   * Whether it has the static assets, /v1/openapi.json and /v1/docs: then workerd has wrangler's router of assets in
   * front of the Worker, which parses each request first. Default: false
   */
  readonly assets?: boolean;
  /** Called with each message that the Workers write to the console. */
  readonly console?: (message: string, level: string) => void;
  /** Changes the options of the runtime. */
  readonly configure?: (options: LocalRuntimeOptions) => LocalRuntimeOptions;
}

export interface LocalWorker {
  /** "http://127.0.0.1:49152", straight into workerd. */
  readonly origin: string;
  readonly apiKey: string;
  readonly tokenKeys: string;
  readonly miniflare: Miniflare;
  /** The log's database, through Node: too slow for measurements. */
  d1(): Promise<LocalD1>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startLocalWorker(options: LocalWorkerOptions = {}): Promise<LocalWorker> {
  const settings = {
    ENVIRONMENT: "development",
    TOKEN_KEYS: makeTokenKey({ id: 1, development: true }),
    API_KEYS: makeApiKey({ development: true }),
    ...options.settings,
  };
  const worker = await configuredWorker(settings, options);
  const storage = await mkdtemp(join(tmpdir(), "waxseal-"));
  // A workerd that has just been killed may still write for a moment.
  const removeStorage = () => rmSync(storage, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const miniflare = startMiniflare(worker, storage, options);
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
    return {
      origin: (await miniflare.unsafeGetDirectURL(worker.name)).origin,
      apiKey: settings.API_KEYS.split(",")[0] ?? "",
      tokenKeys: settings.TOKEN_KEYS,
      miniflare,
      d1,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The Worker of wrangler.toml, in miniflare's options. */
async function configuredWorker(
  settings: Readonly<Record<string, string>>,
  options: LocalWorkerOptions,
): Promise<V4WorkerOptions & { name: string }> {
  const { config, workerOptions: configured } = readWranglerConfig(projectRoot);
  const { assets, ...workerOptions } = configured as typeof configured & Pick<V4WorkerOptions, "assets">;
  // wrangler's type leaves out the names of these options.
  const configuredConsumers = workerOptions.queueConsumers as Record<string, ConsumerOptions>;
  const script = options.script ?? (await bundleWorker(WORKER, "production")).script;
  return {
    ...workerOptions,
    ...(options.assets === true && assets !== undefined ? { assets } : {}),
    name: config.name ?? "waxseal",
    modules: [{ type: "ESModule", path: "index.js", contents: script }],
    bindings: { ...config.vars, ...settings },
    queueConsumers: consumersWith(configuredConsumers, options.consumers),
    unsafeDirectSockets: [{ host: HOST, port: 0 }],
  };
}

function startMiniflare(worker: V4WorkerOptions, storage: string, options: LocalWorkerOptions): Miniflare {
  const { configure = (configured: LocalRuntimeOptions) => configured } = options;
  const runtime = configure({
    host: HOST,
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: ({ message, level }) => options.console?.(message, level),
    logRequests: false,
    unsafeLocalExplorer: false,
    telemetry: { enabled: false },
    resourcePersistencePath: storage,
    workers: [worker],
  });
  return new Miniflare(convertV4MiniflareOptions(runtime));
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
