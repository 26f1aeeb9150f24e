/**
 * The Worker's module as `wrangler deploy` makes it, for the local Worker of the demo, the benchmarks and the tests.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot, WRANGLER, wranglerEnvironment } from "./project.ts";

/** The Worker's module, relative to the project's root. */
export const WORKER = "src/index.ts";

const bundles = new Map<string, Promise<string>>();

/**
 * The text of one ES module with everything that `main` imports. Made once a process.
 * @param main a module's path; relative paths start at the project's root
 * @param environment what `process.env.NODE_ENV` stands for: "Try it" is left out of "production"
 */
export function bundleWorker(main: string, environment: "production" | "development"): Promise<string> {
  const key = `${environment} ${main}`;
  const made = bundles.get(key) ?? bundle(main, environment);
  bundles.set(key, made);
  return made;
}

async function bundle(main: string, environment: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-worker-"));
  try {
    await promisify(execFile)(process.execPath, [WRANGLER, "deploy", main, "--dry-run", "--outdir", folder], {
      cwd: projectRoot,
      env: wranglerEnvironment({
        NODE_ENV: environment,
        WRANGLER_LOG: "error",
        // With its banner wrangler starts a process that looks for updates and outlives it.
        WRANGLER_HIDE_BANNER: "true",
        CI: "true",
      }),
    });
    return await readFile(join(folder, `${basename(main).replace(/\.tsx?$/, "")}.js`), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
