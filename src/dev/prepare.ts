/** wrangler.toml's [build]: makes what a fresh checkout lacks before a local start. A deploy needs nothing of it. */
import { firstRun } from "./first-run.ts";

// wrangler tells its [build] command what it builds for: dev, deploy, versions upload, …
if ((process.env.WRANGLER_COMMAND ?? "dev") === "dev") await firstRun();
