/** The Worker under load, with its controls beside it, and its log. */
import { bundleWorker, WORKER } from "../../src/dev/worker-bundle.ts";
import {
  type InstrumentedWorker,
  type InstrumentedWorkerOptions,
  startInstrumentedWorker,
} from "../dev/instrumented-worker.ts";
import { Load } from "./load.ts";

/** A Worker that does nothing, and a Durable Object that is created and writes one key. */
const CONTROLS = [
  {
    name: "nothing",
    script: "export default { fetch() { return new Response(null, { status: 204 }); } };",
  },
  {
    name: "writes-one-key",
    script: `
      import { DurableObject } from "cloudflare:workers";
      export class OneKey extends DurableObject {
        write() { this.ctx.storage.kv.put("opened", 1); }
      }
      export default {
        async fetch(request, env) {
          await env.OBJECTS.getByName(request.url).write();
          return new Response(null, { status: 204 });
        },
      };`,
    durableObjects: { OBJECTS: "OneKey" },
  },
];

export interface Server {
  readonly worker: InstrumentedWorker;
  readonly load: Load;
  readonly nothing: string;
  readonly writesOneKey: string;
  /** Rows of the log. */
  logged(): Promise<number>;
  /** Resolves when the log has `count` rows; throws when it has not after a minute. */
  settled(count: number): Promise<void>;
}

/** Starts it for as long as `work` runs, and stops whatever it started. */
export async function withServer<T>(
  /** `main`: the Worker's module. Default: src/index.ts */
  {
    main = WORKER,
    ...options
  }: Pick<InstrumentedWorkerOptions, "inspected" | "persistTo" | "unlimited"> & { readonly main?: string },
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const complaints = new Set<string>();
  const { script } = await bundleWorker(main, "production");
  const worker = await startInstrumentedWorker({
    ...options,
    script,
    beside: CONTROLS,
    console: (message, level) => {
      if (level === "error" || level === "warn") complaints.add(message.slice(0, 300));
    },
  });
  const load = new Load();
  try {
    const logged = async () => {
      const d1 = await worker.d1();
      return (await d1.prepare("SELECT count(*) AS rows FROM events").first<number>("rows")) ?? 0;
    };
    return await work({
      worker,
      load,
      nothing: worker.besideOrigins.nothing ?? "",
      writesOneKey: worker.besideOrigins["writes-one-key"] ?? "",
      logged,
      settled: (count) => settled(worker, count),
    });
  } finally {
    load.stop();
    await worker.stop();
    for (const complaint of complaints) console.error(`The Worker said: ${complaint}`);
  }
}

const DEADLINE_MS = 60_000;
const POLL_MS = 50;

async function settled(worker: InstrumentedWorker, count: number): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  const d1 = await worker.d1();
  // The highest seq costs no scan, and is the number of rows as long as no row was rejected.
  const highest = () => d1.prepare("SELECT max(seq) AS seq FROM events").first<number>("seq");
  for (let seq = await highest(); (seq ?? 0) < count; seq = await highest()) {
    if (Date.now() > deadline) throw new Error(`the log has ${seq} rows after a minute, not ${count}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
