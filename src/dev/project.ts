/** The folder of this checkout of Waxseal. */
import { fileURLToPath } from "node:url";

/** The folder of wrangler.toml, without a slash at the end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
