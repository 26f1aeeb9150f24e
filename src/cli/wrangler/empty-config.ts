/** A configuration of wrangler that says nothing. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs `work` with the path of such a file, which is deleted then. Without one wrangler looks upwards from where it
 * runs, and an account that a configuration there names beats CLOUDFLARE_ACCOUNT_ID.
 */
export async function withEmptyConfig<Answer>(work: (config: string) => Promise<Answer>): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-wrangler-"));
  try {
    const config = join(folder, "wrangler.json");
    await writeFile(config, "{}\n");
    return await work(config);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
