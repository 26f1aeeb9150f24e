/**
 * The Worker that a deploy has uploaded, on this machine with all that the deploy has made for it: its module and
 * bindings, the consumers of its queues, and the tables of its database.
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { onTestFinished } from "vitest";
import { unstable_splitSqlQuery } from "wrangler";
import type { AccountState } from "../cli/cloudflare/account-state.ts";

/** As wrangler gives it to Cloudflare: "Create a Queue Consumer" of its API. */
interface Consumer {
  readonly dead_letter_queue?: string;
  readonly settings: {
    readonly batch_size?: number;
    readonly max_wait_time_ms?: number;
    readonly max_retries?: number;
  };
}

/** @returns its origin. It ends with the test */
export async function startDeployedWorker({ versions, queues, databases, runtime }: AccountState): Promise<string> {
  const [version, database] = [versions.at(-1), databases[0]];
  if (version === undefined || database === undefined) throw new Error("nothing was deployed");
  const queueConsumers = Object.fromEntries(
    queues.flatMap(({ queue_name, consumers }) => consumers.map((each) => [queue_name, optionsOf(each as Consumer)])),
  );
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: "127.0.0.1", port: 0, cf: false, log: new Log(LogLevel.NONE), telemetry: { enabled: false } },
      handleStructuredLogs: () => undefined,
      workers: [{ ...version.options, name: "waxseal", queueConsumers }],
    }),
  );
  onTestFinished(() => miniflare.dispose());
  const { origin } = await miniflare.ready;
  const d1 = await miniflare.getD1Database("DB");
  const statements = unstable_splitSqlQuery(await runtime.dump(database.uuid));
  await d1.batch(statements.map((statement) => d1.prepare(statement)));
  return origin;
}

function optionsOf({ dead_letter_queue: deadLetterQueue, settings }: Consumer) {
  const { batch_size: maxBatchSize, max_wait_time_ms: waitMs = 0, max_retries: maxRetries } = settings;
  return {
    ...(maxBatchSize === undefined ? {} : { maxBatchSize }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
    maxBatchTimeout: waitMs / 1_000,
  };
}
