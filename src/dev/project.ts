/** This checkout of Waxseal, and the wrangler in it. */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of wrangler.toml, without a slash at the end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** wrangler's entry point. Run with the Node that runs this process. */
export const WRANGLER = join(projectRoot, "node_modules", "wrangler", "bin", "wrangler.js");

/** The environment variable in which `npm run dev` passes to [build] where `--persist-to` keeps the database. */
export const PERSIST_TO = "WAXSEAL_PERSIST_TO";

/** wrangler.toml's [build] says "node": that must be the Node of this process, not an older one of the system's. */
export function wranglerEnvironment(added: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`, ...added };
}
