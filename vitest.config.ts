import { existsSync, statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { prepareAssets } from "./src/dev/prepare-assets.ts";

/** Tests of what runs on Node. All others run in the Workers runtime. */
const ON_NODE = [
  "test/cli/**",
  "test/demo/**",
  "test/dev/**",
  "test/docs/**",
  "test/eml/**",
  "test/house/**",
  "test/integrations/**",
  "test/bench/**",
  "test/marketo/client/**",
  "test/faults/process/**",
  "test/archive/full/**",
];

/** Each runs wrangler a dozen times. */
const DEPLOYS = "test/cli/cloudflare/*.test.ts";

/** The files that take longest, the longest of each project first; `open-gate` waits for leases to end. */
const LONGEST = [
  ...["test/conformance/model", "test/tracking/open-gate", "test/faults/extracts.test", "test/archive/same-answers"],
  ...["test/archive/races", "test/archive/message-races", "test/archive/erasing"],
  ...["test/demo/demo", "test/dev/dev", "test/docs/examples", "test/faults/process/killed", "test/dev/local-worker"],
  ...["deploy", "refusals", "checkout", "failures"].map((name) => `test/cli/cloudflare/${name}`),
  ...["test/package/backup", "test/package/deploy", "test/cli/cloudflare/backup", "test/cli/cloudflare/terminal"],
  ...["test/package/languages", "test/package/quick-start"],
];

/**
 * Begins with the files that take longest, so that none is left alone at the end. Without it the largest come first
 * until vitest has seen how long each takes, as in every clean checkout.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((path) => moduleId.startsWith(here(path)));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

/** How long random tests run; see test/fuzz.ts. */
const provide = { fuzz: process.env.FUZZ === undefined ? undefined : Number(process.env.FUZZ) };

/** Linux's file system in memory. A container may have too little of it. */
const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 * 1024 ** 3;

/** Workers under test keep their storage in a temporary folder. On a disk they wait for it at each transaction. */
if (existsSync(MEMORY) && freeBytes(MEMORY) >= ENOUGH_BYTES) process.env.TMPDIR ??= MEMORY;

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Where Node keeps what it compiled: the tests start many processes of the same programs. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/node", import.meta.url));

await prepareAssets();

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** wrangler.toml as miniflare's options. Imported here, because wrangler takes a second that other projects save. */
const configured = async () =>
  (await import("./src/dev/wrangler-config.ts")).readWranglerConfig(here(".")).workerOptions;

export default defineConfig({
  // Vite warns of packages whose source maps name sources that they do not contain.
  logLevel: "error",
  test: {
    // Failures and a summary. What the Worker writes to the console is shown for tests that fail.
    reporters: ["minimal"],
    silent: "passed-only",
    // Three even where there are two processors: half of a test is waiting.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [
          cloudflareTest(async () => ({
            main: here("src/index.ts"),
            // Without workerd's notes of exceptions that a test throws on purpose.
            verbose: false,
            // Not by `wrangler.configPath`, with which the developer's own `.dev.vars` would be read, too.
            miniflare: {
              ...(await configured()),
              // Each module and each result goes from vitest to workerd or back over a WebSocket of this machine.
              compatibilityFlags: [...((await configured()).compatibilityFlags ?? []), "no_web_socket_compression"],
              queueConsumers: {
                "waxseal-events": {
                  maxBatchSize: 100,
                  maxBatchTimeout: 0.01,
                  maxRetries: 100,
                  deadLetterQueue: "waxseal-dead-letters",
                },
                "waxseal-dead-letters": { maxBatchSize: 10, maxBatchTimeout: 0.01, maxRetries: 100 },
                "waxseal-email-events": { maxBatchSize: 100, maxBatchTimeout: 0.01, maxRetries: 100 },
              },
              bindings: {
                ...(await configured()).bindings,
                ENVIRONMENT: "development",
                TOKEN_KEYS:
                  "2:dev:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI,1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
                API_KEYS: "wxs_dev_test",
                SENDER_NAME: "Maison Lavande",
                TEST_MIGRATIONS: await readD1Migrations(here("migrations")),
              },
            },
          })),
        ],
        test: {
          name: "workers",
          provide,
          include: ["test/**/*.test.ts"],
          exclude: [...ON_NODE, "test/browser/**", "test/corpus/**", "test/package/**", "test/languages/**"],
          setupFiles: ["test/reset.ts"],
          // A runtime takes more than a second to start: files share one, and each begins with empty storage.
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A second, as by default, is too short on a busy machine.
          expect: { poll: { timeout: 60_000 } },
        },
      },
      {
        test: {
          name: "node",
          provide,
          include: ON_NODE.map((folder) => folder.replace("**", "**/*.test.ts")),
          exclude: [DEPLOYS],
          globalSetup: ["test/dev/worker-setup.ts"],
          env: { NO_COLOR: "1" },
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A second, as by default, is too short on a busy machine.
          expect: { poll: { timeout: 60_000 } },
        },
      },
      {
        test: {
          name: "languages",
          include: ["test/languages/*.test.ts"],
          globalSetup: ["test/dev/worker-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["test/dev/worker-setup.ts"],
          // A walk through every page of the dashboard takes a minute where nothing else runs.
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/*.test.ts", DEPLOYS],
          provide,
          globalSetup: ["test/package/setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          env: { NO_COLOR: "1" },
        },
      },
      {
        test: {
          name: "corpus",
          include: ["test/corpus/**/*.test.ts"],
          globalSetup: ["test/dev/worker-setup.ts"],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
