/** One account of Cloudflare's: what wrangler asks of it for a deploy, and what is there then. */
import { randomUUID } from "node:crypto";
import { type AccountState, accountState, type Database, type Queue } from "./account-state.ts";
import { ApiFault, bucketName, type Call, type Route, textIn } from "./api.ts";
import { fileRoutes } from "./files.ts";
import { identityRoutes } from "./identity.ts";
import { type UploadedWorker, uploadIn, withoutSecret, withSecret } from "./runtime.ts";

export interface Account {
  readonly state: AccountState;
  answer(call: Call): Promise<unknown>;
  stop(): Promise<void>;
}

const NOT_FOUND = () => new ApiFault(404, 10007, "This Worker does not exist on your account.");

/** @see {accountState} for its parameters */
export function createAccount(storage: string, from?: AccountState): Account {
  const state = accountState(storage, from);
  const routes = [
    ...identityRoutes(),
    ...storageRoutes(state),
    ...fileRoutes(state, (id) => databaseOf(state, id).uuid),
    ...workerRoutes(state),
  ];
  return {
    state,
    answer: async (call) => {
      for (const [method, pattern, handler] of routes) {
        const match = method === call.method ? pattern.exec(call.path) : null;
        if (match !== null) return await handler(call, match.slice(1).map(decodeURIComponent));
      }
      throw new ApiFault(404, 7003, `Could not route to ${call.method} ${call.path}`);
    },
    stop: () => state.runtime.stop(),
  };
}

