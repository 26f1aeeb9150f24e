/**
 * What a fresh checkout lacks before the Worker can run on a developer's machine: secrets in `.dev.vars`, a migrated
 * local D1. Runs before every local start; the second run takes milliseconds.
 */
import { join } from "node:path";
import { completeDevVars } from "../cli/dev-vars.ts";
import { migrateLocalDatabase } from "./local-database.ts";
import { projectRoot } from "./project.ts";

export interface FirstRunOptions {
  readonly root?: string;
  /** Where `wrangler dev` keeps its state. */
  readonly persistTo?: string | undefined;
  readonly signal?: AbortSignal;
  /** Called with a sentence for each thing done. */
  readonly say?: (sentence: string) => void;
}

export async function firstRun(options: FirstRunOptions = {}): Promise<void> {
  const { root = projectRoot, persistTo, signal, say = console.log } = options;
  const made = await completeDevVars(join(root, ".dev.vars"));
  if (made.length > 0) say(`Made development secrets in .dev.vars: ${made.join(", ")}.`);
  if (await migrateLocalDatabase({ root, persistTo, signal })) say("Migrated the local database.");
}
