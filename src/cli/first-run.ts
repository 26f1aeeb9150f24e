/**
 * What a fresh checkout lacks before the Worker can run on a developer's machine: secrets in `.dev.vars`, a migrated local
 * D1. wrangler.toml's [build] runs this file before every local start, a second time in milliseconds. A deploy gets none
 * of it.
 */
import { join } from "node:path";
import { completeDevVars } from "./dev-vars.ts";
import { migrateLocalDatabase } from "./local-database.ts";
import { projectRoot } from "./project.ts";

export interface FirstRunOptions {
  readonly root?: string;
  /** Where `wrangler dev` keeps its state. */
  readonly persistTo?: string | undefined;
  readonly signal?: AbortSignal;
  /** Gets a sentence for each thing done. */
  readonly say?: (sentence: string) => void;
}

export async function firstRun(options: FirstRunOptions = {}): Promise<void> {
  const { root = projectRoot, persistTo, signal, say = console.log } = options;
  const made = await completeDevVars(join(root, ".dev.vars"));
  if (made.length > 0) say(`Made development secrets in .dev.vars: ${made.join(", ")}.`);
  if (await migrateLocalDatabase({ root, persistTo, signal })) say("Migrated the local database.");
}

// wrangler tells its [build] command what it builds for: dev, deploy, versions upload, …
const builtFor = process.env.WRANGLER_COMMAND ?? "dev";
if (import.meta.main && builtFor === "dev") await firstRun();
