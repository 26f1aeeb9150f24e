/** Runs what was uploaded: the Worker in workerd with its bindings, and the SQL of D1's API in the same databases. */
import { randomUUID } from "node:crypto";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { unstable_splitSqlQuery } from "wrangler";
import { ApiFault } from "./api.ts";

interface RateLimit {
  readonly limit: number;
  readonly period: 60;
}
type Binding = Readonly<Record<string, string>> & { readonly simple?: RateLimit };

const ONCE: RateLimit = { limit: 1, period: 60 };

/** A version of the Worker. */
export interface UploadedWorker {
  readonly id: string;
  /** Given by `--message`. */
  readonly message: string | undefined;
  /** The names of its secrets. */
  readonly secrets: readonly string[];
  readonly settings: { readonly bindings: readonly Binding[]; readonly migration_tag: string; readonly tags: string[] };
  readonly answer: object;
  readonly options: V4WorkerOptions;
}

export interface Runtime {
  addDatabase(id: string): Promise<void>;
  /** Executes statements in one transaction, and answers as D1's API does. */
  query(id: string, sql: string): Promise<object[]>;
  /** All of it as SQL, as D1 exports it. */
  dump(id: string): Promise<string>;
  run(worker: UploadedWorker): Promise<void>;
  /** Calls the Worker that runs. */
  fetch(url: string): Promise<Response>;
  /** Ends it. What it stored stays in its folder. */
  stop(): Promise<void>;
  /** With which another runtime goes on, in a copy of that folder. */
  state(): RuntimeState;
}

export interface RuntimeState {
  readonly databases: readonly string[];
  readonly worker: V4WorkerOptions;
}

const IDLE = "export default { fetch: () => new Response(null, { status: 404 }) }";

const NOTHING: RuntimeState = { databases: [], worker: { modules: true, script: IDLE } };

/** @param storage the folder in which it keeps what it stores */
export function createRuntime(storage: string, from = NOTHING): Runtime {
  const databases = [...from.databases];
  let { worker } = from;
  let started: Miniflare | undefined;

  const restart = async () => {
    const d1 = Object.fromEntries(databases.map((id) => [`API_${id}`, id]));
    const options = convertV4MiniflareOptions({
      ...{ host: "127.0.0.1", port: 0, cf: false, log: new Log(LogLevel.NONE), telemetry: { enabled: false } },
      handleStructuredLogs: () => undefined,
      resourcePersistencePath: storage,
      workers: [{ ...worker, d1Databases: { ...worker.d1Databases, ...d1 } }],
    });
    if (started === undefined) started = new Miniflare(options);
    else await started.setOptions(options);
    await started.ready;
    return started;
  };
  const running = async () => started ?? (await restart());

  return {
    addDatabase: async (id) => {
      databases.push(id);
      await restart();
    },
    query: async (id, sql) => {
      const d1 = await (await running()).getD1Database(`API_${id}`);
      try {
        return await d1.batch(unstable_splitSqlQuery(sql).map((statement) => d1.prepare(statement)));
      } catch (error) {
        throw new ApiFault(400, 7500, String(error));
      }
    },
    dump: async (id) => {
      const d1 = await (await running()).getD1Database(`API_${id}`);
      const [lines = []] = await d1.prepare("PRAGMA miniflare_d1_export(?,?,?);").bind(false, false).raw<string[]>();
      return lines.join("\n");
    },
    run: async ({ options }) => {
      worker = options;
      await restart();
    },
    fetch: async (url) => (await (await running()).dispatchFetch(url)) as unknown as Response,
    stop: async () => await started?.dispose(),
    state: () => ({ databases, worker }),
  };
}

/** Reads what `wrangler deploy` uploads. Secrets that it does not name stay as they were. */
export async function uploadIn(
  form: FormData | undefined,
  before: UploadedWorker | undefined,
): Promise<UploadedWorker> {
  const metadata = JSON.parse(String(form?.get("metadata")));
  const module = form?.get(metadata.main_module);
  if (!(module instanceof Blob)) throw new ApiFault(400, 10021, "No such module");
  const given = (metadata.bindings as readonly Binding[]).map((binding) =>
    binding.type === "inherit" ? inherited(binding, before) : binding,
  );
  const kept = (before?.settings.bindings ?? []).filter(
    ({ name, type }) => type === "secret_text" && !given.some((binding) => binding.name === name),
  );
  const bindings = [...given, ...kept];
  const id = randomUUID();
  return {
    id,
    message: metadata.annotations?.["workers/message"],
    secrets: bindings.filter(({ type }) => type === "secret_text").map(({ name = "" }) => name),
    settings: { bindings, migration_tag: metadata.migrations?.new_tag ?? "v1", tags: [] },
    answer: { id: "waxseal", etag: "etag", deployment_id: id.replaceAll("-", ""), startup_time_ms: 5 },
    options: {
      modules: [{ type: "ESModule", path: metadata.main_module, contents: await module.text() }],
      compatibilityDate: metadata.compatibility_date,
      compatibilityFlags: metadata.compatibility_flags,
      ...bound(bindings),
    },
  };
}

/** The version that a new secret makes. */
export function withSecret(version: UploadedWorker, name: string, text: string): UploadedWorker {
  const others = version.settings.bindings.filter((binding) => binding.name !== name);
  const bindings = [...others, { type: "secret_text", name, text }];
  return {
    ...version,
    id: randomUUID(),
    message: undefined,
    secrets: bindings.filter(({ type }) => type === "secret_text").map((binding) => binding.name ?? ""),
    settings: { ...version.settings, bindings },
    options: { ...version.options, ...bound(bindings) },
  };
}

/** As Cloudflare shows it. */
export function withoutSecret(binding: Binding): Binding {
  const { text: _text, ...shown } = binding;
  return binding.type === "secret_text" ? shown : binding;
}

function inherited({ name }: Binding, before: UploadedWorker | undefined): Binding {
  const binding = before?.settings.bindings.find((each) => each.name === name);
  if (binding === undefined) throw new ApiFault(400, 10057, `There is no binding ${name} to inherit`);
  return binding;
}

function bound(bindings: readonly Binding[]) {
  const of = <Value>(type: string, value: (binding: Binding) => Value): Record<string, Value> =>
    Object.fromEntries(
      bindings.filter((binding) => binding.type === type).map((each) => [each.name ?? "", value(each)] as const),
    );
  return {
    bindings: {
      ...of("plain_text", ({ text = "" }) => text),
      ...of("secret_text", ({ text = "" }) => text),
      // workerd has no jurisdictions, and throws for any.
      JURISDICTION: "",
    },
    d1Databases: of("d1", ({ id = "" }) => id),
    durableObjects: of("durable_object_namespace", ({ class_name = "" }) => ({
      className: class_name,
      useSQLite: true as const,
    })),
    r2Buckets: of("r2_bucket", ({ bucket_name = "" }) => bucket_name),
    queueProducers: of("queue", ({ queue_name = "" }) => queue_name),
    ratelimits: of("ratelimit", ({ namespace_id = "", simple = ONCE }) => ({ namespace_id, simple })),
    serviceBindings: of("assets", () => () => new Response(null, { status: 404 })),
  };
}
