/**
 * wrangler.toml's [build]: writes the module that wrangler takes. Before every local start, and again whenever a file of src/ changes, it
 * makes what a fresh checkout lacks as well; see first-run.ts.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle, WORKER } from "./bundle.ts";
import { firstRun } from "./first-run.ts";
import { projectRoot } from "./project.ts";

// wrangler tells its [build] command what it builds for: dev, deploy, versions upload, …
const local = (process.env.WRANGLER_COMMAND ?? "dev") === "dev";
if (local) await firstRun();

const folder = join(projectRoot, "dist", "worker");
const { script, sourceMap } = await bundle(WORKER, { deployed: !local });
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "index.js.map"), sourceMap);
await writeFile(join(folder, "index.js"), `${script}\n//# sourceMappingURL=index.js.map\n`);
