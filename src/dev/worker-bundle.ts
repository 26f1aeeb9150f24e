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

export interface WorkerBundle {
  /** The text of one ES module with everything that `main` imports. */
  readonly script: string;
  /** The files that it is made of: paths relative to the project's root. */
  readonly inputs: readonly string[];
}

type Environment = "production" | "development";

const bundles = new Map<string, Promise<WorkerBundle>>();

/**
 * Bundles a module once a process, or again after it has failed. Prepares assets/ as well, by wrangler.toml's [build].
 * @param main a module's path; relative paths start at the project's root
 * @param environment what `process.env.NODE_ENV` stands for: "Try it" is left out of "production"
 */
export async function bundleWorker(main: string, environment: Environment): Promise<WorkerBundle> {
  const key = `${environment} ${main}`;
  const made = bundles.get(key) ?? bundle(main, environment);
  bundles.set(key, made);
  try {
    return await made;
  } catch (error) {
    if (bundles.get(key) === made) bundles.delete(key);
    throw error;
  }
}

async function bundle(main: string, environment: Environment): Promise<WorkerBundle> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-worker-"));
  const metafile = join(folder, "metafile.json");
  const options = ["--dry-run", "--outdir", folder, "--metafile", metafile];
  try {
    await promisify(execFile)(process.execPath, [WRANGLER, "deploy", main, ...options], {
      cwd: projectRoot,
      env: wranglerEnvironment({
        NODE_ENV: environment,
        WRANGLER_LOG: "error",
        // With its banner wrangler starts a process that looks for updates and outlives it.
        WRANGLER_HIDE_BANNER: "true",
        CI: "true",
      }),
    });
    const script = await readFile(join(folder, `${basename(main).replace(/\.tsx?$/, "")}.js`), "utf8");
    const { inputs } = JSON.parse(await readFile(metafile, "utf8"));
    return { script, inputs: Object.keys(inputs) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
