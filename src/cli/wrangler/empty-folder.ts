/** A folder in which wrangler finds no configuration but an empty one. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs `work` with such a folder, which is deleted then. wrangler looks for a configuration upwards from where it runs,
 * and an account that it names there beats CLOUDFLARE_ACCOUNT_ID.
 */
export async function inEmptyFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-wrangler-"));
  try {
    await writeFile(join(folder, "wrangler.json"), "{}\n");
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