const storageRoutes = (state: AccountState): Route[] => [
  ["GET", /^\/accounts\/…\/d1\/database$/, () => state.databases],
  ["POST", /^\/accounts\/…\/d1\/database$/, (call) => createDatabase(state, call)],
  ["GET", /^\/accounts\/…\/d1\/database\/([^/]+)$/, (_call, [id]) => databaseOf(state, id)],
  [
    "POST",
    /^\/accounts\/…\/d1\/database\/([^/]+)\/query$/,
    (call, [id]) => state.runtime.query(databaseOf(state, id).uuid, textIn(call, "sql")),
  ],
  ["GET", /^\/accounts\/…\/r2\/buckets\/([^/]+)$/, (call, [name = ""]) => bucketOf(state, call, name)],
  [
    "GET",
    /^\/accounts\/…\/r2\/buckets$/,
    () => ({ buckets: [...state.buckets].map((name) => ({ name: name.replace(/^.*\//, "") })) }),
  ],
  ["POST", /^\/accounts\/…\/r2\/buckets$/, (call) => createBucket(state, call)],
  [
    "GET",
    /^\/accounts\/…\/queues$/,
    ({ query }) => state.queues.filter(({ queue_name }) => queue_name === (query.get("name") ?? queue_name)),
  ],
  ["POST", /^\/accounts\/…\/queues$/, (call) => createQueue(state, call)],
  ["GET", /^\/accounts\/…\/queues\/([^/]+)\/consumers$/, (_call, [id]) => queueOf(state, id).consumers],
  [
    "POST",
    /^\/accounts\/…\/queues\/([^/]+)\/consumers$/,
    ({ json }, [id]) => {
      queueOf(state, id).consumers.push({ ...json, script: json?.script_name, consumer_id: randomUUID() });
      return {};
    },
  ],
  [
    "PUT",
    /^\/accounts\/…\/queues\/([^/]+)\/consumers\/([^/]+)$/,
    ({ json }, [id, consumer]) => {
      queueOf(state, id).consumers = [{ ...json, script: json?.script_name, consumer_id: consumer }];
      return {};
    },
  ],
];

const workerRoutes = (state: AccountState): Route[] => [
  ...versionRoutes(state),
  [
    "GET",
    /^\/accounts\/…\/workers\/services\/([^/]+)$/,
    () => ({ default_environment: { environment: "production", script: { tag: "tag", ...latest(state).settings } } }),
  ],
  [
    "GET",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/secrets$/,
    () => latest(state).secrets.map((name) => ({ name, type: "secret_text" })),
  ],
  ["GET", /^\/accounts\/…\/workers\/scripts\/([^/]+)\/settings$/, () => latest(state).settings],
  ["PATCH", /^\/accounts\/…\/workers\/scripts\/([^/]+)\/(?:script-)?settings$/, () => latest(state).settings],
  [
    "GET",
    /^\/accounts\/…\/workers\/domains$/,
    () => [
      ...state.domains.map((hostname) => ({ hostname, service: state.uploadedAs ?? "waxseal" })),
      ...[...state.othersDomains].map(([hostname, service]) => ({ hostname, service })),
    ],
  ],
  ["GET", /^\/accounts\/…\/workers\/subdomain$/, () => ({ subdomain: "acme" })],
  ["GET", /^\/accounts\/…\/workers\/workers\/([^/]+)$/, () => ({ id: "worker", subdomain: SUBDOMAIN })],
  ["POST", /^\/accounts\/…\/workers\/scripts\/([^/]+)\/subdomain$/, () => SUBDOMAIN],
  ["PUT", /^\/accounts\/…\/workers\/scripts\/([^/]+)\/schedules$/, () => ({ schedules: [] })],
  [
    "POST",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/domains\/changeset$/,
    () => ({ added: [], removed: [], updated: [], conflicting: [] }),
  ],
  [
    "PUT",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/domains\/records$/,
    ({ json }) => {
      const { origins } = Object(json) as { readonly origins: readonly { readonly hostname: string }[] };
      state.domains.splice(0, Number.POSITIVE_INFINITY, ...origins.map(({ hostname }) => hostname));
      return [];
    },
  ],
];

const SUBDOMAIN = { enabled: true, previews_enabled: false };

const versionRoutes = (state: AccountState): Route[] => [
  ["GET", /^\/accounts\/…\/workers\/scripts\/([^/]+)\/deployments$/, () => ({ deployments: deployments(state) })],
  [
    "POST",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/deployments$/,
    async ({ json }) => {
      state.messages.push(Object(json?.annotations)["workers/message"]);
      const { versions: [deployed] = [] } = Object(json) as { readonly versions?: readonly { version_id: string }[] };
      const version = state.versions.find(({ id }) => id === deployed?.version_id);
      if (version !== undefined && version !== state.versions.at(-1)) await makeLatest(state, version);
      return { id: randomUUID() };
    },
  ],
  [
    "GET",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/versions\/([^/]+)$/,
    (_call, [, id]) => {
      const { settings, message } = state.versions.find((each) => each.id === id) ?? latest(state);
      const annotations = { "workers/message": message };
      const bindings = settings.bindings.map(withoutSecret);
      const metadata = { created_on: new Date(0).toISOString(), source: "wrangler", author_email: "ana@example.com" };
      return { id, number: 1, metadata, annotations, resources: { bindings, script: {} } };
    },
  ],
  [
    "PUT",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/secrets$/,
    async (call) => {
      const [name, text] = [textIn(call, "name"), textIn(call, "text")];
      await makeLatest(state, withSecret(latest(state), name, text));
      return { name, type: "secret_text" };
    },
  ],
  [
    "POST",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/assets-upload-session$/,
    () => ({ jwt: "all assets are there", buckets: [] }),
  ],
  [
    "PUT",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)$/,
    async (call, [name = ""]) => {
      const { answer, message } = await upload(state, call, name);
      state.messages.push(message);
      return answer;
    },
  ],
  [
    "POST",
    /^\/accounts\/…\/workers\/scripts\/([^/]+)\/versions$/,
    async (call, [name = ""]) => {
      const { id, answer } = await upload(state, call, name);
      return { ...answer, id, resources: { script: { etag: "etag" } }, metadata: { has_preview: false } };
    },
  ],
];

function latest({ versions }: AccountState): UploadedWorker {
  const version = versions.at(-1);
  if (version === undefined) throw NOT_FOUND();
  return version;
}

async function upload(state: AccountState, call: Call, name: string): Promise<UploadedWorker> {
  const version = await uploadIn(call.form, state.versions.at(-1));
  for (const { type, bucket_name: bucket = "", jurisdiction } of version.settings.bindings)
    if (type === "r2_bucket" && !state.buckets.has(jurisdiction === undefined ? bucket : `${jurisdiction}/${bucket}`))
      throw new ApiFault(400, 10085, `R2 bucket '${bucket}' not found. Please use a different name and try again.`);
  state.uploadedAs = name;
  await makeLatest(state, version);
  return version;
}

async function makeLatest(state: AccountState, version: UploadedWorker): Promise<void> {
  state.versions.push(version);
  await state.runtime.run(version);
}

/** The latest first. */
function deployments({ versions, messages }: AccountState): object[] {
  if (versions.length === 0) throw NOT_FOUND();
  return versions
    .map(({ id }, index) => ({
      id,
      source: "wrangler",
      strategy: "percentage",
      author_email: "ana@example.com",
      created_on: new Date(index * 60_000).toISOString(),
      annotations: messages[index] === undefined ? {} : { "workers/message": messages[index] },
      versions: [{ version_id: id, percentage: 100 }],
    }))
    .reverse();
}

async function createDatabase(state: AccountState, call: Call): Promise<Database> {
  const name = textIn(call, "name");
  if (state.databases.some((each) => each.name === name))
    throw new ApiFault(400, 7502, `A database with the name '${name}' already exists`);
  const database: Database = { uuid: randomUUID(), name, jurisdiction: null, ...jurisdictionIn(call) };
  await state.runtime.addDatabase(database.uuid);
  state.databases.push(database);
  return database;
}

function databaseOf({ databases }: AccountState, idOrName: string | undefined): Database {
  const database = databases.find(({ uuid, name }) => uuid === idOrName || name === idOrName);
  if (database === undefined) throw new ApiFault(404, 7404, `The database ${idOrName} could not be found`);
  return database;
}

function createQueue(state: AccountState, call: Call): Queue {
  const queue_name = textIn(call, "queue_name");
  if (state.queues.some((each) => each.queue_name === queue_name))
    throw new ApiFault(400, 11009, `Queue name '${queue_name}' is already taken. Please use a different name`);
  const queue: Queue = { queue_id: randomUUID(), queue_name, consumers: [], ...jurisdictionIn(call) };
  state.queues.push(queue);
  return queue;
}

function queueOf({ queues }: AccountState, id: string | undefined): Queue {
  const queue = queues.find(({ queue_id }) => queue_id === id);
  if (queue === undefined) throw new ApiFault(404, 11000, "Queue does not exist.");
  return queue;
}

function createBucket({ buckets }: AccountState, call: Call): object {
  const bucket = bucketName(call, textIn(call, "name"));
  if (buckets.has(bucket))
    throw new ApiFault(409, 10004, "The bucket you tried to create already exists, and you own it.");
  buckets.add(bucket);
  return {};
}

function bucketOf({ buckets }: AccountState, call: Call, name: string): object {
  if (!buckets.has(bucketName(call, name))) throw new ApiFault(404, 10006, "The specified bucket does not exist.");
  return { name };
}

function jurisdictionIn({ json }: Call): { readonly jurisdiction?: string } {
  const jurisdiction = json?.jurisdiction;
  return typeof jurisdiction === "string" ? { jurisdiction } : {};
}
