/**
 * `npm run build:worker`: the Worker as files that are deployed without a compiler, in dist/worker. They are what
 * `wrangler deploy` would upload from this checkout: the module, the static assets, the migrations, and wrangler.json,
 * which is wrangler.toml without what only builds it. Guarantees that dist/worker is whole or not there.
 */
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { experimental_readRawConfig } from "wrangler";
import { bundledLicenses } from "./bundled-licenses.ts";
import { projectRoot } from "./project.ts";
import { bundleWorker, WORKER } from "./worker-bundle.ts";

/** It names a file that is not packed. */
const SOURCE_MAP = /\n\/\/# sourceMappingURL=.*\n?$/;

export async function packWorker(): Promise<void> {
  const folder = join(projectRoot, "dist", "worker");
  const unfinished = `${folder}.${process.pid}`;
  try {
    await mkdir(unfinished, { recursive: true });
    const { script, inputs } = await bundleWorker(WORKER, "production");
    await Promise.all([
      writeFile(join(unfinished, "index.js"), script.replace(SOURCE_MAP, "")),
      writeFile(join(unfinished, "licenses.txt"), bundledLicenses(inputs)),
      writeFile(join(unfinished, "wrangler.json"), `${JSON.stringify(packedConfig(), null, 2)}\n`),
      cp(join(projectRoot, "assets"), join(unfinished, "assets"), { recursive: true }),
      cp(join(projectRoot, "migrations"), join(unfinished, "migrations"), {
        recursive: true,
        // drizzle-kit's notes, which it makes the next migration from.
        filter: (path) => !path.endsWith("meta"),
      }),
    ]);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** wrangler.toml for a module that is built. */
function packedConfig(): object {
  const { rawConfig } = experimental_readRawConfig({ config: join(projectRoot, "wrangler.toml") });
  const { build: _build, minify: _minify, keep_names: _names, upload_source_maps: _maps, ...config } = rawConfig;
  return { ...config, main: "index.js", no_bundle: true, find_additional_modules: false };
}

if (import.meta.main) await packWorker();
