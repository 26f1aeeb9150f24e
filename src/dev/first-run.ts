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
  /** Where `wrangler dev` keeps its state. Default: `.wrangler/state` */
  readonly persistTo?: string | undefined;
  /** Called with a sentence for each thing done. */
  readonly say?: (sentence: string) => void;
}

export async function firstRun({
  root = projectRoot,
  persistTo = join(root, ".wrangler", "state"),
  say = console.log,
}: FirstRunOptions = {}): Promise<void> {
  const made = await completeDevVars(join(root, ".dev.vars"));
  if (made.length > 0) say(`Made development secrets in .dev.vars: ${made.join(", ")}.`);
  if (await migrateLocalDatabase(root, persistTo)) say("Migrated the local database.");
}
