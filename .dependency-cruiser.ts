// The rooms of src/ and the imports between them. `npm run lint:rooms` fails on any other import, a type's included.
// dependency-cruiser needs the JavaScript API of TypeScript, which TypeScript 7 does not have. So package.json installs
// TypeScript 6 as `typescript`, for tools, beside TypeScript 7 as `@typescript/native`, whose `tsc` checks the types.
import type { IConfiguration, IRegularForbiddenRuleType } from "dependency-cruiser";

/** A room of the Worker that knows no capability, and the rooms that it may import. The list has no circle. */
const SHARED_ROOMS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  tokens: ["platform"],
  decorate: ["tokens", "platform"],
  bots: ["platform"],
  events: ["tokens", "platform"],
  web: ["platform"],
  client: [],
  config: ["events", "tokens", "decorate", "bots", "platform"],
  http: ["web", "config", "events", "tokens", "platform"],
  access: ["http", "config", "events", "tokens", "platform"],
  archive: ["http", "config", "events", "tokens", "platform"],
  ingest: ["archive", "access", "http", "config", "events", "tokens", "platform"],
};

/** What is published beside `src/waxseal.ts`: pure, but the Worker does not use it. */
const LIBRARY_ROOMS: Readonly<Record<string, readonly string[]>> = { integrations: ["decorate", "tokens", "platform"] };

/** Rooms that know neither bindings nor anything else that only Workers have: they run in Node, too. */
const PURE_ROOMS = ["tokens", "decorate", "bots", "events"];

/** Rooms that are in the package as they are, a module a file. What they import of others is in it, too. */
const PUBLISHED_ROOMS = ["cli", "client", "decorate", "eml", "integrations", "tokens"];

/** A file that uses the global `scheduler`, which only Workers have. */
const WORKERS_FILE = "^src/platform/errors[.]ts$";

/** One folder for each capability. They may import the shared rooms, and each other's `index.ts`. */
const CAPABILITIES = [
  "tracking",
  "suppressions",
  "sending",
  "delivery",
  "retries",
  "reports",
  "feed",
  "webhooks",
  "alerts",
  "messages",
  "marketo",
  "privacy",
  "preview",
  "dashboard",
];

/** A room that runs in Node only, and the rooms that it may import. Installed are `cli`, `eml` and `client`. */
const NODE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  eml: ["decorate", "platform"],
  cli: ["client", "eml", "access", "archive", "decorate", "tokens", "platform"],
  dev: ["client", "cli", "preview", "tokens", "platform"],
  demo: ["dev", "cli", "eml", "preview", "events", "tokens", "platform"],
  // Of pages: neither Node nor Workers.
  browser: [],
};

const inside = (...rooms: readonly string[]) => `^src/(${rooms.join("|")})/`;
const rule = (
  name: string,
  comment: string,
  from: IRegularForbiddenRuleType["from"],
  to: IRegularForbiddenRuleType["to"],
): IRegularForbiddenRuleType => ({ name, comment, severity: "error", from, to });

const roomRules = Object.entries({ ...SHARED_ROOMS, ...LIBRARY_ROOMS, ...NODE_ROOMS }).map(([room, allowed]) =>
  rule(
    `${room}-imports-only-${allowed.join("-") || "itself"}`,
    `src/${room} may import ${allowed.join(", ") || "no other room"}.`,
    { path: inside(room) },
    { path: "^src/", pathNot: inside(room, ...allowed) },
  ),
);

export default {
  forbidden: [
    rule("no-circles", "No file imports itself by way of others, types included.", {}, { circular: true }),
    ...roomRules,
    rule(
      "capability-imports-shared-rooms-and-capabilities",
      "A capability imports shared rooms and other capabilities: not app.ts, not what runs in Node.",
      { path: inside(...CAPABILITIES) },
      { path: "^src/", pathNot: inside(...CAPABILITIES, ...Object.keys(SHARED_ROOMS)) },
    ),
    rule(
      "capability-through-its-index",
      "A capability imports another only by that one's index.ts.",
      { path: inside(...CAPABILITIES) },
      { path: inside(...CAPABILITIES), pathNot: ["^src/$1/", "^src/[^/]+/index[.]ts$"] },
    ),
    rule(
      "bounce-mails-above-the-classifier",
      "What every source of outcomes uses knows nothing of bounce mails.",
      { path: "^src/delivery/(providers/|(?!index[.])[^/]+[.]ts$)" },
      { path: "^src/delivery/bounce-mail/" },
    ),
    rule(
      "phrases-below-all",
      "Phrases of refusals import nothing of delivery but phrases and the categories.",
      { path: "^src/delivery/phrases/" },
      { path: "^src/delivery/", pathNot: "^src/delivery/(phrases/|outcome[.]ts$)" },
    ),
    rule(
      "only-the-archive-knows-its-tables",
      "Other rooms ask src/archive which stretches of the log are where.",
      { path: "^src/", pathNot: inside("archive") },
      { path: "^src/events/archive-schema[.]ts$" },
    ),
    rule(
      "only-index-imports-app",
      "The table of routes is imported by src/index.ts, which nothing imports, and by src/api-document.ts.",
      { pathNot: ["^src/(index|api-document)[.]ts$", "^test/"] },
      { path: "^src/(app|index)[.]ts$" },
    ),
    rule(
      "worker-imports-no-node-room",
      "The Worker and the library import nothing of the command line, dev, demo, eml or integrations.",
      { path: "^src/", pathNot: inside(...Object.keys({ ...LIBRARY_ROOMS, ...NODE_ROOMS })) },
      { path: inside(...Object.keys({ ...LIBRARY_ROOMS, ...NODE_ROOMS })) },
    ),
    rule(
      "library-imports-pure-rooms",
      "src/waxseal.ts is published for Node: it imports pure rooms and src/platform only.",
      { path: "^src/waxseal[.]ts$" },
      { path: "^src/", pathNot: inside(...PURE_ROOMS, "platform") },
    ),
    rule(
      "pure-rooms-know-no-runtime",
      "Pure rooms, src/platform and what is published import neither the Workers runtime nor the router.",
      { path: inside(...PURE_ROOMS, ...Object.keys(LIBRARY_ROOMS), "platform") },
      { path: "^(cloudflare:|node_modules/hono/)" },
    ),
    rule(
      "node-needs-no-workers",
      "What runs in Node imports no file that uses what only Workers have.",
      { path: ["^src/waxseal[.]ts$", inside(...PURE_ROOMS, ...Object.keys({ ...LIBRARY_ROOMS, ...NODE_ROOMS }))] },
      { path: WORKERS_FILE },
    ),
    rule("no-tests-in-src", "src never imports test.", { path: "^src/" }, { path: "^test/" }),
    rule(
      "published-imports-dependencies",
      "What is published imports `dependencies`. The Worker is published as one module: its packages are in it.",
      { path: ["^src/waxseal[.]ts$", inside(...PUBLISHED_ROOMS)] },
      { dependencyTypes: ["npm-dev"] },
    ),
    rule(
      "declared-dependencies",
      "Every package imported is in package.json.",
      {},
      { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    ),
    rule(
      "resolvable",
      "Every import leads to a file or a package.",
      {},
      { couldNotResolve: true, pathNot: "^cloudflare:" },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types"] },
  },
} satisfies IConfiguration;
