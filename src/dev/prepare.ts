/** wrangler.toml's [build]: prepares the first local run of a fresh checkout. A deploy does not need it. */
import { firstRun } from "./first-run.ts";

// wrangler names the command that it builds for: dev, deploy, versions upload, …
if ((process.env.WRANGLER_COMMAND ?? "dev") === "dev") await firstRun();
