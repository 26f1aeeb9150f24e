/**
 * The dashboard's static files: its style sheet and its script, each one file, made from the sources of src/web,
 * src/dashboard and src/browser to where wrangler.toml's [assets] serves them. Takes some 20 ms.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { projectRoot } from "./project.ts";
import { replaceFile } from "./replace-file.ts";

const SOURCES = { app: "src/dashboard/app.css", script: "src/browser/app.ts" } as const;

/** `root` is the folder of wrangler.toml. A file is written only when it changes: `wrangler dev` watches it. */
export async function prepareDashboardFiles(root = projectRoot): Promise<void> {
  const to = join(root, "assets", "app", "assets");
  const { outputFiles } = await build({
    entryPoints: [
      { in: join(projectRoot, SOURCES.app), out: "app" },
      { in: join(projectRoot, SOURCES.script), out: "app" },
    ],
    outdir: to,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  const icon = { path: join(to, "icon.svg"), contents: await readFile(join(projectRoot, "src", "web", "icon.svg")) };
  await Promise.all([...outputFiles, icon].map(({ path, contents }) => writeChanged(root, path, contents)));
}

async function writeChanged(root: string, path: string, contents: Uint8Array): Promise<void> {
  const there = await readFile(path).catch(() => undefined);
  if (there?.equals(contents) === true) return;
  await replaceFile(root, path, (temporary) => writeFile(temporary, contents));
}
