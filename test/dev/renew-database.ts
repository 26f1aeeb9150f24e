/** A new D1 for a Worker that runs: what tests after each other need, and half a second cheaper than another Worker. */
import { join } from "node:path";
import { applyMigrations } from "../../src/dev/local-migrations.ts";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { projectRoot } from "../../src/dev/project.ts";

/** Leaves what Durable Objects hold: of each message, that it has been opened. */
export async function renewDatabase(worker: LocalWorker): Promise<void> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
    )
    .all<{ name: string }>();
  await d1.batch(results.map(({ name }) => d1.prepare(`DROP TABLE "${name}"`)));
  await applyMigrations(d1, join(projectRoot, "migrations"));
}
