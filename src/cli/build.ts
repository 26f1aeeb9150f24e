/**
 * `npm run build`: dist/waxseal.js, the library, and dist/cli.js, the `waxseal` command, each one file beside the
 * dependencies of package.json, and dist/types for TypeScript.
 */
import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { projectRoot } from "./project.ts";

const dist = join(projectRoot, "dist");

await Promise.all([
  build({
    entryPoints: { waxseal: join(projectRoot, "src/waxseal.ts"), cli: join(projectRoot, "src/cli/main.ts") },
    outdir: dist,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  }),
  writeTypes(),
]);
await chmod(join(dist, "cli.js"), 0o755);

async function writeTypes(): Promise<void> {
  const tsc = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const emit = [
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    join(dist, "types"),
    "--rootDir",
    "src",
  ];
  const as = [
    "--ignoreConfig",
    "--strict",
    "--target",
    "es2024",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
  ];
  const found = [
    "--rewriteRelativeImportExtensions",
    "--lib",
    "es2024,webworker",
    "--skipLibCheck",
    "--types",
    "",
  ];
  await promisify(execFile)(process.execPath, [tsc, ...emit, ...as, ...found, "src/waxseal.ts"], {
    cwd: projectRoot,
  });
}
