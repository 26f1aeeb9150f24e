/**
 * Applies migrations/ to a local D1 as `wrangler d1 migrations apply` does: in the order of their names, each once,
 * noted in the same table, so that each can continue where the other stopped.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { readWranglerConfig } from "./wrangler-config.ts";

export type LocalD1 = Awaited<ReturnType<Miniflare["getD1Database"]>>;

const APPLIED = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`;

export async function applyMigrations(d1: LocalD1, folder: string): Promise<void> {
  await d1.prepare(APPLIED).run();
  const { results } = await d1.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const name of files) {
    if (applied.has(name)) continue;
    // The whole file in one call, which the local D1 takes: a call from Node takes as long as ten statements.
    await d1.batch([
      d1.prepare(await readFile(join(folder, name), "utf8")),
      d1.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}

/** Migrates the D1 that `wrangler dev` opens: `root` is the folder of wrangler.toml, `state` wrangler's. */
export async function migrateStoredDatabase(root: string, state: string): Promise<void> {
  // wrangler's type leaves out the names of these options.
  const d1Databases = readWranglerConfig(root).workerOptions.d1Databases as Record<string, string>;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default {}",
      d1Databases,
      resourcePersistencePath: join(state, "v3"),
    }),
  );
  try {
    await applyMigrations(await miniflare.getD1Database("DB"), join(root, "migrations"));
  } finally {
    await miniflare.dispose();
  }
}
