/** wrangler.toml in miniflare's options. */
import { join } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

/** Named here and not in the call, because wrangler's type leaves `envFiles` out. */
const WITHOUT_DEV_VARS = { overrides: {}, envFiles: [".no-such-file"] };

/** `root` is the folder of wrangler.toml. `.dev.vars` is not read. */
export function readWranglerConfig(root: string) {
  const config = unstable_readConfig({ config: join(root, "wrangler.toml") });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, undefined, WITHOUT_DEV_VARS);
  return { config, workerOptions };
}
