/** wrangler.toml's [build]: prepares the first local run of a fresh checkout. A deploy does not need it. */
import { firstRun } from "./first-run.ts";
import { PERSIST_TO } from "./project.ts";

// wrangler names the command that it builds for: dev, deploy, versions upload, …
if ((process.env.WRANGLER_COMMAND ?? "dev") === "dev") await firstRun({ persistTo: process.env[PERSIST_TO] });
