/** Where this checkout of Waxseal stands on the disk. */
import { fileURLToPath } from "node:url";

/** The folder of wrangler.toml, without a slash at the end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
