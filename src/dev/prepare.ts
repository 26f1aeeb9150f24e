/**
 * wrangler.toml's [build]: prepares the OpenAPI document and its page, the dashboard's files, and the first local run
 * of a fresh checkout, which a deploy does not need.
 */
import { firstRun } from "./first-run.ts";
import { prepareAssets } from "./prepare-assets.ts";
import { PERSIST_TO } from "./project.ts";

await prepareAssets();
// wrangler names the command that it builds for: dev, deploy, versions upload, …
if ((process.env.WRANGLER_COMMAND ?? "dev") === "dev") await firstRun({ persistTo: process.env[PERSIST_TO] });
