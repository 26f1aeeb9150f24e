/** Another version of Waxseal. */
import { cp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PACKED_WORKER } from "../../../src/cli/deploy/config.ts";

/**
 * The built Worker with further migrations.
 * @param folder beside which it is
 * @param migrations SQL by the names of files
 */
export async function buildWith(folder: string, migrations: Readonly<Record<string, string>>): Promise<string> {
  const build = join(dirname(folder), "build");
  await cp(PACKED_WORKER, build, { recursive: true });
  for (const [name, sql] of Object.entries(migrations)) await writeFile(join(build, "migrations", name), sql);
  return build;
}
